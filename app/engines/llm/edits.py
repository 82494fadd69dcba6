"""A model's free rewriting as edits of the draft, each tied to the finding that it mends.

What is tied to no finding is left out: a sentence in which nothing was found stays as its author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.guideline import Guideline
from app.manuscript import apply_edits, diff
from app.records import Edit, Fault, Finding
from app.text.language import content_words
from app.text.sentences import sentences

_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u202f": " "})
_SPACE = re.compile(r"\s+")
LEAST_KEPT = 0.5  # of the content words of a sentence in which nothing was found


def outer_space(draft: str, rewritten: str) -> str:
    """Give the rewriting the draft's own white space at both ends, and its kind of line ends."""
    if "\r\n" in draft:
        rewritten = re.sub(r"\r?\n", "\r\n", rewritten)
    body = draft.strip()
    start = draft.find(body) if body else 0
    return draft[:start] + rewritten.strip() + draft[start + len(body) :]


def tie(draft: str, rewritten: str, findings: Sequence[Finding], guideline: Guideline) -> tuple[Edit, ...]:
    """Turn a rewriting into edits, apart from one another and in order, each with its finding's rule and explanation."""
    lines = sentences(draft)
    edits: list[Edit] = []
    for start, end, new in diff(draft, rewritten):
        finding = None if _typographic(draft[start:end], new) else _finding_for(start, end, new, findings, lines, guideline)
        if finding:
            certain = finding.source == "rule" and new == finding.replacement
            edits.append(Edit(len(edits) + 1, start, end, new, finding.rule, finding.explanation, certain))
    return tuple(edits)


def _typographic(old: str, new: str) -> bool:
    """Is the change one of quotation marks, dashes and white space only?"""
    return bool(old.strip() and new.strip()) and _plain(old) == _plain(new)


def _plain(words: str) -> str:
    return _SPACE.sub(" ", words.translate(_TYPOGRAPHY)).strip()


def _finding_for(
    start: int, end: int, new: str, findings: Sequence[Finding], lines: Sequence[tuple[int, int]], guideline: Guideline
) -> Finding | None:
    """Give the finding whose words the edit touches most, else one in the same sentence, else one whose rule asks for the addition."""
    touching = [f for f in findings if f.start <= end and start <= f.end]
    if touching:
        return max(touching, key=lambda f: (min(f.end, end) - max(f.start, start), f.level != "should", f.source != "llm"))
    near = [(a, b) for a, b in lines if a <= end and start <= b]
    beside = [f for f in findings if any(a < f.end and f.start < b for a, b in near)]
    if beside:
        return min(beside, key=lambda f: (min(abs(f.start - end), abs(start - f.end)), f.level == "should"))
    if draft_addition := (start == end and content_words(new)):
        for finding in findings:
            entry = guideline.entries[finding.rule]
            asked = content_words(f"{entry.title} {entry.suggest} {finding.suggestion or ''} " + " ".join(p.text for p in guideline.passages_of(entry.id)))
            if draft_addition & asked:
                return finding
    return None


def unasked(draft: str, edits: Sequence[Edit], findings: Sequence[Finding]) -> list[Fault]:
    """Find sentences in which nothing was found and of which the edits leave little."""
    revised = content_words(apply_edits(draft, edits))
    faults = []
    for start, end in sentences(draft):
        words = content_words(draft[start:end])
        found = any(start < f.end and f.start < end for f in findings)
        touched = any(e.start < end and start < e.end for e in edits)
        if touched and not found and words and len(words & revised) < LEAST_KEPT * len(words):
            shown = " ".join(draft[start:end].split())
            faults.append(Fault("unasked", f"The sentence “{shown[:80]}” has no finding and is gone."))
    return faults
