"""Spelling and clear grammar mistakes, by the harper library (offline); its opinions on style are left out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from app.text.entities import entities

_SKIPPED = ("url", "email", "handle", "hashtag", "code", "name", "reference", "phone", "emoji")
# Of harper's grammar lints, those whose message names a plain mistake.
_GRAMMAR = re.compile(r"indefinite article|rather than `?of|then.{0,12}than|than.{0,12}then|you're", re.IGNORECASE)
_LEAST_LIKE = 0.79
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misspelt word or a slip of grammar at [start, end), with better wordings, the likeliest first."""

    start: int
    end: int
    suggestions: tuple[str, ...]
    message: str


class Speller:
    """Finds mistakes in English text; British and American spellings pass, and so do the `allowed` words.

    The library's dictionary takes about 0.6 s to load: at first use, or in the background after `start`.
    """

    def __init__(self, allowed: Iterable[str] = ()):
        self._allowed = sorted(set(allowed))
        self._lock = threading.Lock()
        self._linters: tuple | None = None
        self._loading: threading.Thread | None = None

    def start(self) -> None:
        """Begin to load the dictionary in the background."""
        if self._linters is None and self._loading is None:
            self._loading = threading.Thread(target=self._load, daemon=True)
            self._loading.start()

    def _load(self) -> None:
        with self._lock:
            if self._linters is None:
                import harper

                linter = harper.Linter(harper.Dialect.BRITISH)
                linter.import_words(self._allowed)
                self._linters = (linter,)

    def mistakes(self, text: str) -> list[Mistake]:
        """Give the mistakes of a text, left to right; none for a text that is hardly English."""
        if not re.search(r"[A-Za-z]{3}", text):
            return []
        self._load()
        with self._lock:  # a linter takes one call at a time
            (linter,) = self._linters
            if len(text) > 60 and not linter.is_likely_english(text):
                return []
            lints = linter.lint(text)
        skipped = [(e.start, e.end) for e in entities(text) if e.kind in _SKIPPED] if lints else []
        found = []
        for lint in lints:
            start, end = lint.span.start, lint.span.end
            if not any(a < end and start < b for a, b in skipped):
                mistake = _mistake(text, start, end, lint)
                if mistake and not (found and found[-1].end > start):
                    found.append(mistake)
        return found


def _mistake(text: str, start: int, end: int, lint: object) -> Mistake | None:
    word = text[start:end]
    kind, message = lint.lint_kind, lint.message.replace("`", "")
    better = tuple(s.replacement_text for s in lint.suggestions if s.replacement_text)
    if kind in ("Spelling", "Typo"):
        return _misspelt(text, start, end, better)
    if kind in ("WordChoice", "Miscellaneous", "Grammar", "Agreement", "Repetition") and _GRAMMAR.search(lint.message):
        if better and len(word) + len(better[0]) > 2 and word not in ("A", "I") and "\ufffc" not in word:
            return Mistake(start, end, better[:3], message)
    return None


def _misspelt(text: str, start: int, end: int, better: tuple[str, ...]) -> Mistake | None:
    """Take a word as misspelt only when it closely resembles a known one; an unknown word may well be a name."""
    from rapidfuzz.distance import DamerauLevenshtein

    word = text[start:end]
    if not word.isalpha() or len(word) < _LEAST_LETTERS and word.casefold() not in ("teh", "hte", "adn"):
        return None
    if not word[1:].islower() or (word[0].isupper() and not _opens(text, start)):
        return None
    if re.match(r"[-'’]\w", text[end:]) or re.search(r"\w[-'’]$", text[:start]):
        return None
    if any(b.casefold() == word.casefold() or _variant(b) == _variant(word) or " " in b for b in better):
        return None
    like = DamerauLevenshtein.normalized_similarity
    scored = [(like(word.casefold(), b.casefold()), b) for b in better if b.isalpha() and b[0].islower()]
    score, best = max(scored, default=(0.0, ""))
    same_start = best[:1] == word[0].casefold()
    if score < _LEAST_LIKE or not same_start or not word.isascii() or _only_inflected(word.casefold(), best):
        return None
    likely = scored
    ranked = tuple(b for s, b in sorted(likely, key=lambda pair: -pair[0]) if s >= _LEAST_LIKE)
    if word[0].isupper():
        ranked = tuple(b[0].upper() + b[1:] for b in ranked)
    return Mistake(start, end, ranked[:3], f"“{word}” looks misspelt.")


def _variant(word: str) -> str:
    """Give one form for British and American spellings of a word, and for words run together or apart."""
    return (
        re.sub(r"s(?=e|ing|ation|ed)", "z", word.casefold())
        .replace("ae", "e")
        .replace("oe", "e")
        .replace("our", "or")
        .replace(" ", "")
        .replace("-", "")
    )


def _only_inflected(word: str, best: str) -> bool:
    """Do the two differ only in a common ending? Then the word is more likely a rare form than a mistake."""
    endings = ("er", "ers", "ed", "es", "s", "able", "ly", "ness", "ish", "y", "ing", "ist", "ists")
    return any(
        word.endswith(a) and best.endswith(b) and word[: -len(a)] == best[: -len(b)] for a in endings for b in (*endings, "e") if a != b
    )


def _opens(text: str, start: int) -> bool:
    before = text[:start].rstrip(" ")
    return not before or before[-1] in ".!?\n:"
