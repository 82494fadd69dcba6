"""Revisions: ready to post, facts kept, bad words gone, as little changed as possible, and stable."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from app.manuscript import apply_edits, diff
from app.records import Revision
from app.text.readability import words
from evals.cases import Post
from evals.metrics import ratio
from evals.score import Result, Score, mean, some


def revision_scores(post: Post, revision: Revision, again: Callable[[str], Revision]) -> dict[str, Score]:
    """Score a revision; `again` revises a text in the same surroundings."""
    changed = revision.text != post.text
    scores = {"edits": _edits(post, revision)}
    if revision.before.verdict != "ready":
        scores["ready"] = _ready(revision)
    if post.keep:
        lost = [w for w in post.keep if not _holds(revision.text, w)]
        kept = 1 - len(lost) / len(post.keep)
        scores["kept"] = Score(kept, f"lost: {some(lost)}" if lost else "every fact is still there")
    if post.gone:
        left = [w for w in post.gone if _holds(revision.text, w)]
        scores["gone"] = Score(1 - len(left) / len(post.gone), f"still there: {some(left)}" if left else "all gone")
    if not post.violations:
        size = edit_size(post.text, revision.text)
        scores["left_alone"] = Score(max(0.0, 1 - size), f"{size:.0%} of the words changed though nothing is wrong" if changed else "left as it was")
    if changed:
        second = again(revision.text).text
        scores["stable"] = Score(float(second == revision.text), "unchanged" if second == revision.text else f"a second revision gives: {second[:120]}")
    return scores


def _edits(post: Post, revision: Revision) -> Score:
    right = apply_edits(post.text, revision.edits) == revision.text
    return Score(float(right), "the edits lead to the revision" if right else "the edits do not lead to the revision")


def _ready(revision: Revision) -> Score:
    rest = sorted({f.rule for f in revision.after.findings if f.level != "should"})
    return Score(float(revision.after.verdict == "ready"), f"still {revision.after.verdict}: {some(rest)}" if rest else "ready")


def _holds(text: str, phrase: str) -> bool:
    return " ".join(phrase.split()).casefold() in " ".join(text.split()).casefold()


def edit_size(before: str, after: str) -> float:
    """Give the words taken out and put in, as a share of the words of the draft (above 1 when more was put in)."""
    had = len(words(before)) or 1
    return sum(max(len(words(before[a:b])), len(words(new))) for a, b, new in diff(before, after)) / had


def revision_shown(revision: Revision) -> dict[str, Any]:
    """Give what the run file keeps of a revision."""
    draft = revision.before.draft.text
    return {
        "revision": revision.text,
        "revised_verdict": revision.after.verdict,
        "for_author": list(revision.for_author),
        "notes": list(revision.notes),
        "made_by": revision.made_by,
        "changed": revision.text != draft,
        "edit_size": edit_size(draft, revision.text),
        "grade_before": revision.before.figures.reading_grade,
        "grade_after": revision.after.figures.reading_grade,
    }


def revision_figures(results: Sequence[Result]) -> dict[str, Any]:
    """Give the figures of the revisions over results of posts."""
    ran = [r for r in results if "revision" in r.shown]
    if not ran:
        return {}
    changed = [r for r in ran if r.shown["changed"]]
    blocked = [r for r in ran if r.shown["expected"]["verdict"] != "ready"]
    fine = [r for r in ran if not r.shown["expected"]["violations"]]
    mended = [r for r in blocked if "gone" in r.scores]
    return {
        "n": len(changed),
        "ready": mean(ran, "ready"),
        "mended": ratio(sum(r.scores["gone"].value == 1 and r.shown["revised_verdict"] == "ready" for r in mended), len(mended)),
        "gone": mean(ran, "gone"),
        "gone_all": ratio(sum(r.scores["gone"].value == 1 for r in ran if "gone" in r.scores), sum("gone" in r.scores for r in ran)),
        "kept": mean(changed, "kept"),
        "kept_all": ratio(sum(r.scores["kept"].value == 1 for r in changed if "kept" in r.scores), sum("kept" in r.scores for r in changed)),
        "fine_left_alone": ratio(sum(not r.shown["changed"] for r in fine), len(fine)),
        "stable": mean(ran, "stable"),
        "edits_apply": mean(ran, "edits"),
        "handed_back": ratio(sum(not r.shown["changed"] for r in blocked), len(blocked)),
        "edit_size": statistics.median(r.shown["edit_size"] for r in changed) if changed else None,
        "grade_change": statistics.fmean(r.shown["grade_after"] - r.shown["grade_before"] for r in changed) if changed else None,
        "by_model": ratio(sum(r.shown["made_by"] == "llm" for r in ran), len(ran)) or None,
        "tables": {"edit_sizes": sorted(round(r.shown["edit_size"], 3) for r in changed)},
    }
