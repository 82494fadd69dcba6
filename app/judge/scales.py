"""From the network's logits to probabilities and decisions: what judge.json holds besides the order of outputs.

Training measures these on voices that the network has not seen; the judge reads them back. Both call `decide`,
so the published figures are figures of what the product does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.judge.data import STOP, Labels


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), safe for any x."""
    return 1 / (1 + math.exp(-x)) if x > -60 else 0.0


def softmax(row: Sequence[float]) -> list[float]:
    """Shares of e^x in their sum."""
    top = max(row)
    weights = [math.exp(x - top) for x in row]
    total = sum(weights)
    return [w / total for w in weights]


@dataclass(frozen=True, slots=True)
class Scales:
    """Calibration and thresholds of one trained judge.

    `rules[r]` is (a, b, c): P(r) = sigmoid(a * its logit + b * the stop logit + c), so that a rule is believed
    less in a post that looks fine as a whole. `rules["stop"]` is the same with the highest logit of a
    blocking rule in the place of the stop logit. `thresholds[r]` is (surely, worth a second look).
    `entry` is (a, c) for all entries, `answer` the temperature of the five-way answer.
    """

    labels: Labels
    rules: Mapping[str, tuple[float, float, float]]
    thresholds: Mapping[str, tuple[float, float]]
    entry: tuple[float, float] = (1.0, 0.0)
    answer: float = 1.0

    def probabilities(self, logits: Sequence[float]) -> dict[str, float]:
        """Calibrated probability of each rule and of "stop" for one post's logits (one a rule, then stop)."""
        known = dict(zip((*self.labels.rules, STOP), map(float, logits)))
        worst = max(known[rule] for rule in self.labels.blocking)
        found = {}
        for name, value in known.items():
            a, b, c = self.rules[name]
            found[name] = sigmoid(a * value + b * (worst if name == STOP else known[STOP]) + c)
        return found

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
            "calibration": {name: [round(x, 4) for x in abc] for name, abc in scales.rules.items()},
            "thresholds": {name: [round(x, 4) for x in pair] for name, pair in scales.thresholds.items()},
            "entry_calibration": [round(x, 4) for x in scales.entry], "answer_temperature": round(scales.answer, 4)}


def from_json(held: Mapping) -> Scales:
    """Scales of a judge.json. Raises KeyError, TypeError or ValueError when it is not complete."""
    known = Labels(*(tuple(held[name]) for name in ("rules", "blocking", "entries", "answers")))
    names = (*known.rules, STOP)
    a, c = held["entry_calibration"]
    return Scales(known, {n: tuple(map(float, held["calibration"][n])) for n in names},
                  {n: tuple(map(float, held["thresholds"][n])) for n in names}, (float(a), float(c)),
                  float(held["answer_temperature"]))
