"""How long a post is, as its platform counts, and the most that the platform takes.

| platform | limit | counts | source |
|---|---|---|---|
| twitter | 280 | weighted characters, a link 23 | twitter-text, configuration v3 |
| mastodon | 500 | graphemes, a link 23, of a remote mention only @name | docs.joinmastodon.org/user/posting; a server may set more |
| bluesky | 300 | graphemes | lexicon app.bsky.feed.post, `maxGraphemes` |
| threads | 500 | characters, an emoji as its UTF-8 bytes | Threads API, "Posts": limits of text posts |
| linkedin | 3,000 | characters | LinkedIn Help, "Character limits of posts" |
| instagram | 2,200 | characters | Instagram Graph API, IG User Media, `caption` |
| facebook | 63,206 | characters | announced by Facebook on 30 November 2011; no current page of its own gives it |
| youtube | 5,000 | UTF-8 bytes of the description | YouTube Data API v3, videos, `snippet.description` |
| blog, forum | 0 | characters | none: 0 stands for no limit, as each site sets its own |

"Characters" are Unicode code points: those platforms do not publish how they count.
"""

from __future__ import annotations

import re

from app.errors import UsageError
from app.text.emojis import emoji_spans
from app.text.twitter import MENTION_START, URL_LENGTH, urls, weighted_length

PLATFORMS = {
    "twitter": 280,
    "linkedin": 3000,
    "facebook": 63206,
    "instagram": 2200,
    "blog": 0,
    "forum": 0,
    "youtube": 5000,
    "mastodon": 500,
    "bluesky": 300,
    "threads": 500,
}
_SERVER = re.compile(rf"({MENTION_START}[A-Za-z0-9_]{{1,64}})@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}")


def limit(platform: str) -> int:
    """Give the most that a post may have, in the platform's own units; 0 for no limit.

    Raises UsageError for a platform that is not in PLATFORMS.
    """
    if platform not in PLATFORMS:
        raise UsageError(f"Unknown platform “{platform}”. Choose one of: {', '.join(PLATFORMS)}.")
    return PLATFORMS[platform]


def post_length(text: str, platform: str) -> int:
    """Give a post's length in the platform's own units (see the module).

    Raises UsageError for a platform that is not in PLATFORMS.
    """
    limit(platform)
    if platform == "twitter":
        return weighted_length(text)
    if platform == "mastodon":
        return _mastodon(text)
    if platform == "bluesky":
        return graphemes(text)
    if platform == "youtube":
        return _octets(text)
    if platform == "threads":
        return len(text) + sum(_octets(text[a:b]) - (b - a) for a, b in emoji_spans(text))
    return len(text)


def graphemes(text: str) -> int:
    """Count what a reader sees as characters (extended grapheme clusters, Unicode UAX 29)."""
    if text.isascii() and "\r" not in text:
        return len(text)
    import regex

    return sum(1 for _ in regex.finditer(r"\X", text))


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _mastodon(text: str) -> int:
    """Only links with a protocol count as links there."""
    length, at, pieces = 0, 0, []
    for start, end in urls(text):
        if text[start:end].casefold().startswith("http"):
            pieces.append(text[at:start])
            length, at = length + URL_LENGTH, end
    pieces.append(text[at:])
    return length + sum(graphemes(_SERVER.sub(r"\1", piece)) for piece in pieces)
