"""What a post holds besides plain words: links, handles, figures, dates, names, quotations.

Rules do not fire inside some of them by mistake, and a revision must keep the facts among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.text import twitter
from app.text.emojis import emoji_spans
from app.text.figures import figures
from app.text.names import names

# Where two that are equally long overlap, the earlier kind wins.
KINDS = (
    "url", "email", "handle", "hashtag", "phone", "code", "quotation", "date", "time", "money", "percent",
    "reference", "number", "emoji", "name",
)  # fmt: skip
_HOLDERS = ("code", "quotation")


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of text of a known kind at [start, end)."""

    kind: str
    start: int
    end: int
    text: str


_CODE = re.compile(r"```.*?```|`[^`\n]{1,400}`", re.DOTALL)
_INSIDE = r"(?:[^{}\n]|\n(?!\s*\n)){{1,2000}}"  # a quotation does not go on behind an empty line
_QUOTATIONS = (
    re.compile(
        rf"“{_INSIDE.format('“”')}”|«{_INSIDE.format('«»')}»|„{_INSIDE.format('„“”')}[“”]"
        rf"|(?<![\w\"])\"(?=\S){_INSIDE.format(chr(34))}(?<=\S)\"(?!\w)"
    ),
    # An apostrophe is no quotation mark: not inside a word, nor in 'tis, rock 'n' roll and '90s.
    re.compile(
        r"(?<![\w’])‘(?=\S)[^‘’\n]{1,300}(?:’\w[^‘’\n]{0,300}){0,50}’(?!\w)"
        r"|(?<![\w'])'(?=\S)(?!(?:tis|twas|cause|em|n|til|bout|round|ere)\b|\d\ds?\b)(?:[^'\n]|(?<=\w)'(?=\w)){1,400}(?<=\S)'(?!\w)"
    ),
)
_EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])")
# As X has it, but also "@name@server" (Mastodon), "@name.host" (Bluesky) and names with full stops (Instagram).
_HANDLE = re.compile(
    twitter.MENTION_START + r"[A-Za-z0-9_]{1,64}(?![A-Za-z0-9_])(?:\.[a-z0-9_][A-Za-z0-9_-]{0,62}(?<!-)){0,5}"
    r"(?:@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})?" + twitter.MENTION_END
)
# "The end.So we" is a full stop without its space, though X makes a link of it.
_MISSED_SPACE = re.compile(r"[\w-]+\.[A-Z][a-z]+\Z")
_PHONE = re.compile(r"(?<![\w+.,-])(?:\+|00|\(?\+?\d)[\d ().\u00a0/-]{6,28}\d(?!\w)")
_NATIONAL = re.compile(r"\(?0|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\Z")
_FEWEST_DIGITS, _MOST_DIGITS = 6, 17  # 15 (ITU-T E.164) and a prefix
_ANY_URL = re.compile(r"\bhttps?://[^\s<>\"“”«»]{1,2000}(?<![.,;:!?'’)\]])", re.IGNORECASE)

# Countries whose national way of writing a number is tried; an international number is known by its "+".
_REGIONS = ("CH", "FR", "DE", "GB", "US")


def entities(text: str) -> list[Entity]:
    """Give the entities of `text` by start; they overlap only where some lie inside a quotation or code.

    Where others overlap, the longest stays. Spans are code-point offsets.
    """
    return list(_entities(text))


def mask(text: str, kinds: Collection[str], fill: str = " ") -> str:
    """Give the text with every entity of these kinds blotted out by `fill` (one character), line breaks kept."""
    pieces, at = [], 0
    for entity in entities(text):
        if entity.kind in kinds and entity.end > at:
            start = max(at, entity.start)
            pieces += [text[at:start], "".join("\n" if c == "\n" else fill for c in text[start : entity.end])]
            at = entity.end
    return "".join(pieces) + text[at:]


@lru_cache(maxsize=16)
def _entities(text: str) -> tuple[Entity, ...]:
    holders, plain = [], []
    for kind, start, end in _candidates(text):
        (holders if kind in _HOLDERS else plain).append(Entity(kind, start, end, text[start:end]))
    inner = _apart(plain, len(text))
    outer = _apart(holders, len(text), nested=True)
    return tuple(sorted([*_whole(outer, inner), *inner], key=lambda e: (e.start, -e.end)))


def _apart(found: list[Entity], length: int, nested: bool = False) -> list[Entity]:
    """Keep the longest of those that overlap; with `nested`, also one that lies wholly inside another."""
    kept = []
    taken = bytearray(length)  # for each character: 0 free, 1 taken, 2 the end of one is inside
    for entity in sorted(found, key=lambda e: (e.start - e.end, KINDS.index(e.kind), e.start)):
        inside = taken[entity.start : entity.end]
        if 1 not in inside or nested and 0 not in inside and 2 not in inside:
            kept.append(entity)
            if 1 not in inside:
                taken[entity.start : entity.end] = b"\x01" * len(inside)
    return kept


def _whole(outer: list[Entity], inner: list[Entity]) -> Iterator[Entity]:
    """Yield the quotations and code whose ends do not lie inside another entity, as a quote mark in a link does."""
    covered = {at for e in inner for at in (range(e.start, e.end) if any(c in e.text for c in "\"'`“”‘’«»„") else ())}
    return (e for e in outer if e.start not in covered and e.end - 1 not in covered)


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    if "`" in text:
        yield from (("code", *found.span()) for found in _CODE.finditer(text))
    for pattern in _QUOTATIONS:
        yield from (("quotation", *found.span()) for found in pattern.finditer(text))
    if "@" in text or "\uff20" in text:
        yield from (("email", *found.span()) for found in _EMAIL.finditer(text))
        yield from (("handle", *found.span()) for found in _HANDLE.finditer(text))
    yield from (("url", a, b) for a, b in twitter.urls(text) if not _MISSED_SPACE.match(text, a, b))
    if "://" in text:  # whatever its ending: an intranet's address is a link to its reader, though not to X
        yield from (("url", *found.span()) for found in _ANY_URL.finditer(text))
    yield from (("hashtag", *span) for span in twitter.hashtags(text))
    yield from (("phone", *span) for span in _phones(text))
    yield from figures(text)
    yield from (("emoji", *span) for span in emoji_spans(text))
    yield from (("name", *span) for span in names(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    candidates = [m for m in _PHONE.finditer(text) if m[0][0] == "+" or _NATIONAL.match(m[0])]
    candidates = [m for m in candidates if _FEWEST_DIGITS <= sum(c.isdigit() for c in m[0]) <= _MOST_DIGITS]
    if not candidates:
        return
    import phonenumbers

    for found in candidates:
        for region in (None,) if found[0][0] == "+" else _REGIONS:
            number = next(iter(phonenumbers.PhoneNumberMatcher(found[0], region)), None)
            if number:
                yield found.start() + number.start, found.start() + number.end
                break
