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


@dataclass(frozen=True, slots=True)
class CaseMove:
    """A score of a case that moved: the case then and now."""

    score: str
    before: Result
    after: Result

    @property
    def gain(self) -> float:
        """How much better the score is now."""
        return self.after.scores[self.score].value - self.before.scores[self.score].value


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
    then = {(r.part, r.id): r for r in before.results}
    now = {(r.part, r.id): r for r in after.results}
    cases = [
        CaseMove(score, then[key], now[key])
        for key in now
        if key in then
        for score in _first(now[key], then[key])
        if abs(now[key].scores[score].value - then[key].scores[score].value) > LEAST
    ]
    better = sorted((c for c in cases if c.gain > 0), key=lambda c: -c.gain)
    worse = sorted((c for c in cases if c.gain < 0), key=lambda c: c.gain)
    return Comparison(before.about, moves, better, worse, len(then.keys() - now.keys()), len(now.keys() - then.keys()))


def _first(now: Result, then: Result) -> list[str]:
    """The scores that both have."""
    return [name for name in now.scores if name in then.scores]
