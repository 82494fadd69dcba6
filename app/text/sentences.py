"""Where the sentences of a post are: by line, then by full stop, never inside a link, a handle or an abbreviation."""

from __future__ import annotations

import re

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no nos vs etc e.g i.e eg ie approx dept fig figs p pp vol ed eds jr sr inc ltd co corp al cf ca jan feb "
    "mar apr jun jul aug sep sept oct nov dec a.m p.m u.s u.k u.n".split()
)
_LINE = re.compile(r"[^\n\r\u2028\u2029\x85]+")
_STOP = re.compile(r"[.!?…。！？]+[)\]\"'”’»]*(?=\s|$)|[。！？]")


def sentences(text: str) -> list[tuple[int, int]]:
    """Give the (start, end) of each sentence, trimmed; a new line always ends one, and together they hold all words."""
    spans = []
    for line in _LINE.finditer(text):
        start = line.start()
        for stop in _STOP.finditer(text, line.start(), line.end()):
            if stop.end() > start and _ends(text, start, stop, line.end()):
                spans.append((start, stop.end()))
                start = stop.end()
        spans.append((start, line.end()))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))]


def _ends(text: str, start: int, stop: re.Match[str], line_end: int) -> bool:
    """Does this stop end a sentence? Not after an abbreviation or an initial, and not before a small letter."""
    rest = text[stop.end() : line_end].lstrip()
    if stop[0][0] != ".":
        return True
    if stop[0] == "." or stop[0].rstrip(")]\"'”’»") == ".":
        before = text[max(start, stop.start() - 24) : stop.start()]
        word = re.split(r"[\s(\[“\"'‘]", before)[-1]
        if word.casefold() in _ABBREVIATIONS or (
            len(word) == 1 and word.isupper() and word != "I"
        ):
            return False
    return not rest[:1].islower()


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if end > start else None
