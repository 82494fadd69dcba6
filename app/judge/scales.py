"""From the network's logits to probabilities and decisions: what judge.json holds besides the order of outputs.

Training measures these on voices that the network has not seen; the judge reads them back. Both call `decide`, for
wishes `refuse`, so the published figures are figures of what the product does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.judge.data import STOP, Labels

HIGHEST = 3  # with one more or fewer the figures on other voices are the same


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), safe for any x."""
    return 1 / (1 + math.exp(-x)) if x > -60 else 0.0


def softmax(row: Sequence[float]) -> list[float]:
    """Shares of e^x in their sum."""
    top = max(row)
    weights = [math.exp(x - top) for x in row]
    total = sum(weights)
    return [w / total for w in weights]


def features(labels: Labels, logits: Sequence[float]) -> list[float]:
    """What the calibration weighs: every logit (one a rule, then stop), and the highest ones of blocking rules."""
    row = [float(x) for x in logits]
    blocking = [x for rule, x in zip(labels.rules, row) if rule in labels.blocking]
    return row + sorted(blocking, reverse=True)[:HIGHEST]


@dataclass(frozen=True, slots=True)
class Scales:
    """Calibration and thresholds of one trained judge.

    `rules[r]`, r a rule or "stop", holds a weight for each of `features` and then a constant:
    P(r) = sigmoid(weights · features + constant), so that a rule is believed less in a post that looks fine as a
    whole, or in which another rule explains the words better. `thresholds[r]` is (surely, worth a second look).
    `entry` is (a, c) for all entries, `answer` the temperature of the five-way answer.
    """

    labels: Labels
    rules: Mapping[str, tuple[float, ...]]
    thresholds: Mapping[str, tuple[float, float]]
    entry: tuple[float, float] = (1.0, 0.0)
    answer: float = 1.0

    def probabilities(self, logits: Sequence[float]) -> dict[str, float]:
        """Calibrated probability of each rule and of "stop" for one post's logits (one a rule, then stop)."""
        seen = (*features(self.labels, logits), 1.0)
        return {name: sigmoid(sum(w * x for w, x in zip(weights, seen, strict=True))) for name, weights in self.rules.items()}

    def decide(self, probabilities: Mapping[str, float]) -> dict[str, str]:
        """Which rules are found, "surely" or worth a second "look".

        The stop output has the last word on the rules that block a post: below its threshold they are at most worth
        a look, and at or above it the likeliest of them is sure even when it misses its own threshold.
        """
        blocking = [r for r in self.labels.blocking if r in probabilities]
        stopped = probabilities.get(STOP, 0.0) >= self.thresholds[STOP][0]
        found = {}
        for rule in self.labels.rules:
            if rule in probabilities:
                surely, look = self.thresholds[rule]
                if probabilities[rule] >= surely and (stopped or rule not in self.labels.blocking):
                    found[rule] = "surely"
                elif probabilities[rule] >= look:
                    found[rule] = "look"
        if stopped and blocking and "surely" not in (found.get(r) for r in blocking):
            found[max(blocking, key=lambda r: probabilities[r])] = "surely"
        return found

    def refuse(self, probabilities: Mapping[str, float]) -> dict[str, str]:
        """The likeliest rule that a wish breaks, "surely"; nothing when it misses its threshold, or "stop" misses its own.

        `probabilities` holds "stop" and the rules that bind wishes.
        """
        rules = {rule: p for rule, p in probabilities.items() if rule != STOP}
        likeliest = max(rules, key=rules.get, default=STOP)
        refused = rules and all(probabilities[name] >= self.thresholds[name][0] for name in (STOP, likeliest))
        return {likeliest: "surely"} if refused else {}

    def question(self, logits: Sequence[float]) -> tuple[dict[str, float], dict[str, float]]:
        """Calibrated probability of each entry, and of each answer (these add up to 1)."""
        a, c = self.entry
        count = len(self.labels.entries)
        entries = {e: sigmoid(a * float(x) + c) for e, x in zip(self.labels.entries, logits[:count])}
        shares = softmax([float(x) / self.answer for x in logits[count:]])
        return entries, dict(zip(self.labels.answers, shares))


def to_json(scales: Scales) -> dict:
    """The part of judge.json that `from_json` reads."""
    known = scales.labels
    return {"rules": list(known.rules), "blocking": list(known.blocking), "entries": list(known.entries),
            "answers": list(known.answers),
            "calibration": {name: [round(x, 5) for x in weights] for name, weights in scales.rules.items()},
            "thresholds": {name: [round(x, 4) for x in pair] for name, pair in scales.thresholds.items()},
            "entry_calibration": [round(x, 4) for x in scales.entry], "answer_temperature": round(scales.answer, 4)}


def from_json(held: Mapping) -> Scales:
    """Scales of a judge.json. Raises KeyError, TypeError or ValueError when it is not complete."""
    known = Labels(*(tuple(held[name]) for name in ("rules", "blocking", "entries", "answers")))
    names = (*known.rules, STOP)
    a, c = held["entry_calibration"]
    count = len(features(known, [0.0] * len(names))) + 1
    if any(len(held["calibration"][name]) != count for name in names):
        raise ValueError(f"an output's calibration needs {count} numbers")
    return Scales(known, {n: tuple(map(float, held["calibration"][n])) for n in names},
                  {n: tuple(map(float, held["thresholds"][n])) for n in names}, (float(a), float(c)),
                  float(held["answer_temperature"]))
