"""How people really ask: the situations of a corpus, each with its answer and the entries that carry it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from app.errors import CorpusError
from app.files import read_text
from app.guideline import Guideline
from app.records import ANSWERS

NAME = "situations.jsonl"


@dataclass(frozen=True, slots=True)
class Situation:
    """A question somebody asked. `rules` are entry ids, the most important first; none when out of scope.

    `voice` names who writes like that; situations of one voice are too alike to test one another.
    """

    id: str
    question: str
    answer: str
    rules: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    draft: str | None = None
    voice: str = ""


def read_situations(guideline: Guideline) -> tuple[Situation, ...]:
    """Read situations.jsonl of the guideline's folder; an absent file is no situations.

    Raises CorpusError naming file and line when a line is not a situation or names an unknown entry.
    """
    path = guideline.folder / NAME
    if not path.exists():
        return ()
    situations = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            try:
                situations.append(_situation(json.loads(line), guideline))
            except (KeyError, TypeError, ValueError) as error:
                raise CorpusError(f"{path} line {number} is not a situation: {_reason(error)}.") from None
    return tuple(situations)


def _situation(row: dict, guideline: Guideline) -> Situation:
    situation = Situation(
        row["id"],
        row["question"],
        row["answer"],
        tuple(row["rules"]),
        tuple(row["conditions"]),
        row.get("draft"),
        row.get("voice", ""),
    )
    if not isinstance(situation.question, str):
        raise ValueError("'question' must be text")
    if situation.answer not in ANSWERS:
        raise ValueError(f"'answer' must be one of {', '.join(ANSWERS)}")
    for rule in situation.rules:
        if rule not in guideline.entries:
            raise ValueError(f"'{rule}' is neither a rule nor an advice of {guideline.folder}")
    return situation


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
