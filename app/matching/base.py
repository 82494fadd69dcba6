"""What every matcher kind is given and gives back."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.errors import CorpusError
from app.guideline import Entry, Guideline
from app.records import Draft
from app.text.entities import Entity, entities, mask
from app.text.sentences import sentences

# Inside these a rule does not fire unless its finder says `see = [...]`: they are other people's words or addresses.
PROTECTED = ("quotation", "url", "email", "code", "handle", "hashtag")
FILL = "\ufffc"
# No word is this long; patterns would only lose time on it.
_NO_WORD = re.compile(r"[^\W\ufffc]{100,}")


@dataclass(frozen=True, slots=True)
class Match:
    """Words that a matcher found: offsets, wording to put there instead, and what to say about these words."""

    start: int
    end: int
    replacement: str | None = None
    suggestion: str | None = None
    explanation: str | None = None


class Text:
    """A draft prepared once for all matchers: sentences, entities, masked copies of the same length."""

    def __init__(self, draft: Draft, field: str = "post"):
        self.draft = draft
        self.field = field
        self.text = draft.text
        self._masked: dict[tuple[str, ...], str] = {}

    @cached_property
    def entities(self) -> list[Entity]:
        """Links, handles, quotations, names, figures … of the text."""
        return entities(self.text)

    @cached_property
    def folded(self) -> str:
        """The text without regard to capitals."""
        return self.text.casefold()

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """The sentences' offsets."""
        return sentences(self.text)

    def masked(self, kinds: tuple[str, ...]) -> str:
        """Give the text with entities of these kinds blotted out, offsets unchanged."""
        if kinds not in self._masked:
            masked = mask(self.text, kinds, FILL) if kinds else self.text
            self._masked[kinds] = _NO_WORD.sub(lambda m: FILL * len(m[0]), masked)
        return self._masked[kinds]

    def quoted(self, start: int, end: int) -> str:
        """Give the words at [start, end) in quotes for an explanation, on one line and at most 80 characters.

        Their full stop is left out: the explanation goes on.
        """
        words = re.sub(r"(?<!\.)\.$", "", " ".join(self.text[start:end].split()))
        return f"“{words if len(words) <= 80 else words[:77].rsplit(' ', 1)[0] + ' …'}”"

    def sentence_at(self, start: int, end: int) -> tuple[int, int]:
        """Give the offsets of the sentence or sentences that hold [start, end)."""
        first = bisect_right(self.sentences, start, key=lambda span: span[1])
        last = bisect_left(self.sentences, end, key=lambda span: span[0])
        if first >= last:
            return start, end
        return min(self.sentences[first][0], start), max(self.sentences[last - 1][1], end)


Matcher = Callable[[Text, str], Iterable[Match]]  # (prepared text, masked copy) -> matches


class Options:
    """The settings of one [[find]] table, read with errors that name the file and the table."""

    def __init__(self, table: Mapping[str, object], number: int, entry: Entry, guideline: Guideline):
        self.table = dict(table)
        self.where = f"{entry.path}: [[find]] number {number}"
        self.entry = entry
        self.guideline = guideline
        self._read: set[str] = set()

    def get(self, key: str, default: object = None, kind: type | tuple[type, ...] | None = None) -> object:
        """Give the value of `key`. Raises CorpusError when it has another type than asked for."""
        self._read.add(key)
        value = self.table.get(key, default)
        if kind is not None and key in self.table and not isinstance(value, kind):
            raise CorpusError(f"{self.where}: '{key}' has the wrong type of value: {value!r}.")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Give a list of strings (a single string counts as a list of one)."""
        value = self.get(key, ())
        value = (value,) if isinstance(value, str) else value
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise CorpusError(f"{self.where}: '{key}' must be a list of texts in quotes.")
        return tuple(value)

    def regexes(self, key: str) -> list[re.Pattern[str]]:
        """Compile one or several patterns, with <<names>> filled in and case ignored unless `case = true`."""
        flags = 0 if self.get("case", False, bool) else re.IGNORECASE
        return [self._compile(source, key, flags) for source in self.strings(key)]

    def regex(self, key: str) -> re.Pattern[str] | None:
        """Compile one or several patterns to a single one that fits where any of them does."""
        compiled = self.regexes(key)
        if len(compiled) < 2:
            return compiled[0] if compiled else None
        return self._compile("|".join(f"(?:{one.pattern})" for one in compiled), key, compiled[0].flags)

    def _compile(self, source: str, key: str, flags: int) -> re.Pattern[str]:
        try:
            return re.compile(self.guideline.organisation.expand(source, f"{self.where}, '{key}'"), flags)
        except re.error as error:
            raise CorpusError(f"{self.where}: '{key}' is not a valid pattern: {error}.") from None

    def refuse_unknown(self) -> None:
        """Raise CorpusError when the table holds a setting that nobody read."""
        unknown = sorted(set(self.table) - self._read)
        if unknown:
            raise CorpusError(f"{self.where}: unknown setting '{unknown[0]}'. Known here are: {', '.join(sorted(self._read))}.")
