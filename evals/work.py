"""Runs one kind of case after the other: timed, in the order of the file, with a progress bar on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from evals.score import Result, Score

Case = TypeVar("Case")


class Bar:
    """A progress bar on standard error; where that is no terminal, one line when a row is done."""

    def __init__(self) -> None:
        self._moves = sys.stderr.isatty()
        self._label, self._total, self._done, self._began = "", 0, 0, 0.0

    def start(self, label: str, total: int) -> None:
        """Begin a row of `total` steps."""
        self._label, self._total, self._done, self._began = label, total, 0, time.monotonic()
        self._draw()

    def step(self) -> None:
        """Say that one more is done."""
        self._done += 1
        self._draw()

    def end(self) -> None:
        """Leave the row as it stands and begin a new line."""
        if self._moves:
            print(file=sys.stderr)
        else:
            print(f"{self._label}: {self._done} in {time.monotonic() - self._began:.0f} s", file=sys.stderr, flush=True)

    def _draw(self) -> None:
        if not self._moves:
            return
        share = self._done / self._total if self._total else 1.0
        full = round(28 * share)
        spent = time.monotonic() - self._began
        left = f"{spent / share - spent:4.0f} s left" if 0 < share < 1 else f"{spent:4.0f} s     "
        print(f"\r{self._label:<12} {'█' * full}{'·' * (28 - full)} {self._done:>4}/{self._total} {left}", end="", file=sys.stderr, flush=True)


class Clock:
    """Measures calls: `with clock("check"): …` adds to `seconds`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Time the block under a name."""
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def each(part: str, cases: Sequence[Case], one: Callable[[Case], Result], text: Callable[[Case], str], bar: Bar, jobs: int) -> list[Result]:
    """Run `one` on every case, `jobs` at a time. A case that raises gets the score 'runs' 0 with the error as reason."""
    bar.start(part, len(cases))

    def guarded(case: Case) -> Result:
        try:
            result = one(case)
        except Exception as error:  # whatever the product raises is a finding about the product
            why = f"{type(error).__name__}: {error}"
            result = Result(part, case.id, text(case), {"runs": Score(0.0, why)})
        bar.step()
        return result

    if jobs > 1:
        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(guarded, cases))
    else:
        results = [guarded(case) for case in cases]
    bar.end()
    return results
