"""Which words must stand in a text for a pattern to fit at all: looking for those first spares most of the patterns.

`required` reads the pattern's own parse tree (re._parser, the one that re compiles from). Where it cannot tell, it
gives None and the pattern is always tried; so the filter never changes what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LEAST = 3  # letters of a word worth looking for
MOST = 400  # words; looking for more costs as much as the pattern


def required(regex: re.Pattern[str]) -> tuple[str, ...] | None:
    """Give folded words of which at least one is in every text that the pattern fits; None when there are no such."""
    from re import _parser

    try:
        words = _of_sequence(_parser.parse(regex.pattern, regex.flags & ~re.UNICODE)  )
    except (re.error, RecursionError, AttributeError, ValueError):
        return None
    return tuple(sorted(words)) if words and len(words) <= MOST else None


def may_fit(words: tuple[str, ...] | None, folded: str) -> bool:
    """Can a pattern with these required words fit a text, given casefolded?"""
    if words is None:
        return True
    for word in words:
        if word in folded:
            return True
    return False


def _of_sequence(items: Iterable) -> frozenset[str] | None:
    """Of all that must be there in a row, take the choice of words that is longest at its shortest."""
    choices: list[frozenset[str]] = []
    run = ""
    for op, value in items:
        if str(op) == "LITERAL":
            run += chr(value)
            continue
        choices += _worth(run)
        run = ""
        inner = _of_item(str(op), value)
        if inner:
            choices.append(inner)
    choices += _worth(run)
    return max(choices, key=lambda words: (min(map(len, words)), -len(words)), default=None)


def _worth(run: str) -> list[frozenset[str]]:
    folded = run.casefold()
    return [frozenset([folded])] if len(folded) >= LEAST else []


def _of_item(op: str, value: object) -> frozenset[str] | None:
    if op == "SUBPATTERN":
        return _of_sequence(value[3])
    if op == "ATOMIC_GROUP":
        return _of_sequence(value)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_sequence(value[2]) if value[0] >= 1 else None
    if op == "BRANCH":
        inner = [_of_sequence(branch) for branch in value[1]]
        return frozenset().union(*inner) if inner and all(inner) else None
    return None
