"""What got better and what got worse since an earlier run, figure by figure and case by case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evals.measures import flatten, measure
from evals.record import Run
from evals.score import Result

LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Move:
    """A figure that moved; `gain` is above 0 when that is for the better."""

    name: str
    before: float
    after: float
    gain: float


# What a score counts when a case has become better in one way and worse in another; others count 1.
WEIGHTS = {"runs": 9, "verdict": 3, "decision": 3, "function": 3, "constraints": 3, "kept": 2, "gone": 2, "rules": 2}


@dataclass(frozen=True, slots=True)
class CaseMove:
    """A case of which scores moved, then and now; `gain` weighs them and is above 0 when it is for the better."""

    scores: tuple[str, ...]
    before: Result
    after: Result
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All moves between two runs. `only_before` and `only_after` count cases that just one of them has."""

    about: Mapping[str, object]
    figures: list[Move]
    better: list[CaseMove]
    worse: list[CaseMove]
    only_before: int
    only_after: int


def compare(before: Run, after: Run) -> Comparison:
    """Set a run beside an earlier one. Figures of speed and of samples of another size are compared as they are."""
    old, new = flatten(before.figures), flatten(after.figures)
    moves = []
    for name in new:
        if name in old and abs(new[name] - old[name]) > LEAST and measure(name).better:
            moves.append(Move(name, old[name], new[name], (new[name] - old[name]) * measure(name).better))
    # a case whose words have changed since is another case
    then = {(r.part, r.id, r.text): r for r in before.results}
    now = {(r.part, r.id, r.text): r for r in after.results}
    cases = [move for key in now if key in then and (move := _case(then[key], now[key]))]
    better = sorted((c for c in cases if c.gain > 0), key=lambda c: -c.gain)
    worse = sorted((c for c in cases if c.gain <= 0), key=lambda c: c.gain)
    return Comparison(before.about, moves, better, worse, len(then.keys() - now.keys()), len(now.keys() - then.keys()))


def _case(then: Result, now: Result) -> CaseMove | None:
    """Give the move of a case: over the scores that both runs have, or that one lacks because it raised an error."""
    if ("runs" in then.scores) != ("runs" in now.scores):
        crashed = "runs" in now.scores
        return CaseMove((), then, now, -WEIGHTS["runs"] if crashed else WEIGHTS["runs"])
    gains = {n: now.scores[n].value - then.scores[n].value for n in now.scores if n in then.scores}
    moved = tuple(n for n, gain in gains.items() if abs(gain) > LEAST)
    return CaseMove(moved, then, now, sum(WEIGHTS.get(n, 1) * gains[n] for n in moved)) if moved else None
