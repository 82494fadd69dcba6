"""kind = "over-length": more than the platform takes; reports the words beyond the limit."""

from __future__ import annotations

from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text
from app.text.length import limit, post_length


def build(options: Options) -> Matcher:
    """Give the matcher; `share` of the limit may be named (1.0 is the whole)."""
    share = float(options.get("share", 1.0, (int, float)))

    def match(text: Text, masked: str) -> Iterator[Match]:
        platform = text.draft.platform
        allowed = int(limit(platform) * share)
        length = post_length(text.text, platform)
        if not allowed or length <= allowed:
            return
        low, high = 0, len(text.text)
        while low < high:  # the longest beginning that still fits
            middle = (low + high + 1) // 2
            low, high = (middle, high) if post_length(text.text[:middle], platform) <= allowed else (low, middle - 1)
        start = min(low, len(text.text) - 1)
        yield Match(
            start,
            len(text.text),
            suggestion=f"Take out {length - allowed} characters or more, or make a thread of it.",
            explanation=f"This is {length} characters long as {platform} counts; {allowed} fit.",
        )

    return match
