"""Likeness of texts by the words and letters they share: BM25, and the cosine of weighted four-letter pieces."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Usual values of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).
K1 = 1.2
B = 0.75

_BLOCK = 2048
_STOP_WORDS = frozenset(
    """a about again all also am an and any are as at be been but by can could d dear did do does doing done dont down for
    from had has have having he hello her hi him his how i if in into is it its just ll m may me might my no not now of
    ok okay on or our out over please re s shall she should so some t than thanks that the their them then there these
    they this those to too up us ve very was we were what when where which who why will with would you your""".split()
)
_ENDINGS = ("ingly", "edly", "ations", "ation", "ings", "ing", "ers", "er", "ed", "ies", "es", "s", "ly")


def stems(text: str) -> list[str]:
    """Give the telling words of a text, in small letters, common endings cut off."""
    words = re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", ""))
    return [_stem(word) for word in words if word not in _STOP_WORDS]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def pieces(text: str) -> list[str]:
    """Give every run of four characters of a text, anything but letters and digits read as one blank."""
    line = " " + " ".join(re.findall(r"[^\W_]+", text.lower())) + " "
    return [line[i : i + 4] for i in range(len(line) - 3)]


class Bm25:
    """BM25 over the stems of a list of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        counted = [Counter(stems(text)) for text in texts]
        lengths = np.array([count.total() for count in counted], float)
        saturation = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        self._count = len(texts)
        self._postings = {}
        for stem, (rows, times) in _postings(counted).items():
            rarity = math.log(1 + (self._count - len(rows) + 0.5) / (len(rows) + 0.5))
            self._postings[stem] = rows, rarity * times * (K1 + 1) / (times + saturation[rows])

    def scores(self, text: str) -> np.ndarray:
        """Give the score of every text for this one; 0 where they share no stem."""
        return _sum(self._postings, dict.fromkeys(stems(text), 1.0), self._count)


class Pieces:
    """TF-IDF cosine over the four-letter pieces that at least two of the texts hold."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        self._count = len(texts)
        self._rarity: dict[str, float] = {}
        self._postings = {}
        squares = np.zeros(self._count)
        for piece, (rows, times) in _postings(Counter(pieces(text)) for text in texts).items():
            if len(rows) > 1:
                rarity = self._rarity[piece] = math.log((self._count + 1) / len(rows))
                weights = (1 + np.log(times)) * rarity
                self._postings[piece] = rows, weights
                squares[rows] += weights**2
        norms = np.sqrt(np.maximum(squares, 1e-12))
        for rows, weights in self._postings.values():
            weights /= norms[rows]

    def cosines(self, text: str) -> np.ndarray:
        """Give the cosine of every text with this one, 0 to 1."""
        counted = Counter(pieces(text))
        weights = {p: (1 + math.log(n)) * self._rarity[p] for p, n in counted.items() if p in self._rarity}
        norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return _sum(self._postings, {piece: weight / norm for piece, weight in weights.items()}, self._count)

    def matrix(self) -> np.ndarray:
        """Give the cosines of all texts with one another."""
        import numpy as np

        found = list(self._postings.values())
        total = np.zeros((self._count, self._count), np.float32)
        for begin in range(0, len(found), _BLOCK):
            block = np.zeros((self._count, _BLOCK), np.float32)
            for column, (rows, weights) in enumerate(found[begin : begin + _BLOCK]):
                block[rows, column] = weights
            total += block @ block.T
        return total


def _postings(counted: Iterable[Counter[str]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Give, for each term, the rows of the texts that hold it and how many times each does."""
    import numpy as np

    rows, times = defaultdict(list), defaultdict(list)
    for row, count in enumerate(counted):
        for term, number in count.items():
            rows[term].append(row)
            times[term].append(number)
    return {term: (np.array(rows[term]), np.array(times[term], float)) for term in rows}


def _sum(postings: dict[str, tuple[np.ndarray, np.ndarray]], weights: dict[str, float], count: int) -> np.ndarray:
    import numpy as np

    total = np.zeros(count)
    for term, weight in weights.items():
        if term in postings:
            rows, values = postings[term]
            total[rows] += weight * values
    return total
