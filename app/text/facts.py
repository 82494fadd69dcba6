"""The entities of a text that count as facts, and the form in which two of them are compared."""

from __future__ import annotations

import re

from app.text.entities import Entity, entities
from app.text.polarity import NUMBER_WORD, digits_of

# What a revision must keep, and what it must not invent.
FACTS = ("url", "email", "handle", "hashtag", "phone", "quotation", "number", "date", "time", "money", "percent", "name", "reference")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]]", re.I)


def same(entity: Entity) -> str:
    """Give the form in which two facts are compared: white space and typographic variants aside."""
    text = " ".join(entity.text.split()).replace("’", "'").replace("\u00a0", " ")
    if entity.kind in ("handle", "hashtag", "email"):
        return text.casefold()
    if entity.kind == "number":
        return digits_of(text)
    if entity.kind == "quotation":
        return text[1:-1].strip(" .,!?") if len(text) > 2 else text
    return text


def facts(text: str) -> list[Entity]:
    """Give the entities of a text that count as facts, numbers in words among them."""
    found = [entity for entity in linked(text) if entity.kind in FACTS]
    return found + [Entity("number", *m.span(), m[0]) for m in NUMBER_WORD.finditer(text)]


def linked(text: str) -> list[Entity]:
    """Give the entities of a text, and as links also addresses that begin with a scheme and end in no known domain."""
    found = entities(text)
    links = [(e.start, e.end) for e in found if e.kind == "url"]
    more = [m for m in _ADDRESS.finditer(text) if not any(a < m.end() and m.start() < b for a, b in links)]
    return found + [Entity("url", *m.span(), m[0]) for m in more]
