"""What a post holds besides plain words: links, handles, figures, dates, names, quotations.

Rules do not fire inside some of them by mistake, and a revision must keep the facts among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.text.emojis import emoji_spans
from app.text.twitter import hashtags, urls


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of text of a known kind at [start, end)."""

    kind: str
    start: int
    end: int
    text: str


_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_CURRENCY = r"(?:[$€£¥₹]|(?:CHF|EUR|USD|GBP|JPY|Fr\.)\s?)"
_UNIT = r"(?:\s?(?:CHF|EUR|USD|GBP|francs?|euros?|dollars?|pounds?|cents?|yen|rupees?|pence|bucks|quid)\b)"
_FIGURE = r"\d{1,3}(?:[ \u00a0\u202f',.’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_SIMPLE = (
    ("code", re.compile(r"```.*?```|`[^`\n]{1,400}`", re.S)),
    (
        "quotation",
        re.compile(
            r"“[^”“]{1,2000}”|«[^«»]{1,2000}»|„[^“”„]{1,2000}[“”]|(?<![\w\"])\"(?=\S)[^\"]{1,2000}?(?<=\S)\"(?!\w)",
            re.S,
        ),
    ),
    (
        "quotation",
        re.compile(
            r"(?<![\w’])‘(?=\S)[^‘’\n]{1,300}(?:’\w[^‘’\n]{0,300})*’(?!\w)|(?<![\w'])'(?=\S)(?:[^'\n]|(?<=\w)'(?=\w)){1,400}'(?!\w)"
        ),
    ),
    (
        "email",
        re.compile(
            r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])"
        ),
    ),
    (
        "handle",
        re.compile(
            r"(?<![\w@/.])[@＠][A-Za-z0-9_](?:[\w.-]{0,30}\w)?(?:@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})?",
            re.A,
        ),
    ),
    (
        "date",
        re.compile(
            rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s(?:of\s)?){_MONTH}\b(?:,?\s\d{{4}})?"
            rf"|\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?|\b{_MONTH}\s\d{{4}}\b|\b(?-i:{_DAY})\b|\b(?-i:January|February|April|June|July|August|September|October|November|December)\b",
        ),
    ),
    (
        "time",
        re.compile(
            r"\b\d{1,2}(?:[:.]\d{2})?\s?(?:a\.?m\b\.?|p\.?m\b\.?|AM\b|PM\b)|\b\d{1,2}[:h]\d{2}\b(?:\s?(?:CET|CEST|UTC|GMT))?"
        ),
    ),
    (
        "money",
        re.compile(
            rf"{_CURRENCY}(?:{_FIGURE})(?:\s?(?:k|m|bn|million|billion)\b)?|\b(?:{_FIGURE})(?:\s?(?:k|m|bn|million|billion)\b)?{_UNIT}"
        ),
    ),
    ("percent", re.compile(rf"(?:{_FIGURE})\s?(?:%|per ?cent\b|percent\b)")),
    (
        "reference",
        re.compile(
            r"\b(?:[A-Z]{2,6}(?:/[A-Z]{2,5})*\s)(?:TS\s|TR\s|PAS\s|Guide\s)?\d{3,5}(?:-\d{1,3})?(?::\d{4})?\b|\b(?:TC|SC|WG|JTC|PC|CASCO|COPOLCO|DEVCO)\s?\d{1,4}(?:/(?:TC|SC|WG|JWG)\s?\d{1,4})*\b"
            r"|\b(?:9001|14001|27001|45001|22000|26000|50001|13485|31000|17025|37001|20121)(?:-\d{1,3})?(?::\d{4})?\b"
        ),
    ),
    (
        "number",
        re.compile(
            rf"(?<![\w.,])(?:{_FIGURE})(?:st|nd|rd|th|x|k|m)?(?!\w)|\b\d+(?=[A-Za-z]{{1,3}}\b)"
        ),
    ),
)
_PARTICLE = (
    r"(?:de|da|do|dos|du|van|von|der|den|del|della|di|la|le|bin|al|el|ter|of the|of)"
)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’]*(?:-[^\W\d_][\w'’]*)*"
_NAME = re.compile(rf"{_CAPITAL}(?:\.? (?:{_PARTICLE} ){{0,2}}{_CAPITAL}){{0,5}}")
_PRONOUN = frozenset("I I'm I'd I'll I've I’m I’d I’ll I’ve OK".split())
_TITLE = re.compile(r"(?:^|[.!?:…\n\"“‘(«•*>-]\s*)$")


def entities(text: str) -> list[Entity]:
    """Give the entities of a text by start; they overlap only where some lie inside a quotation or code."""
    outer: list[Entity] = []
    inner: list[Entity] = []
    for kind, start, end in _candidates(text):
        bag = outer if kind in ("code", "quotation") else inner
        bag.append(Entity(kind, start, end, text[start:end]))
    kept = _apart(outer) + _apart(inner)
    return sorted(kept, key=lambda e: (e.start, -e.end))


def mask(text: str, kinds: Collection[str], fill: str = " ") -> str:
    """Give the text with every entity of these kinds blotted out by `fill`, same length, line breaks kept."""
    pieces, at = [], 0
    for entity in entities(text):
        if entity.kind in kinds and entity.end > at:
            start = max(at, entity.start)
            pieces += [
                text[at:start],
                "".join("\n" if c == "\n" else fill for c in text[start : entity.end]),
            ]
            at = entity.end
    return "".join(pieces) + text[at:]


def _apart(found: list[Entity]) -> list[Entity]:
    """Keep what was found first in the order of kinds; a later one that overlaps is dropped."""
    kept: list[Entity] = []
    taken = bytearray(max((e.end for e in found), default=0))
    for entity in found:
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
            kept.append(entity)
    return kept


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end), the kinds that win over others first."""
    for kind, pattern in _SIMPLE[:3]:
        for match in pattern.finditer(text):
            yield kind, *match.span()
    yield from (
        ("email", *m.span()) for m in _SIMPLE[3][1].finditer(text) if "@" in m[0]
    )
    yield from (("url", *span) for span in urls(text))
    for match in _SIMPLE[4][1].finditer(text):
        yield "handle", *match.span()
    yield from (("hashtag", *span) for span in hashtags(text))
    yield from (("emoji", *span) for span in emoji_spans(text))
    yield from (("phone", *span) for span in _phones(text))
    for kind, pattern in _SIMPLE[5:]:
        for match in pattern.finditer(text):
            yield kind, *match.span()
    yield from (("name", *span) for span in _names(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    if sum(c.isdigit() for c in text) < 6 or not re.search(
        r"\d[\d ().\u00a0/-]{6,}\d", text
    ):
        return
    import phonenumbers

    for region in ("CH", None):
        found = list(phonenumbers.PhoneNumberMatcher(text, region))
        if found:
            yield from ((m.start, m.end) for m in found)
            return


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield runs of capitalised words; a single one at the start of a sentence is an ordinary word, unless it recurs."""
    for match in _NAME.finditer(text):
        start, end = match.span()
        words = match[0].split(" ")
        while words and (
            words[0] in _PRONOUN
            or (
                _TITLE.search(text[max(0, start - 6) : start])
                and words[0].casefold() in _OPENERS
            )
        ):
            start += len(words.pop(0)) + 1
        if not words or (
            len(words) == 1
            and (
                words[0] in _PRONOUN
                or _TITLE.search(text[max(0, start - 6) : start])
                or len(words[0]) < 2
            )
        ):
            continue
        yield start, start + len(" ".join(words).rstrip("'’"))


_OPENERS = frozenset(
    "the a an this that these those it they he she we you i in on at to for from with by of as if when while after before since and but or so "
    "our my your his her their its all every no not yes most some one two three what why how who where which there here happy thanks thank "
    "congratulations great new today yesterday tomorrow last next please dear hello hi just now proud join read see did do does is are was "
    "were has have had can could will would should may might let meet ask about over under only even still also more many few each both".split()
)
