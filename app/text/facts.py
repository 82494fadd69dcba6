"""The entities of a text that count as facts, and the form in which two of them are compared."""

from __future__ import annotations

from app.text.entities import Entity, entities
from app.text.polarity import NUMBER_WORD, digits_of

# What a revision must keep, and what it must not invent.
FACTS = ("url", "email", "handle", "hashtag", "phone", "quotation", "number", "date", "time", "money", "percent", "name", "reference")


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
    found = [entity for entity in entities(text) if entity.kind in FACTS]
    return found + [Entity("number", *m.span(), m[0]) for m in NUMBER_WORD.finditer(text)]
