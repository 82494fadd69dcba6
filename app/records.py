"""The few frozen types that flow through presend. Spans count Unicode code points of the user's text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = ("should", "must", "ask")
VERDICTS = ("ready", "revise", "ask")
ANSWERS = ("yes", "yes-if", "no", "ask", "out-of-scope")
ACCOUNTS = ("personal", "official")
FIELDS = ("post", "bio", "handle", "display_name", "wish")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that its author is about to publish, and where."""

    text: str
    platform: str = "linkedin"
    account: str = "personal"
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the guideline, with their place in guideline.md."""

    id: str
    heading: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Words of a draft that break a rule.

    `fix` names how the offline engine mends it and `replacement` is the wording to put there, when known.
    """

    rule: str
    level: str
    start: int
    end: int
    explanation: str
    passage: str
    suggestion: str | None = None
    source: str = "rule"
    confidence: float = 1.0
    fix: str = ""
    replacement: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Measurements of a text: platform length and limit, Flesch-Kincaid grade, words."""

    length: int
    limit: int
    reading_grade: float
    words: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace draft[start:end] by `replacement`; edits of one revision never overlap."""

    id: int
    start: int
    end: int
    replacement: str
    rule: str
    why: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """What a check found."""

    draft: Draft
    findings: tuple[Finding, ...]
    verdict: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Revision:
    """A proposed text, the edits that lead to it, and the checks before and after."""

    text: str
    edits: tuple[Edit, ...]
    before: Review
    after: Review
    for_author: tuple[str, ...] = ()
    made_by: str = "offline"
    verified: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to "can I post this?", with the passages that carry it (the most important first)."""

    answer: str
    text: str
    conditions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    citations: tuple[Passage, ...] = ()
    check: Review | None = None
    made_by: str = "offline"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a bio is for. `wishes` is free text: what the person would like to see in it."""

    name: str
    role: str
    interests: tuple[str, ...] = ()
    wishes: str = ""
    current_bio: str = ""
    current_handle: str = ""


@dataclass(frozen=True, slots=True)
class Bio:
    """One proposed bio and its check."""

    text: str
    check: Review


@dataclass(frozen=True, slots=True)
class Declined:
    """A wish that a rule forbids."""

    wish: str
    rule: str
    passage: str


@dataclass(frozen=True, slots=True)
class Bios:
    """What `bio` gives: bios, handles, the check of the current profile, wishes declined.

    The findings of `current` name their field; their spans index that field's text in `current_texts`.
    """

    bios: tuple[Bio, ...]
    handles: tuple[str, ...]
    current: Review | None = None
    current_texts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    declined: tuple[Declined, ...] = ()
    made_by: str = "offline"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the gate refused a proposal."""

    kind: str
    detail: str
