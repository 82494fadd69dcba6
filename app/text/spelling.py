"""Spelling and clear grammar mistakes, by the harper library (offline); its opinions on style are left out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import ModuleType

from app.text.entities import mask
from app.text.grammar import GRAMMAR, SPELLING, clear, message
from app.text.likeness import cost
from app.text.sentences import sentences

# Not the author's own words, or no words at all.
_SKIPPED = ("url", "email", "handle", "hashtag", "code", "quotation", "name", "reference", "number", "phone", "emoji", "money", "time")
_BLANK = "X"
_LONGEST_BLANK = 80
_CHUNK = 4_000  # harper's time grows faster than the length of what it reads at once
_FEWEST_LETTERS = 4
# Contractions written without their apostrophe; other 's that harper offers are possessives of a plural that it lacks.
_CONTRACTION = re.compile(r"\w+(?:n't|'re|'ve|'ll|'m)|(?:that|there|what|here|where|who|how|she|he|let)'s|o'clock")
_CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September "
    "October November December".split()
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# The commonest words of English: every sentence of it has some.
_COMMON = frozenset(
    "the to and of a in is it you that i we for on at with this was my our are be have not from by they he she your as but so if "
    "or an all me can will just do what there has out up one about who more had no when them his her were their would us get "
    "some how it's i'm don't been than its new now go make see how too".split()
)
_LEAST_ENGLISH = 0.12
_FEWEST_WORDS = 5
# A word with one of these in front is a word when the rest is one ("rebooked").
_PREFIX = re.compile(r"(?:re|non|pre|inter|over|under|out|multi|super|anti|micro|mini|semi|cyber|bio|eco|geo)(?=[a-z]{4})")
_JOINTS = ("-", "'", "’", ".", "_", "/")  # a part of something longer
_LIGHTEST_SLIP, _LIGHT_SLIP, _FULL_SLIP = 0.4, 0.6, 1.0  # as app.text.likeness weighs them
_COARSE = re.compile(r"cunt|fuck|shit|piss|wank|slut|whore|nigg|fag|arse|tit|cock|dick|rap(?:e|ist)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misspelt word or a slip of grammar at [start, end), with better wordings, the likeliest first."""

    start: int
    end: int
    suggestions: tuple[str, ...]
    message: str


class Speller:
    """Finds mistakes in English text; British and American spellings pass, and so do the `allowed` words.

    The library's dictionary takes about 0.7 s of processor time to load: at first use, or in the background after
    `start`. One harper linter serves one thread at a time, so calls from several threads wait for each other.
    """

    def __init__(self, allowed: Iterable[str] = ()):
        self._allowed = sorted({word for entry in allowed for word in (entry, *entry.split())})
        self._lock = threading.Lock()
        self._linters: tuple | None = None

    def start(self) -> None:
        """Begin to load the dictionary in the background; `mistakes` waits for it."""
        if self._linters is None:
            threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        with self._lock:
            if self._linters is None:
                import harper

                self._linters = tuple(self._linter(harper, dialect) for dialect in (harper.Dialect.BRITISH, harper.Dialect.AMERICAN))

    def _linter(self, harper: ModuleType, dialect: int) -> object:
        linter = harper.Linter(dialect=dialect)
        linter.set_lint_config({name: name in SPELLING + GRAMMAR for name in linter.get_lint_config()})
        linter.import_words([*self._allowed, *_words(), *(_BLANK * n for n in range(1, _LONGEST_BLANK + 1))])
        return linter

    def mistakes(self, text: str) -> list[Mistake]:
        """Give the mistakes of `text`, left to right; they do not overlap.

        Links, names, quotations, figures, acronyms and sentences in another language are passed over.
        """
        prose = _prose(text)
        if not prose.strip():
            return []
        self._load()
        found: list[Mistake] = []
        with self._lock:
            for at in _chunks(prose):
                for mistake in self._chunk(prose, *at):
                    if not found or mistake.start >= found[-1].end:
                        found.append(mistake)
        return found

    def _chunk(self, prose: str, start: int, end: int) -> list[Mistake]:
        """The mistakes in one piece: what is wrong in British and in American English."""
        british, american = self._linters
        piece = prose[start:end]
        found = british.organized_lints(piece)
        if not found:
            return []
        both = {(lint.span.start, lint.span.end) for lint in american.lint(piece)}
        mistakes = (
            self._mistake(rule, prose, start + lint.span.start, start + lint.span.end, lint)
            for rule, lints in found.items()
            for lint in lints
            if (lint.span.start, lint.span.end) in both
        )
        return sorted((mistake for mistake in mistakes if mistake), key=lambda m: (m.start, -m.end))

    def _mistake(self, rule: str, prose: str, start: int, end: int, lint: object) -> Mistake | None:
        better = tuple(dict.fromkeys(s.replacement_text.rstrip() for s in lint.suggestions))
        if rule in SPELLING:
            return self._misspelt(prose, start, end, better)
        if not better or _BLANK * 2 in prose[start : end + 3] or not clear(rule, prose, start, end):
            return None
        return Mistake(start, end, better[:3], message(lint.message))

    def _misspelt(self, prose: str, start: int, end: int, better: tuple[str, ...]) -> Mistake | None:
        """Take a word as misspelt only when it is close to a known one; an unknown word may well be a name."""
        word = prose[start:end]
        plain = word.casefold()
        common = _misspellings().get(plain)
        if not (word.islower() or word.istitle() and _opens(prose, start)) or not word.isascii() or not word.isalpha():
            return None
        if prose[end : end + 1] in _JOINTS and prose[end + 1 : end + 2].isalpha() or prose[max(0, start - 1) : start] in _JOINTS:
            return None
        if common:
            likely = [common]
        elif len(word) < _FEWEST_LETTERS or self._known_otherwise(plain, better):
            return None
        else:
            # What begins a sentence may be a name: only the plainest slips of a common word are taken for one.
            better = better if word.islower() else self._suggestions(plain)
            priced = sorted((cost(plain, b), number) for number, b in enumerate(better) if _plausible(plain, b))
            likely = [better[number] for price, number in priced if price <= _dearest(plain, better[number], word.istitle())]
        if not likely:
            return None
        ranked = tuple(b[0].upper() + b[1:] if word.istitle() else b for b in likely)
        return Mistake(start, end, ranked[:3], f"“{word}” looks misspelt.")

    def _suggestions(self, word: str) -> tuple[str, ...]:
        return tuple(s.replacement_text for lint in self._linters[0].lint(word) for s in lint.suggestions)

    def _known_otherwise(self, word: str, better: tuple[str, ...]) -> bool:
        """Whether `word` is right but for a capital, a possessive or a variant spelling, or is a prefix and a known word."""
        for b in better:
            if b.casefold() == word or b.casefold() == f"{word[:-1]}'{word[-1]}" and not _CONTRACTION.fullmatch(b.casefold()):
                return True
            if _variant(b) == _variant(word):
                return True
        prefix = _PREFIX.match(word)
        return prefix is not None and not self._linters[0].lint(word[prefix.end() :])


