"""What a prompt's placeholders are filled with: the catalogue, passages, findings, and a fence around what users wrote."""

from __future__ import annotations

from collections.abc import Iterable

from app.guideline import Guideline
from app.records import Finding, Review

MOST_PASSAGES = 8
MOST_FINDINGS = 30


def catalogue(guideline: Guideline, field: str) -> str:
    """Give a line for each rule that applies to a field; the same for every draft, so that servers can cache it."""
    return "\n".join(
        f"{rule.id} ({rule.level_for(field)}; {len(rule.passages)}) {rule.title}{'' if rule.title[-1] in '.?!' else '.'} {rule.ask_model}"
        for rule in guideline.rules.values()
        if field in rule.applies_to
    )


def all_passages(guideline: Guideline) -> str:
    """Give every passage as a line "id: words"."""
    return "\n".join(f"{passage.id}: {' '.join(passage.text.split())}" for passage in guideline.passages.values())


def passages(guideline: Guideline, ids: Iterable[str]) -> str:
    """Give the first few of these passages as lines "id: words"."""
    chosen = [guideline.passages[p] for p in dict.fromkeys(ids) if p in guideline.passages][:MOST_PASSAGES]
    return "\n".join(f"{passage.id}: {' '.join(passage.text.split())}" for passage in chosen) or "none"


def findings(review: Review | None) -> str:
    """Give the check's findings as lines: rule, level, words, explanation."""
    if review is None or not review.findings:
        return "nothing"
    return "\n".join(_finding(review.draft.text, finding) for finding in review.findings[:MOST_FINDINGS])


def _finding(text: str, finding: Finding) -> str:
    words = " ".join(text[finding.start : finding.end].split())
    return f"- {finding.rule} ({finding.level}) at: {words[:120]}"


def fence(text: str) -> str:
    """Give a line of tildes that does not occur in the text."""
    mark = "~~~~~~"
    while mark in text:
        mark += "~~~~"
    return mark
