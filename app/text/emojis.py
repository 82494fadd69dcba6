"""Where the emoji of a text are. A sequence that shows as one picture (a family, a flag, 1️⃣) is one emoji."""

from __future__ import annotations

import re

# Where emoji can be: each begins with one of these (or is a keycap), so that plain text never loads the emoji list.
_RUN = re.compile(
    "(?:[#*0-9]\ufe0f?\u20e3"
    "|[\u00a9\u00ae\u200d\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f])+"
)


def emoji_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every emoji in `text`, in order."""
    runs = [] if text.isascii() else list(_RUN.finditer(text))
    if not runs:
        return []
    import emoji

    spans = []
    for run in runs:
        found = (
            (e["match_start"], e["match_end"]) for e in emoji.emoji_list(run.group())
        )
        spans += [(run.start() + start, run.start() + end) for start, end in found]
    return spans
