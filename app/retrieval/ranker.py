"""What the corpus teaches: entries and answers of a new question, by kernel ridge regression.

Two texts are alike by meaning (the encoder's vectors, centred on the texts) and by letters (four-letter pieces).
Share of questions with a right entry among the first five, each voice of the situations searched with what the
others teach (`python -m app.retrieval.measure`): 0.89, against 0.84 for the votes of the nearest texts by meaning
and words, 0.80 by meaning alone, 0.72 by words alone and 0.62 for the guideline's own passages and help.
The constants below were chosen on those voices; neighbouring values give the same figures within 0.01.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.retrieval.lexical import Pieces

if TYPE_CHECKING:
    import numpy as np

SHARPNESS = 2.0
LETTERS = 0.6
RIDGE = 0.5
CONSTANTS = (SHARPNESS, LETTERS, RIDGE)


class Ranker:
    """Scores for a question, learnt from `texts`, their deep `vectors` (n, 768) and `targets` (n, outputs).

    `duals` are the learnt weights (n, outputs) of an earlier Ranker on the same material; None learns them anew.
    """

    def __init__(
        self, texts: Sequence[str], vectors: np.ndarray, targets: np.ndarray, duals: np.ndarray | None = None
    ) -> None:
        self._pieces = Pieces(texts)
        self._centre = _halves(vectors).mean(axis=0)
        self._vectors = self._centred(vectors)
        self._base = targets.mean(axis=0)
        self.duals = self._learn(targets) if duals is None else duals

    def likeness(self, text: str, vector: np.ndarray) -> np.ndarray:
        """Give how alike each text and this question are: 1 for the same words, near 0 for the farthest."""
        import numpy as np

        # Not `@`: its threads cost fifty times as much as the sum itself when other work is running.
        meaning = np.vecdot(self._vectors, self._centred(vector[None])[0])
        return _kernel(meaning, self._pieces.cosines(text))

    def scores(self, likeness: np.ndarray) -> np.ndarray:
        """Give the expected target of each output, from what `likeness` gave."""
        return likeness @ self.duals + self._base

    def _learn(self, targets: np.ndarray) -> np.ndarray:
        import numpy as np

        kernel = _kernel(self._vectors @ self._vectors.T, self._pieces.matrix())
        kernel[np.diag_indices_from(kernel)] += RIDGE
        return np.linalg.solve(kernel, (targets - self._base).astype(kernel.dtype))

    def _centred(self, vectors: np.ndarray) -> np.ndarray:
        import numpy as np

        halves = _halves(vectors) - self._centre
        halves /= np.maximum(np.linalg.norm(halves, axis=2, keepdims=True), 1e-9)
        return halves.reshape(len(vectors), -1) / 2**0.5


def _halves(vectors: np.ndarray) -> np.ndarray:
    return vectors.reshape(len(vectors), 2, -1)


def _kernel(meaning: np.ndarray, letters: np.ndarray) -> np.ndarray:
    import numpy as np

    return (np.exp(SHARPNESS * (meaning - 1)) + LETTERS * letters) / (1 + LETTERS)
