"""Where the sentences of a post are: by line, then by full stop, never inside a link, a handle or an abbreviation."""

from __future__ import annotations

import re

# After these a sentence goes on, whatever follows.
_HARD = frozenset(
    "mr mrs ms mx dr prof rev hon gen col capt sgt st mt ft messrs mme mlle e.g i.e eg ie vs v viz cf ca approx dept "
    "esp incl excl resp dir ref tel ext u.s u.k u.n u.s.a ph.d m.sc b.sc".split()
)
# After these it goes on before a figure ("No. 5", "12 Dec. 2025"); "no." and "may." are words, too.
_BEFORE_FIGURE = frozenset(
    "no nos nr p pp fig figs vol ch sec sect art cl par para eq ed eds jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
# After these it goes on before a small letter or a figure.
_SOFT = frozenset("etc inc ltd co corp jr sr al a.m p.m am pm bros plc est min max avg".split())
_LINE = re.compile(r"[^\n\r\u2028\u2029\x85]+")
_STOP = re.compile(r"[.!?…。！？]++[)\]\"'”’»]*+(?=\s|$)|[。！？]")
_NEXT = re.compile(r"\s*+(\S)")
_WORD_BEFORE = re.compile(r"[^\s(\[“\"'‘]*\Z")
_LIST_MARK = re.compile(r"\s{0,8}(?:\d{1,3}|[a-z])\.\Z")  # "1. First", "a. first"
_LONGEST_WORD = 24


def sentences(text: str) -> list[tuple[int, int]]:
    """Give the (start, end) of each sentence, trimmed; a new line always ends one, and together they hold all words."""
    spans = []
    for line in _LINE.finditer(text):
        start = line.start()
        for stop in _STOP.finditer(text, line.start(), line.end()):
            if stop.end() > start and _ends(text, start, stop, line):
                spans.append((start, stop.end()))
                start = stop.end()
        spans.append((start, line.end()))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))]


def _ends(text: str, start: int, stop: re.Match[str], line: re.Match[str]) -> bool:
    """Does this stop end a sentence that began at `start`?"""
    after = _NEXT.match(text, stop.end(), line.end())
    if not after:
        return True
    small = after[1].islower()
    marks = stop[0].rstrip(")]\"'”’»")
    if marks != ".":
        # `"Stop!" she said` and "well... maybe" go on; "yes! ok" does not.
        return not (small and (marks != stop[0] or marks[-1] in ".…"))
    before = max(start, stop.start() - _LONGEST_WORD)
    word = _WORD_BEFORE.search(text, before, stop.start())[0]
    plain = word.casefold()
    if len(word) == 1 and word.isupper() and word != "I" or plain in _HARD:
        return False
    if _LIST_MARK.match(text, line.start(), stop.end()):
        return False
    if plain in _BEFORE_FIGURE and after[1].isdigit():
        return False
    return not (plain in _SOFT and (small or after[1].isdigit()))


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if end > start else None
