"""One call of a verb, from plain fields to a result: shared by the command, its batches, the page and its endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app import present
from app.assistant import Assistant
from app.errors import UsageError
from app.records import ACCOUNTS, Draft, Profile
from app.text.length import PLATFORMS

VERBS = ("check", "revise", "ask", "bio", "prompt")
_TEXT_FIELDS = ("text", "platform", "account", "audience", "question", "name", "role", "wants", "current_bio", "current_handle")


@dataclass(frozen=True, slots=True)
class Result:
    """What a verb gave: as JSON fields, as text for a terminal, and whether something must be fixed."""

    json: Callable[[], dict]
    text: Callable[[bool], str]
    must_fix: bool


def call(verb: str, fields: Mapping[str, object], assistant: Assistant) -> Result:
    """Answer one call. Raises UsageError naming the field that is missing or wrong."""
    draft = _draft(fields)
    guideline = assistant.guideline
    if verb == "check":
        review = assistant.check(draft)
        return Result(lambda: present.review_json(review, guideline), lambda c: present.review_text(review, guideline, c), review.verdict != "ready")
    if verb == "revise":
        revision = assistant.revise(draft)
        must = revision.before.verdict != "ready"
        return Result(lambda: present.revision_json(revision, guideline), lambda c: present.revision_text(revision, guideline, c), must)
    if verb == "prompt":
        shown = assistant.show_prompt(draft)
        return Result(lambda: {"prompt": shown}, lambda c: shown, False)
    if verb == "ask":
        answer = assistant.ask(_need(fields, "question"), draft.account)
        return Result(lambda: present.answer_json(answer, guideline), lambda c: present.answer_text(answer, guideline, c), answer.answer in ("no", "ask"))
    if verb == "bio":
        bios = assistant.bio(profile(fields))
        must = bool(bios.declined) or bool(bios.current and bios.current.verdict != "ready")
        return Result(lambda: present.bios_json(bios, guideline), lambda c: present.bios_text(bios, guideline, c), must)
    raise UsageError(f"There is no verb '{verb}'. Verbs are: {', '.join(VERBS)}.")


def _need(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise UsageError(f"The field '{name}' is missing." if value is None else f"The field '{name}' must be text.")
    return value


def _draft(fields: Mapping[str, object]) -> Draft:
    for name in _TEXT_FIELDS:
        if not isinstance(fields.get(name, ""), str) and fields[name] is not None:
            raise UsageError(f"The field '{name}' must be text.")
        _whole(name, fields.get(name) or "")
    given = {key: fields.get(key) or default for key, default in (("platform", "linkedin"), ("account", "personal"), ("audience", ""))}
    for key, allowed in (("platform", tuple(PLATFORMS)), ("account", ACCOUNTS)):
        if given[key] not in allowed:
            raise UsageError(f"The field '{key}' is '{given[key]}', and must be one of: {', '.join(allowed)}.")
    needs_text = "question" not in fields and "name" not in fields
    return Draft(_need(fields, "text") if needs_text else "", **given)


def _whole(name: str, text: str) -> None:
    """Refuse half a character: JSON's \\ud83d alone, or an argument that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"The field '{name}' is not whole Unicode text (character {error.start + 1}). Type it again there.") from None


def profile(fields: Mapping[str, object]) -> Profile:
    """Read a profile. Raises UsageError naming the field that is wrong."""
    interests = fields.get("interests") or []
    if isinstance(interests, str):
        interests = [part.strip() for part in interests.split(",") if part.strip()]
    if not isinstance(interests, list) or not all(isinstance(i, str) for i in interests):
        raise UsageError("The field 'interests' must be a list of texts.")
    _whole("interests", "".join(interests))
    text = {name: str(fields.get(name) or "") for name in ("role", "wants", "current_bio", "current_handle")}
    return Profile(_need(fields, "name"), text["role"], tuple(interests), text["wants"], text["current_bio"], text["current_handle"])
