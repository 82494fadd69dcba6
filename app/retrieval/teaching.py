"""The texts that teach which entry a question is about: passages, help, examples that break a rule, situations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.guideline import Guideline
from app.records import ANSWERS
from app.retrieval.situations import Situation

if TYPE_CHECKING:
    import numpy as np

# A situation's first entry is the one that decides; the others come with it.
POSITION = (1.0, 0.7, 0.5)
# A post that breaks a rule shows what the rule is about, but not how people ask.
EXAMPLE = 0.7


class Teaching:
    """`texts` in the order passages, help, examples, situations.

    `votes` (texts, entries) is how much each speaks for each entry; `answers` (texts, 5) which answer it has,
    the usual shares where it has none. `first` is the row of the first situation; `passages` the passages' ids.
    """

    def __init__(self, guideline: Guideline, situations: Sequence[Situation]) -> None:
        import numpy as np

        rows: list[tuple[str, dict[str, float]]] = []
        for entry in guideline.entries.values():
            rows += [(passage.text, {entry.id: 1.0}) for passage in guideline.passages_of(entry.id)]
        self.passages = tuple(p.id for entry in guideline.entries for p in guideline.passages_of(entry))
        for entry in guideline.entries.values():
            rows.append((f"{entry.title}. {entry.help}", {entry.id: 1.0}))
        for entry in guideline.entries.values():
            rows += [(example.text, {entry.id: EXAMPLE}) for example in entry.breaks]
        self.first = len(rows)
        rows += [(s.question, dict(zip(s.rules, POSITION, strict=False))) for s in situations]
        self.texts = [text for text, _ in rows]
        column = {entry: place for place, entry in enumerate(guideline.entries)}
        self.votes = np.zeros((len(rows), len(column)), np.float32)
        for row, (_, votes) in enumerate(rows):
            for entry, weight in votes.items():
                self.votes[row, column[entry]] = weight
        self.answers = _answers(self.first, situations)


def _answers(without: int, situations: Sequence[Situation]) -> np.ndarray:
    import numpy as np

    given = np.array([[s.answer == answer for answer in ANSWERS] for s in situations], np.float32)
    given = given.reshape(len(situations), len(ANSWERS))
    usual = given.mean(axis=0) if len(situations) else np.zeros(len(ANSWERS), np.float32)
    return np.vstack([np.tile(usual, (without, 1)), given])