@cache
def _misspellings() -> dict[str, str]:
    lines = resources.files("app.text").joinpath("data/misspellings.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def _variant(word: str) -> str:
    """Give one form for British and American spellings of a word."""
    plain = word.casefold().replace("-", "").replace("ae", "e").replace("oe", "e").replace("our", "or")
    return re.sub(r"s(?=e[ds]?\b|ing\b|ations?\b|ers?\b)", "z", plain)


def _plausible(word: str, better: str) -> bool:
    """Whether a suggestion could be what was meant: the same first letter, no name, no possessive, nothing coarse."""
    if "'" in better and not _CONTRACTION.fullmatch(better.casefold()):
        return False
    return better[:1].casefold() == word[0] and (better[0].islower() or better in _CALENDAR) and not _COARSE.match(better)


def _dearest(word: str, better: str, opens: bool) -> float:
    """The most that a likely slip costs, by the length of the word: in short words one slip makes another word."""
    letters = len(word)
    if opens:
        return _LIGHT_SLIP if letters > 5 else _LIGHTEST_SLIP
    if letters == _FEWEST_LETTERS:
        return _LIGHT_SLIP if len(better) > letters else _LIGHTEST_SLIP
    return _LIGHT_SLIP if letters == 5 else _FULL_SLIP if letters < 8 else _FULL_SLIP + _LIGHTEST_SLIP


@cache
def _words() -> tuple[str, ...]:
    """Words in good use that harper's dictionary lacks."""
    lines = resources.files("app.text").joinpath("data/words.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _prose(text: str) -> str:
    """Give `text`, at its length, with what is not to be read blotted out, and sentences in another language emptied."""
    prose = mask(text, _SKIPPED, _BLANK)
    foreign = [(a, b) for a, b in sentences(prose) if not _english(prose[a:b])]
    for start, end in reversed(foreign):
        prose = prose[:start] + " " * (end - start) + prose[end:]
    return prose


def _english(sentence: str) -> bool:
    words = [word.casefold().replace("’", "'") for word in _TOKEN.findall(sentence) if _BLANK * 2 not in word]
    return len(words) < _FEWEST_WORDS or sum(word in _COMMON for word in words) >= _LEAST_ENGLISH * len(words)


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text` in pieces of whole lines, or of whole words where a line is long."""
    start = 0
    while start < len(text):
        end = min(start + _CHUNK, len(text))
        if end < len(text):
            end = max(text.rfind("\n", start, end), -1) + 1 or text.rfind(" ", start, end) + 1 or end
        yield start, end
        start = end


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - 8) : start].rstrip(" ")
    return not before or before[-1] in ".!?…\n:"
