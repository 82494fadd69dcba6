"""kind = "misspelt": spelling and clear grammar mistakes, with the organisation's vocabulary allowed."""

from __future__ import annotations

from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text
from app.text.spelling import Speller


def build(options: Options) -> Matcher:
    """Give the matcher."""
    organisation = options.guideline.organisation
    handles = {h.lstrip("@") for h in organisation.handles}
    names = {w for group in organisation.groups.values() for phrase in group for w in phrase.split()}
    speller = Speller(sorted({*organisation.vocabulary, *organisation.known_acronyms, *handles, *names}))

    def match(text: Text, masked: str) -> Iterator[Match]:
        for mistake in speller.mistakes(masked):
            best = mistake.suggestions[0] if mistake.suggestions else None
            yield Match(
                mistake.start,
                mistake.end,
                replacement=best,
                suggestion=f"Write “{best}”." if best else "Look it up.",
                explanation=mistake.message,
            )

    return match
