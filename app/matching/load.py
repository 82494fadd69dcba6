"""kind = "load": too many of one thing. `of` is hashtag, mention, capitals, emoji or exclamation; `most` is allowed.
Above that, the first `keep` may stay (default: as many as are allowed).

Reports from the first surplus one to the last, as one span; `capitals` reports each run of shouted words, and
gives them in lower case as the replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options

_ENTITY = {"hashtag": "hashtag", "mention": "handle", "emoji": "emoji"}
_ALSO_WORDS = frozenset("IT US WHO AM OK SO".split())  # acronyms that in shouted text are the words
_SHOUT = re.compile(r"[^\W\d_a-z]{2,}(?:['’][A-Z]+)?(?:[ \t,!?.;:-]+[^\W\d_a-z]+(?:['’][A-Z]+)?)+[!?.]*")


def build(options: Options) -> Matcher:
    """Give the matcher. Raises CorpusError for an unknown `of`."""
    of = str(options.get("of", "", str))
    most = int(options.get("most", 0, int))
    keep = int(options.get("keep", most, int))
    known = options.guideline.organisation.known_acronyms
    if of in _ENTITY:
        return lambda text, masked: _surplus([(e.start, e.end) for e in text.entities if e.kind == _ENTITY[of]], most, keep)
    if of == "exclamation":
        return lambda text, masked: _surplus([m.span() for m in re.finditer(r"[!！]", masked)], most, keep)
    if of == "capitals":
        return lambda text, masked: _shouted(masked, most, known)
    raise CorpusError(f"{options.where}: 'of' must be one of: {', '.join(sorted([*_ENTITY, 'capitals', 'exclamation']))}.")


def _surplus(spans: list[tuple[int, int]], most: int, keep: int) -> Iterator[Match]:
    if len(spans) > most:
        yield Match(spans[keep][0], spans[-1][1])


def _shouted(masked: str, most: int, known: frozenset[str]) -> Iterator[Match]:
    for run in _SHOUT.finditer(masked):
        words = re.findall(r"[^\W\d_]+(?:['’][A-Z]+)?", run[0])
        loud = [w for w in words if len(w) > 1 and w not in known]
        if len(loud) > most and sum(len(w) for w in loud) > most * 3:
            calm = re.sub(r"[^\W\d_]+(?:['’][A-Z]+)?", lambda w: w[0] if w[0] == "I" or (w[0] in known and w[0] not in _ALSO_WORDS) else w[0].lower(), run[0])
            begins = not masked[: run.start()].strip() or masked[: run.start()].rstrip()[-1] in ".!?\n"
            calm = re.sub(r"(?<=[.!?]\s)[^\W\d_]", lambda first: first[0].upper(), calm)
            yield Match(run.start(), run.end(), replacement=calm[0].upper() + calm[1:] if begins else calm)
