"""Where the emoji of a text are. A sequence that shows as one picture (a family, a flag, 1️⃣) is one emoji."""

from __future__ import annotations

import re

# What an emoji can begin with. Plain text has none of it, and then the emoji list is never loaded.
_BASE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
_EXTENDS = "\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
# One candidate: a keycap, a pair of regional indicators (a flag), or pictures that zero-width joiners tie together.
_CANDIDATE = re.compile(
    f"[#*0-9]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{1,2}}|[{_BASE}][{_EXTENDS}]*+(?:\u200d[{_BASE}][{_EXTENDS}]*+){{0,10}}"
)


def emoji_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every emoji in `text`, in order."""
    if text.isascii() or not (candidates := list(_CANDIDATE.finditer(text))):
        return []
    import emoji

    spans = []
    for found in candidates:
        if emoji.is_emoji(found[0]):
            spans.append(found.span())
        else:
            inside = emoji.emoji_list(found[0])
            spans += [(found.start() + e["match_start"], found.start() + e["match_end"]) for e in inside]
    return spans
