"""How long a post is, as its platform counts.

Limits, from the platforms' own help pages (2024-2026): X/Twitter 280 weighted (twitter-text v3), LinkedIn posts 3,000,
Facebook 63,206, Instagram captions 2,200, YouTube descriptions 5,000, Mastodon 500 (each link 23, of a remote mention
only the name), Bluesky 300 graphemes, Threads 500. Blogs and forums set none: 0 stands for no limit.
"""

from __future__ import annotations

import re

from app.text.twitter import URL_LENGTH, urls, weighted_length

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
_REMOTE = re.compile(r"(@[\w.-]+)@[\w.-]+\w")


def limit(platform: str) -> int:
    """Give the most that a post may have, in the platform's own units; 0 for no limit."""
    return PLATFORMS[platform]


def post_length(text: str, platform: str) -> int:
    """Give a post's length in the platform's own units (weighted characters, graphemes, or code points)."""
    if platform == "twitter":
        return weighted_length(text)
    if platform == "bluesky":
        return graphemes(text)
    if platform == "mastodon":
        links = [
            (a, b) for a, b in urls(text) if text[a:b].casefold().startswith("http")
        ]
        text = _REMOTE.sub(r"\1", _without(text, links))
        return graphemes(text) + URL_LENGTH * len(links)
    return len(text)


def graphemes(text: str) -> int:
    """Count what a reader sees as characters (Unicode extended grapheme clusters)."""
    if text.isascii() and "\r" not in text:
        return len(text)
    import regex

    return len(regex.findall(r"\X", text))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text
