"""kind = "pattern": regular expressions (`pattern`, one or a list); a group named `span` marks the words to report.

`replace` gives the wording to put there ("" takes the words out); groups may be used as \\1 or \\g<name>. At the start of
a sentence it gets a capital letter.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options, Text
from app.matching.prefilter import may_fit, required


def build(options: Options) -> Matcher:
    """Compile the patterns and give the matcher. Raises CorpusError when there is none."""
    regexes = options.regexes("pattern")
    if not regexes:
        raise CorpusError(f"{options.where}: give 'pattern'.")
    replace = options.get("replace", None, str)

    needed: list[tuple[str, ...] | None] = []  # worked out for the second text: for a single one it would not pay
    seen = 0

    def match(text: Text, masked: str) -> Iterator[Match]:
        nonlocal seen
        seen += 1
        if seen == 2:
            needed[:] = [required(regex) for regex in regexes]
        for regex, words in zip(regexes, needed or [None] * len(regexes), strict=True):
            if not may_fit(words, text.folded):
                continue
            for found in regex.finditer(masked):
                start, end = found.span("span" if "span" in regex.groupindex else 0)
                if start < end:
                    better = None if replace is None else _wording(text, start, end, found.expand(str(replace)))
                    yield Match(start, end, replacement=better)

    return match


def _wording(text: Text, start: int, end: int, better: str) -> str:
    return better[:1].upper() + better[1:] if text.sentence_at(start, end)[0] == start else better
