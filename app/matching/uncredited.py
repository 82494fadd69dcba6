"""kind = "uncredited": someone else's content (`borrowed`) with no credit (`credit`), link or handle beside it."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options, Text


def build(options: Options) -> Matcher:
    """Give the matcher. Raises CorpusError unless `borrowed` and `credit` are given."""
    borrowed, credit = options.regex("borrowed"), options.regex("credit")
    if borrowed is None or credit is None:
        raise CorpusError(f"{options.where}: give 'borrowed' and 'credit'.")
    link_is_credit = bool(options.get("link_is_credit", True, bool))

    def match(text: Text, masked: str) -> Iterator[Match]:
        if credit.search(text.text) or (link_is_credit and any(e.kind in ("url", "handle") for e in text.entities)):
            return
        for found in borrowed.finditer(masked):
            yield Match(*found.span("span" if "span" in borrowed.groupindex else 0))

    return match
