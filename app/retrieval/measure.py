"""How often the right entry is found: `python -m app.retrieval.measure [QUESTIONS.jsonl ...]`.

Each voice of the situations is searched with what the other voices teach. Each file named holds questions written
apart from the situations (`question`, `rules`, `answer`), searched with what all of them teach.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import corpus_folder, model_folder, read_text
from app.guideline import load_guideline
from app.judge.encoder import Encoder
from app.retrieval.retriever import Retriever
from app.retrieval.situations import Situation, read_situations

if TYPE_CHECKING:
    import numpy as np

PLACES = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of questions, 0 to 1: a right entry, and the first right entry, within 1, 3 and 5; the right answer.

    Entries are counted over the `inside` questions that the guideline answers, answers over all.
    """

    questions: int
    inside: int
    right: tuple[float, ...]
    first: tuple[float, ...]
    answer: float


class Remembering(Encoder):
    """An encoder that encodes a text once, however many retrievers are built on it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._deep = cache(lambda text: Encoder.encode_deep(self, [text])[0])

    def encode_deep(self, texts: Sequence[str]) -> np.ndarray:
        """As the encoder's, each text encoded once."""
        import numpy as np

        return np.array([self._deep(text) for text in texts], np.float32)


def figures(retriever: Retriever, questions: Iterable[Situation]) -> Figures:
    """Search every question and compare with its entries and its answer."""
    right, first, answered = [], [], []
    for question in questions:
        votes = retriever.answers(question.question)
        answered.append(max(votes, key=votes.__getitem__) == question.answer)
        if question.rules:
            found = [hit.entry for hit in retriever.search(question.question, PLACES[-1])]
            right.append([bool(set(found[:k]) & set(question.rules)) for k in PLACES])
            first.append([question.rules[0] in found[:k] for k in PLACES])
    return Figures(len(answered), len(right), _shares(right), _shares(first), sum(answered) / max(len(answered), 1))


def _shares(rows: list[list[bool]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def _print(name: str, measured: Figures) -> None:
    shown = [" ".join(f"{share:.3f}" for share in shares) for shares in (measured.right, measured.first)]
    print(f"{name:24} {measured.questions:5} | {shown[0]} | {shown[1]} | {measured.answer:.3f}", flush=True)


def main(files: Sequence[str]) -> None:
    """Print one line a voice, one for all voices, and one a file."""
    guideline = load_guideline(corpus_folder())
    situations = read_situations(guideline)
    encoder = Remembering(model_folder("encoder"))
    print(f"{'':24} {'n':>5} | right in 1, 3, 5  | first in 1, 3, 5  | answer")
    total = []
    for voice in sorted({s.voice for s in situations}):
        others = [s for s in situations if s.voice != voice]
        own = [s for s in situations if s.voice == voice]
        total.append(figures(Retriever(guideline, others, encoder, None), own))
        _print(f"voice {voice}", total[-1])
    _print("all voices", _together(total))
    taught = Retriever(guideline, situations, encoder, None) if files else None
    for name in files:
        rows = [json.loads(line) for line in read_text(Path(name)).splitlines()]
        _print(Path(name).name, figures(taught, [Situation(r["id"], r["question"], r["answer"], tuple(r["rules"])) for r in rows]))


def _together(parts: Sequence[Figures]) -> Figures:
    """Give the figures of all parts' questions, from those of the parts."""
    questions, inside = sum(p.questions for p in parts), sum(p.inside for p in parts)

    def mean(name: str) -> tuple[float, ...]:
        return tuple(sum(getattr(p, name)[i] * p.inside for p in parts if p.inside) / inside for i in range(len(PLACES)))

    return Figures(questions, inside, mean("right"), mean("first"), sum(p.answer * p.questions for p in parts) / questions)


if __name__ == "__main__":
    main(sys.argv[1:])
