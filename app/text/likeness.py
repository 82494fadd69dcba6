"""How likely one word was meant when another was written: an edit distance that weighs slips by how common they are.

After the observation that most misspellings are one slip (an insertion, omission, substitution or transposition:
F. J. Damerau, "A technique for computer detection and correction of spelling errors", 1964), and that vowels and
doubled letters are confused more readily than others. The weights are ours.
"""

from __future__ import annotations

_SOUNDS_ALIKE = (
    frozenset("aeiouyw"),
    frozenset("ckqs"),
    frozenset("sz"),
    frozenset("td"),
    frozenset("gj"),
    frozenset("fv"),
    frozenset("mn"),
)
_FULL, _LIGHT, _LIGHTEST = 1.0, 0.6, 0.4


def cost(written: str, meant: str) -> float:
    """Give the cost of the slips that turn `meant` into `written`: 0.0 when alike but for case, ' and -, 1.0 a full slip."""
    one, two = (word.casefold().replace("'", "").replace("’", "").replace("-", "") for word in (written, meant))
    rows = [[0.0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        rows[i][0] = rows[i - 1][0] + _single(one, i)
    for j in range(1, len(two) + 1):
        rows[0][j] = rows[0][j - 1] + _single(two, j)
    for i in range(1, len(one) + 1):
        for j in range(1, len(two) + 1):
            best = min(
                rows[i - 1][j] + _single(one, i),
                rows[i][j - 1] + _single(two, j),
                rows[i - 1][j - 1] + _swap(one[i - 1], two[j - 1]),
            )
            if i > 1 and j > 1 and one[i - 1] == two[j - 2] and one[i - 2] == two[j - 1]:
                best = min(best, rows[i - 2][j - 2] + _LIGHT)
            rows[i][j] = best
    # The same letters in another order ("amazign") are nearly always the word meant.
    return min(rows[-1][-1], _FULL) if one != two and sorted(one) == sorted(two) else rows[-1][-1]


def _single(word: str, at: int) -> float:
    """The cost of the letter before `at` being there or not."""
    letter = word[at - 1]
    if word[at - 2 : at - 1] == letter or word[at : at + 1] == letter:
        return _LIGHTEST
    return _LIGHT if letter in "aeiouh" else _FULL


def _swap(one: str, two: str) -> float:
    if one == two:
        return 0.0
    return _LIGHT if any(one in group and two in group for group in _SOUNDS_ALIKE) else _FULL
