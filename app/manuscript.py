"""A text under revision that remembers which of its characters are the author's.

Changes are made on the text as it stands; `edits` gives them all as edits on the original, each of which can be
taken or left alone. `diff` turns a freely rewritten text into the same kind of edits.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.records import Edit

_WORD = re.compile(r"\s+|[^\W_]+(?:['’.,@:/_-][^\W_]+)*|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of the text: the author's (start is its offset in the original), or put in by a change."""

    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A replacement on the original; several touching ones are merged into one edit."""

    start: int
    end: int
    rule: str
    why: str
    certain: bool


class Manuscript:
    """The original text and the changes made to it so far."""

    def __init__(self, original: str):
        self.original = original
        self._pieces: list[_Piece] = [_Piece(original, 0)] if original else []
        self._changes: list[_Change] = []
        self.touched = len(original)  # what stands before this offset of the text is as it was at `settle`

    @property
    def text(self) -> str:
        """The text as it stands."""
        return "".join(piece.text for piece in self._pieces)

    def settle(self) -> None:
        """Begin a new round: `touched` counts changes from here."""
        self.touched = len(self.text)

    def replace(self, start: int, end: int, new: str, rule: str, why: str, certain: bool = True) -> None:
        """Put `new` in place of [start, end) of the text as it stands, for a rule and with a reason."""
        self.touched = min(self.touched, start)
        before, rest = self._split(self._pieces, start)
        inside, after = self._split(rest, end - start)
        first = self._origin(before, inside, after)
        last = max((p.start + len(p.text) for p in inside if p.start is not None), default=first)
        self._changes.append(_Change(first, max(first, last), rule, why, certain))
        self._pieces = before + ([_Piece(new)] if new else []) + after

    def _origin(self, before: list[_Piece], inside: list[_Piece], after: list[_Piece]) -> int:
        for piece in [*inside, *after]:
            if piece.start is not None:
                return piece.start
        return len(self.original)

    @staticmethod
    def _split(pieces: list[_Piece], at: int) -> tuple[list[_Piece], list[_Piece]]:
        head: list[_Piece] = []
        for index, piece in enumerate(pieces):
            if at <= 0:
                return head, pieces[index:]
            if at < len(piece.text):
                rest = None if piece.start is None else piece.start + at
                return [*head, _Piece(piece.text[:at], piece.start)], [_Piece(piece.text[at:], rest), *pieces[index + 1 :]]
            head.append(piece)
            at -= len(piece.text)
        return head, []

    def changed(self, start: int, end: int) -> bool:
        """Is [start, end) of the text as it stands anything else than one run of the author's own characters?"""
        inside, _ = self._split(self._split(self._pieces, start)[1], end - start)
        own = [p for p in inside if p.start is not None]
        joined = all(a.start + len(a.text) == b.start for a, b in zip(own, own[1:], strict=False))
        return len(own) < len(inside) or not joined

    def edits(self) -> tuple[Edit, ...]:
        """Give the changes as edits on the original: in order, apart from one another, applying to `text` exactly."""
        runs: list[tuple[int, int, str]] = []
        position, added = 0, ""
        for piece in [*self._pieces, _Piece("", len(self.original))]:
            if piece.start is None:
                added += piece.text
                continue
            if added or piece.start > position:
                runs.append((position, piece.start, added))
            position, added = piece.start + len(piece.text), ""
        edits = []
        for start, end, new in runs:
            if self.original[start:end] == new:
                continue
            start, end, new = _shrink(self.original, start, end, new)
            mine = [c for c in self._changes if c.start <= end and start <= c.end] or self._changes[:1]
            # the change that covers most names the edit
            main = max(mine, key=lambda c: min(c.end, end) - max(c.start, start))
            certain = all(c.certain for c in mine)
            edits.append(Edit(len(edits) + 1, start, end, new, main.rule, main.why, certain))
        return tuple(edits)


def _shrink(original: str, start: int, end: int, new: str) -> tuple[int, int, str]:
    """Leave out of an edit the words at both ends that it does not change."""
    old = _WORD.findall(original[start:end])
    fresh = _WORD.findall(new)
    while old and fresh and old[0] == fresh[0]:
        start += len(old.pop(0))
        fresh.pop(0)
    while old and fresh and old[-1] == fresh[-1]:
        end -= len(old.pop())
        fresh.pop()
    return start, end, "".join(fresh)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply any subset of a revision's edits to the draft, in whatever order they are given."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def compose(original: str, first: Iterable[Edit], second: Iterable[Edit]) -> tuple[Edit, ...]:
    """Give edits on the original that do what `first`, and then `second` on its result, do."""
    manuscript = Manuscript(original)
    for edits in (first, second):
        for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
            manuscript.replace(edit.start, edit.end, edit.replacement, edit.rule, edit.why, edit.certain)
    return manuscript.edits()


def diff(original: str, rewritten: str) -> list[tuple[int, int, str]]:
    """Give the word-wise replacements (start, end, new) that lead from one text to the other.

    Words, numbers, links and handles are never cut inside; changes parted only by a single space are joined.
    """
    old, new = _WORD.findall(original), _WORD.findall(rewritten)
    offsets = [0]
    for word in old:
        offsets.append(offsets[-1] + len(word))
    changes: list[tuple[int, int, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        start, end, text = offsets[a], offsets[b], "".join(new[c:d])
        if changes and original[changes[-1][1] : start].isspace() and "\n" not in original[changes[-1][1] : start]:
            first, last, earlier = changes[-1]
            changes[-1] = (first, end, earlier + original[last:start] + text)
        else:
            changes.append((start, end, text))
    return changes
