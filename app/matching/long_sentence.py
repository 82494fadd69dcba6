"""kind = "long-sentence": sentences of more than `most` words; they wind."""

from __future__ import annotations

from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text
from app.text.readability import words


def build(options: Options) -> Matcher:
    """Give the matcher; `most` is the number of words that a sentence may have."""
    most = int(options.get("most", 40, int))

    def match(text: Text, masked: str) -> Iterator[Match]:
        for start, end in text.sentences:
            count = len(words(masked[start:end]))
            if count > most:
                yield Match(start, end, explanation=f"This sentence has {count} words. Readers lose the thread after about {most}.")

    return match
