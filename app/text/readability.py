"""How hard a text is to read: its words, and the Flesch-Kincaid grade.

Kincaid, Fishburne, Rogers and Chissom, "Derivation of new readability formulas", Research Branch Report 8-75 (1975):
0.39 words per sentence + 11.8 syllables per word - 15.59. The formula is made for English prose of some length; for a
short post or another language it is a rough hint.
"""

from __future__ import annotations

import re

from app.text.entities import mask
from app.text.sentences import sentences

# No reading matter: a link is not read word by word, nor is code.
_NOT_PROSE = ("url", "email", "handle", "hashtag", "code")
_WORD = re.compile(r"[^\W\d_][\w\u0300-\u036f]*+(?:['’-][^\W_][\w\u0300-\u036f]*+)*+")
_VOWELS = re.compile(r"[aeiouyáàâäãåéèêëíìîïóòôöõøúùûüœæ]+", re.IGNORECASE)
# A final e is silent but for "-le" behind a consonant (table); so is the e of most -ed and -es.
_SILENT = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e\Z|[^aeiouydt]ed\Z|[^aeiouysxzhgc]es\Z", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Give the words of `text` in order: runs of letters, with apostrophes and hyphens inside.

    Links, addresses, handles, hashtags and code are left out.
    """
    return _WORD.findall(mask(text, _NOT_PROSE))


def syllables(word: str) -> int:
    """Estimate the syllables of an English word: its groups of vowels, a silent e left out, at least one."""
    count = len(_VOWELS.findall(word))
    return max(1, count - bool(_SILENT.search(word)))


def reading_grade(text: str) -> float:
    """Give the US school grade that `text` asks for; 0.0 for a text without words, never below 0."""
    prose = mask(text, _NOT_PROSE)
    found = _WORD.findall(prose)
    if not found:
        return 0.0
    lines = sum(1 for start, end in sentences(prose) if _WORD.search(prose, start, end))
    grade = 0.39 * len(found) / lines + 11.8 * sum(map(syllables, found)) / len(found) - 15.59
    return max(0.0, grade)
