"""From a question to the entries of the guideline that answer it.

Three opinions are added: what the corpus teaches (ranker.py, by far the strongest), the votes of the texts nearest
in meaning (Chroma), and the votes of those that share words (BM25).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.guideline import Guideline
from app.records import ANSWERS
from app.retrieval import kept, vectors
from app.retrieval.lexical import Bm25
from app.retrieval.ranker import CONSTANTS, Ranker
from app.retrieval.situations import Situation
from app.retrieval.store import Store
from app.retrieval.teaching import Teaching

if TYPE_CHECKING:
    import numpy as np

    from app.judge.encoder import Encoder

VOTERS = 40
MEANING_VOTE, MEANING_POWER = 0.02, 6
WORDS_VOTE, WORDS_POWER = 0.02, 2


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that may answer the question. `score` is about 0 to 1; `passage` is the id of its best passage."""

    entry: str
    score: float
    passage: str


@dataclass(frozen=True, slots=True)
class _Reading:
    vector: np.ndarray
    likeness: np.ndarray
    entries: np.ndarray
    answers: np.ndarray


class Retriever:
    """Searches a guideline and its situations."""

    def __init__(
        self, guideline: Guideline, situations: Sequence[Situation], encoder: Encoder, cache: Path | None
    ) -> None:
        """`cache` is the folder for what can be rebuilt; None keeps everything in memory.

        Building takes 2 to 6 ms a text that vectors.npz does not hold. Raises PresendError when the encoder cannot be read.
        """
        self._situations = situations
        self._entries = tuple(guideline.entries)
        self._teaching = Teaching(guideline, situations)
        self._encode = lambda texts: vectors.encode(texts, vectors.load(guideline.folder, encoder.fingerprint), encoder.encode_deep)
        self._encode_one = lru_cache(maxsize=64)(lambda text: encoder.encode_deep([text])[0])
        self._read = lru_cache(maxsize=64)(self._reading)
        texts = self._teaching.texts
        self._store = Store(str(guideline.folder.resolve()), encoder.fingerprint, texts, self._embed, cache)
        self._words = Bm25(texts)
        self._ranker = self._taught(cache)

    def search(self, question: str, k: int = 5) -> list[Hit]:
        """Give the `k` entries that most likely answer the question, best first."""
        reading = self._read(question)
        best = _order(reading.entries)[:k]
        return [Hit(self._entries[i], float(reading.entries[i]), self._best_passage(i, reading.vector)) for i in best]

    def neighbours(self, question: str, k: int) -> list[tuple[Situation, float]]:
        """Give the `k` situations most like the question, with their likeness (1 for the same words), best first."""
        likeness = self._read(question).likeness[self._teaching.first :]
        return [(self._situations[i], float(likeness[i])) for i in _order(likeness)[:k]]

    def answers(self, question: str) -> dict[str, float]:
        """Give what the situations suggest for each of the five answers: about its probability, not clipped to 0 to 1.

        The scores carry how often each answer occurs among the situations; all are 0 when there are none.
        """
        return dict(zip(ANSWERS, map(float, self._read(question).answers), strict=True))

    def _reading(self, question: str) -> _Reading:
        import numpy as np

        vector = self._encode_one(question)
        likeness = self._ranker.likeness(question, vector)
        learnt = self._ranker.scores(likeness)
        entries, answers = learnt[: len(self._entries)], learnt[len(self._entries) :]
        by_meaning = np.vecdot(self._store.vectors, vector)
        by_words = self._words.scores(question)
        entries = (
            entries
            + MEANING_VOTE * self._vote(self._store.nearest(question, VOTERS), by_meaning, MEANING_POWER)
            + WORDS_VOTE * self._vote(_order(by_words)[:VOTERS], by_words, WORDS_POWER)
        )
        return _Reading(vector, likeness, entries, answers)

    def _vote(self, rows: Sequence[int], scores: np.ndarray, power: int) -> np.ndarray:
        """Sum the votes of the rows, each weighted by its score to a power; the strongest entry gets 1."""
        import numpy as np

        total = np.maximum(scores[rows], 0) ** power @ self._teaching.votes[rows]
        return total / max(total.max(), 1e-12)

    def _best_passage(self, entry: int, vector: np.ndarray) -> str:
        passages = self._teaching.passages
        own = [row for row in range(len(passages)) if self._teaching.votes[row, entry]]
        return passages[max(own, key=lambda row: self._store.vectors[row] @ vector)]

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode_one(texts[0])[None] if len(texts) == 1 else self._encode(texts)

    def _taught(self, cache: Path | None) -> Ranker:
        """Learn the ranker, or take what an earlier run learnt from the same texts and targets."""
        import numpy as np

        targets = np.hstack([self._teaching.votes, self._teaching.answers])
        material = self._teaching.texts, self._store.vectors, targets
        if cache is None or not self._store.kept:
            return Ranker(*material)
        path = cache / f"{self._store.family}ranker"
        key = repr((self._store.name, CONSTANTS)).encode() + targets.tobytes()
        known = kept.load(path, key, targets.shape)
        ranker = Ranker(*material, known)
        if known is None:
            kept.save(path, key, ranker.duals)
        return ranker


def _order(scores: np.ndarray) -> np.ndarray:
    """Give the places of the scores, best first, equals in their own order."""
    import numpy as np

    return np.argsort(-scores, kind="stable")
