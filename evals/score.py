"""What a scorer gives, and what is kept of each case: a value with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PARTS = ("posts", "questions", "bios", "functions", "retrieval")


@dataclass(frozen=True, slots=True)
class Score:
    """A value between 0 (wrong) and 1 (right), and why it is that."""

    value: float
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """One case after it has run: what went in, what was expected, what came out, and the scores.

    `shown` holds what a reader of the report needs, as plain JSON values; `seconds` the duration of each call.
    """

    part: str
    id: str
    text: str
    scores: Mapping[str, Score]
    shown: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the record of this result in a run file."""
        return asdict(self)


def from_json(record: Mapping[str, Any]) -> Result:
    """Read a result of a run file back."""
    scores = {name: Score(**score) for name, score in record["scores"].items()}
    return Result(record["part"], record["id"], record["text"], scores, record["shown"], record["seconds"])


def mean(results: list[Result], name: str) -> float | None:
    """Give the mean value of a score over the results that have it; None when none has."""
    values = [r.scores[name].value for r in results if name in r.scores]
    return sum(values) / len(values) if values else None


def some(words, most: int = 4) -> str:
    """Join words for a reason: the first few, and how many more there are."""
    words = list(words)
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
