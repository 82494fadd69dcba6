"""What an engine proposes for a draft; the gate decides whether a person sees it."""

from __future__ import annotations

from dataclasses import dataclass

from app.records import Edit, Finding


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text, the edits that lead to it, what only the author can supply, notes, and wordings taken from the corpus.

    `findings` are those that a language model adds to the check's own; they carry the source "llm".
    """

    text: str
    edits: tuple[Edit, ...]
    for_author: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
