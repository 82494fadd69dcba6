"""kind = "missing": something that must be there is not (`pattern`), for instance the employer in a bio."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options, Text


def build(options: Options) -> Matcher:
    """Give the matcher. Raises CorpusError when `pattern` is not given."""
    regex = options.regex("pattern")
    if regex is None:
        raise CorpusError(f"{options.where}: give 'pattern'.")

    def match(text: Text, masked: str) -> Iterator[Match]:
        if text.text.strip() and not regex.search(text.text):
            yield Match(0, len(text.text))

    return match
