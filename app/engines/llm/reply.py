"""The forms that a model's replies must have, and how they are read: strictly, whatever surrounds them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from app.errors import ModelError
from app.records import ANSWERS, Fault

MOST_CHARACTERS = 100_000
MOST_ITEMS = 60


# What people are told about a refusal, by kind of fault: none of the reply's own words, which nobody has verified.
_REASONS = {
    "form": "it was not in the form that was asked for",
    "placeholder": "it made up hidden values",
    "unknown-rule": "it named a rule that does not exist",
    "unknown-passage": "it named a passage that does not exist",
    "evidence": "it showed words that are not in the draft",
    "misquote": "it quoted words that nobody wrote",
    "citation": "it did not cite as the guideline asks",
    "answer": "it gave none of the five answers",
    "conditions": "it named no conditions",
    "silenced": "it allowed a draft that has findings",
    "unasked": "it changed sentences in which nothing was found",
    "unmended": "it did nothing about what was found",
    "lost-fact": "it left out a fact",
    "new-fact": "it added or changed a fact",
    "new-claim": "it said something that the draft does not say",
    "negation": "it changed a “not”",
    "modality": "it changed what must, may or can be",
    "reversed": "it said the opposite",
    "new-finding": "it broke a rule that the draft did not",
    "finding": "it broke a rule",
    "empty": "nothing was left of the text",
    "too-little": "too little was left of the text",
    "too-long": "it was too long",
    "too-few": "too few bios passed the check",
    "markup": "it held markup",
    "hidden-characters": "it held invisible characters",
    "look-alike": "it held look-alike letters",
    "language": "it was in another language",
    "text": "a text was empty, over-long or held markup",
    "edits": "its changes could not be placed in the draft",
}


class ReplyError(ModelError):
    """The model replied, and its reply cannot be used; `faults` say why, and `raw` is the reply, for the one repair request."""

    raw = ""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        reasons = list(dict.fromkeys(_REASONS.get(fault.kind, "it did not pass the check") for fault in self.faults))
        more = f" (and {len(reasons) - 1} more {'reason' if len(reasons) == 2 else 'reasons'})" if len(reasons) > 1 else ""
        super().__init__(f"The model's reply was refused, because {reasons[0]}{more}.")


def _object(**properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}

REVISION = _object(
    findings={"type": "array", "items": _object(rule=_TEXT, words=_TEXT, explanation=_TEXT, passage=_TEXT)},
    revision=_TEXT,
    for_author=_TEXTS,
)
ANSWER = _object(answer={"type": "string", "enum": list(ANSWERS)}, passages=_TEXTS, text=_TEXT, conditions=_TEXTS)
BIOS = _object(bios=_TEXTS)


def read_reply(text: str, form: dict) -> dict:
    """Read a reply as an object of this form. Raises ReplyError: nothing is guessed and nothing is completed."""
    if len(text) > MOST_CHARACTERS:
        raise ReplyError([Fault("form", f"It has {len(text):,} characters, far more than the task needs.")])
    if not text.strip():
        raise ReplyError([Fault("form", "It is empty.")])
    value = _find_object(text)
    if value is None:
        raise ReplyError([Fault("form", "It is not one complete JSON object.")])
    return _held(value, form, "the reply")


def _find_object(text: str) -> object:
    """Give the first complete JSON object, past a preamble, a code fence or a chain of thought."""
    text = re.sub(r"<think(?:ing)?>.*?</think(?:ing)?>", "", text, flags=re.DOTALL)
    decoder = json.JSONDecoder()
    for start in [m.start() for m in re.finditer(r"\{", text)][:20]:
        try:
            return decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _held(value: object, form: dict, where: str):
    """Hold a value against the small part of JSON Schema that the forms use; gives it without fields that the form has not."""
    kind = {"object": dict, "array": list, "string": str}[form["type"]]
    if not isinstance(value, kind):
        raise ReplyError([Fault("form", f"{where} must be of type {form['type']}.")])
    if isinstance(value, str) and any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise ReplyError([Fault("form", f"{where} holds half a character.")])
    if "enum" in form and value not in form["enum"]:
        raise ReplyError([Fault("form", f"{where} must be one of: {', '.join(form['enum'])}.")])
    if isinstance(value, list):
        if len(value) > MOST_ITEMS:
            raise ReplyError([Fault("form", f"{where} has more than {MOST_ITEMS} items.")])
        return [_held(item, form["items"], f"an item of {where}") for item in value]
    if isinstance(value, dict):
        for key in form["required"]:
            if key not in value:
                raise ReplyError([Fault("form", f"{where} lacks “{key}”.")])
        return {key: _held(value[key], form["properties"][key], f"“{key}”") for key in form["required"]}
    return value


def growing_text(partial: str, key: str) -> str:
    """Give what has come so far of a string in a JSON object that is still being written."""
    begun = re.search(rf'"{key}"\s*:\s*"((?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}))*)', partial)
    if not begun:
        return ""
    try:
        return json.loads(f'"{begun[1]}"', strict=False).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    except ValueError:
        return ""
