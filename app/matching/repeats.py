"""kind = "repeats": the same thing again. Sentences (or lines) that say nearly the same words, or a word run on and on.

`similar` is how alike two sentences must be (0 to 1, share of common words); `words` is the shortest sentence compared;
`run` is how often a word must follow itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text

_SPOKEN = frozenset("ha he ho bye no yes very so la".split())  # words that people say in a row


def build(options: Options) -> Matcher:
    """Give the matcher."""
    similar = float(options.get("similar", 0.8, (int, float)))
    shortest = int(options.get("words", 4, int))
    in_a_row = re.compile(rf"\b(\w+)(?:\W{{1,3}}\1\b){{{int(options.get('run', 3, int)) - 1},}}", re.IGNORECASE)

    def match(text: Text, masked: str) -> Iterator[Match]:
        seen: list[set[str]] = []
        for start, end in text.sentences[:200]:
            bag = set(re.findall(r"\w+", text.text[start:end].casefold()))
            if len(bag) < shortest:
                continue
            if any(len(bag & other) / len(bag | other) >= similar for other in seen):
                yield Match(start, end)
            seen.append(bag)
        for run in in_a_row.finditer(masked):
            if not run[1].isdigit() and len(run[1]) > 1 and run[1].casefold() not in _SPOKEN:
                yield Match(*run.span())

    return match
