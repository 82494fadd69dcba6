"""Figures in a text: dates, times, money, percentages, references to documents and committees, other numbers.

Only figures written in digits are found ("12", not "twelve"), and weekdays and months by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FIGURE = r"(?:\d{1,3}(?:[ \u00a0\u202f',.’]\d{3})++(?!\d)|\d++)(?:[.,]\d++)?"
_FRONT = r"(?<![\w.,])"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b"
)
_WEEKDAY = r"\b(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)days?\b"
_ORDINAL = r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?"
_DAYS = rf"{_ORDINAL}(?:\s?[-–]\s?{_ORDINAL})?"
_YEAR = r"(?:,?\s\d{4}\b(?!-\d))?"
_SCALE = r"(?:\s?(?:k|m|bn|thousand|million|billion)\b)?"
_CODE = r"(?:CHF|EUR|USD|GBP|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|BRL|ZAR)"
_COIN = r"(?:francs?|euros?|dollars?|pounds?|cents?|yen|yuan|rupees?|pence|bucks|quid)"

_DATE = re.compile(
    rf"(?<!\d)\d{{4}}-\d{{2}}-\d{{2}}\b|(?<![\d./])\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b{_DAYS}\s(?:of\s)?{_MONTH}{_YEAR}"
    rf"|\b{_MONTH}\s{_DAYS}\b{_YEAR}|\b{_MONTH}\s\d{{4}}\b|{_WEEKDAY}|\bQ[1-4](?:\s\d{{4}})?\b"
    r"|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
)
_TIME = re.compile(
    r"(?<![\w.:])\d{1,2}(?:[:.]\d{2})?\s?(?:[ap]\.m\.|[ap]m\b|[AP]M\b)|(?<![\w.:])\d{1,2}[:h]\d{2}\b(?:\s?(?:CES?T|UTC|GMT|BST|E[SD]T|P[SD]T))?"
    r"|(?<![\w.:])\d{1,2}\so['’]clock\b"
)
_MONEY = re.compile(rf"(?:[$€£¥₹]|\b{_CODE}\s?|\bFr\.\s?){_FIGURE}{_SCALE}|{_FRONT}{_FIGURE}{_SCALE}\s?(?:[$€£¥₹]|{_CODE}\b|{_COIN}\b)")
_PERCENT = re.compile(rf"{_FRONT}{_FIGURE}\s?(?:%|‰|per ?cent\b)")
# "EN 590", "GDPR 2016/679", "BS EN 1234-1:2020", "TC 207/SC 7", "JTC 1/SC 27": capitals, then a figure.
_CITED = re.compile(
    r"(?<![\w/])(?:[A-Z]{2,8}(?:/[A-Z]{2,8}){0,4}[ \u00a0]){0,3}(?:[A-Z]{1,4}|Guide|[A-Z]{2,8}(?:/[A-Z]{2,8}){0,4})[ \u00a0-]?"
    r"(?P<figure>\d{1,6})(?P<part>(?:[/-]\d{1,5}){0,3}(?::\d{4})?)(?:/[A-Z]{2,4}[ \u00a0]?\d{1,4}){0,3}(?!\w)"
)
_BARE = re.compile(r"(?<![\w.,:/'’$€£¥₹+-])(?P<figure>\d{4,6})(?P<part>(?:-\d{1,3})?(?::\d{4})?)(?![\w%€£]|[.,:/'’-]\d)")
_COUNTED = re.compile(r"\s(?:[a-z]+s|people|men|women|children|feet|copies|km|kg|m|g|ml|kHz|Hz)\b")
_NUMBER = re.compile(rf"{_FRONT}{_FIGURE}(?:[a-zA-Zµ°]{{1,3}})?(?!\w)|[½¼¾⅓⅔]")
_NO_REFERENCE = re.compile(rf"(?:.*[ \u00a0])?(?:{_CODE}|[AP]M|I|A|AND|OF|IN|ON|AT|TO|BY|FOR|THE|IS|ARE|HAVE|ONLY|ALL|OVER)[ \u00a0-]?\d")


def _year(figure: str) -> bool:
    return len(figure) == 4 and figure[:2] in ("19", "20")


def references(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of references: capitals and a figure, or a bare figure that is no count and no year."""
    for found in _CITED.finditer(text):
        if not (_year(found["figure"]) and not found["part"]) and not _NO_REFERENCE.match(found[0]):
            yield found.span()
    for found in _BARE.finditer(text):
        figure, part = found["figure"], found["part"]
        if ":" in part or not _year(figure) and (part or not figure.endswith("00") and not _COUNTED.match(text, found.end())):
            yield found.span()


def figures(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of every figure; spans of different kinds may overlap."""
    if not any(c.isdigit() for c in text):
        yield from (("date", *found.span()) for found in _DATE.finditer(text))
        return
    for kind, pattern in (("date", _DATE), ("time", _TIME), ("money", _MONEY), ("percent", _PERCENT)):
        yield from ((kind, *found.span()) for found in pattern.finditer(text))
    yield from (("reference", *span) for span in references(text))
    yield from (("number", *found.span()) for found in _NUMBER.finditer(text))
