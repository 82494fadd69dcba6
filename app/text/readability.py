"""How hard a text is to read: Flesch-Kincaid grade (Kincaid et al. 1975, Research Branch Report 8-75)."""

from __future__ import annotations

import re

from app.text.sentences import sentences

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyáàâäãéèêëíìîïóòôöõúùûüœæ]+", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Give the words of a text: runs of letters, with apostrophes and hyphens inside."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """Estimate the syllables of an English word: its groups of vowels, a silent e left out, at least one."""
    count = len(_VOWELS.findall(word))
    if (
        re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouysxzhg]es$", word, re.IGNORECASE)
        and count > 1
    ):
        count -= 1
    return max(1, count)


def reading_grade(text: str) -> float:
    """Give the school grade that a text asks for; 0.0 for a text without words, never below 0."""
    found = words(text)
    if not found:
        return 0.0
    lines = (
        sum(1 for start, end in sentences(text) if _WORD.search(text, start, end)) or 1
    )
    grade = (
        0.39 * len(found) / lines
        + 11.8 * sum(map(syllables, found)) / len(found)
        - 15.59
    )
    return max(0.0, grade)
