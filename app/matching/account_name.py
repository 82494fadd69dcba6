"""kind = "account-name": the organisation's name inside a personal account's name.

On a handle or display name it reads the whole field; in a post it reads handles that the author calls their own.
Official handles and the letters inside an ordinary word (Isolde, disorder) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text


def build(options: Options) -> Matcher:
    """Give the matcher; `own` is the pattern before a handle in a post that says the account is the author's."""
    organisation = options.guideline.organisation
    official = {h.casefold() for h in organisation.handles}
    name = re.escape(organisation.name)
    own = options.regex("own")
    # A name part: capital letters beside lower-case ones (SmithISO), or parted by _, digits or the ends (iso_jane).
    parts = re.compile(rf"(?<![A-Z]){name}(?![A-Z][A-Z])(?=[A-Z\d_.\-\s]|$)|(?:(?<=[a-z\d_.\-\s@])|^){name}(?![a-z])|(?:(?<=[_.\-\s\d@])|^)(?i:{name})(?=[_.\-\s\d]|$)")

    def inside(words: str) -> re.Match[str] | None:
        return parts.search(words) or next(
            (m for alias in organisation.aliases if len(alias) > len(organisation.name) + 1 and (m := re.search(re.escape(alias), words, re.I))), None
        )

    def match(text: Text, masked: str) -> Iterator[Match]:
        if text.field in ("handle", "display_name"):
            words = text.text.strip()
            if words and words.casefold() not in official and ("@" + words).casefold() not in official and inside(words):
                at = text.text.index(words)
                yield Match(at, at + len(words))
            return
        for entity in text.entities:
            if entity.kind != "handle" or entity.text.casefold() in official or not inside(entity.text):
                continue
            before = text.text[max(0, entity.start - 60) : entity.start]
            if own is None or own.search(before):
                yield Match(entity.start, entity.end)

    return match
