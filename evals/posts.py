"""Posts: does the check find what is wrong, and only that? Does the revision mend it and keep the facts?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.records import LEVELS, Draft, Finding, Review, Revision
from evals.cases import Post
from evals.metrics import averages, calibration, confusion, ratio, rule_counts, wilson
from evals.score import Result, Score, mean, some
from evals.work import Clock

if TYPE_CHECKING:
    from app.assistant import Assistant

VERDICT_NAMES = ("ready", "revise", "ask")


def run_post(post: Post, assistant: Assistant) -> Result:
    """Check and revise one post."""
    from evals.revisions import revision_scores, revision_shown

    clock = Clock()
    draft = Draft(post.text, post.platform, post.account, post.audience)
    with clock("check"):
        review = assistant.check(draft)
    with clock("revise"):
        revision = assistant.revise(draft)
    scores = check_scores(post, review) | revision_scores(post, revision, lambda text: _again(assistant, draft, text))
    shown = {
        "platform": post.platform,
        "account": post.account,
        "voice": post.voice,
        "hard": post.hard,
        "pair": post.pair,
        "note": post.note,
        "expected": {"verdict": post.verdict, "violations": list(post.violations), "acceptable": list(post.acceptable), "evidence": dict(post.evidence)},
        "verdict": review.verdict,
        "findings": [finding_shown(f, post.text, assistant.guideline.rules[f.rule].level) for f in review.findings],
        **revision_shown(revision),
    }
    return Result("posts", post.id, post.text, scores, shown, clock.seconds)


def _again(assistant: Assistant, draft: Draft, text: str) -> Revision:
    return assistant.revise(Draft(text, draft.platform, draft.account, draft.audience))


def finding_shown(finding: Finding, text: str, level: str) -> dict[str, Any]:
    """Give a finding for the run file; `soft` when it is weaker than its rule's level ("worth a second look")."""
    return {
        "rule": finding.rule,
        "level": finding.level,
        "start": finding.start,
        "end": finding.end,
        "words": text[finding.start : finding.end],
        "explanation": finding.explanation,
        "confidence": finding.confidence,
        "source": finding.source,
        "soft": LEVELS.index(finding.level) < LEVELS.index(level),
    }


def check_scores(post: Post, review: Review) -> dict[str, Score]:
    """Score the verdict, the rules found and where they were found."""
    found = {f.rule for f in review.findings}
    expected, acceptable = set(post.violations), set(post.acceptable)
    missed, extra = sorted(expected - found), sorted(found - expected - acceptable)
    wrong = ["missed " + some(missed)] * bool(missed) + ["not asked for: " + some(extra)] * bool(extra)
    hits = len(expected & found)
    scores = {
        "verdict": Score(float(review.verdict == post.verdict), f"expected {post.verdict}, got {review.verdict}"),
        "rules": Score(2 * hits / (2 * hits + len(missed) + len(extra)) if found - acceptable or expected else 1.0, "; ".join(wrong) or "as labelled"),
    }
    overlaps = [_overlap(post, rule, review.findings) for rule in post.violations if rule in found]
    if overlaps:
        beside = [rule for rule, share in zip([r for r in post.violations if r in found], overlaps, strict=True) if not share]
        value = sum(share > 0 for share in overlaps) / len(overlaps)
        scores["evidence"] = Score(value, f"points beside the words for {some(beside)}" if beside else "touches the marked words")
        scores["evidence_f1"] = Score(sum(overlaps) / len(overlaps), "characters shared with the marked words (F1)")
    return scores


def _overlap(post: Post, rule: str, findings: Sequence[Finding]) -> float:
    """F1 of the characters of a rule's evidence and of the findings of that rule."""
    start = post.text.index(post.evidence[rule])
    marked = set(range(start, start + len(post.evidence[rule])))
    said = {i for f in findings if f.rule == rule for i in range(f.start, f.end)}
    shared = len(marked & said)
    return 2 * shared / (len(marked) + len(said)) if shared else 0.0


def post_figures(results: Sequence[Result], rules: Sequence[str]) -> dict[str, Any]:
    """Give the figures of the check over results of posts, from what the run file keeps."""
    ran = [r for r in results if "verdict" in r.scores]
    if not ran:
        return {}
    sets = [_sets(r, soft=True) for r in ran]
    table = rule_counts(sets, rules)
    sure = averages(rule_counts([_sets(r, soft=False) for r in ran], rules))
    pairs = [(r.shown["expected"]["verdict"], r.shown["verdict"]) for r in ran]
    stop = [r for r in ran if r.shown["expected"]["verdict"] != "ready"]
    go = [r for r in ran if r.shown["expected"]["verdict"] == "ready"]
    fine = [r for r in ran if not r.shown["expected"]["violations"]]
    confidences = _confidences(ran)
    judged = [(c, right) for c, right, source in confidences if source == "judge"]
    error, _ = calibration([(c, right) for c, right, _ in confidences])
    judge_error, bins = calibration(judged)
    accuracy = mean(ran, "verdict") or 0.0
    return {
        "n": len(ran),
        "verdict_accuracy": accuracy,
        "verdict_interval": list(wilson(accuracy, len(ran))),
        "stop_accuracy": sum((e == "ready") == (g == "ready") for e, g in pairs) / len(pairs),
        "let_through": _share(stop, "ready"),
        "let_through_hard": _share([r for r in stop if r.shown["hard"]], "ready"),
        "stopped": _stopped(go),
        "stopped_hard": _stopped([r for r in go if r.shown["hard"]]),
        "fine_stopped": _stopped(fine),
        "fine_with_finding": ratio(sum(bool(_sets(r, True)[0] - _sets(r, True)[2]) for r in fine), len(fine)),
        "pairs_right": _pairs_right(ran),
        **averages(table),
        "micro_f1_sure": sure["micro_f1"],
        "macro_f1_sure": sure["macro_f1"],
        "evidence": mean(ran, "evidence"),
        "evidence_f1": mean(ran, "evidence_f1"),
        "calibration_error": error,
        "calibration_error_judge": judge_error,
        "tables": {
            "rules": table,
            "confusion": {"names": list(VERDICT_NAMES), "counts": confusion(pairs, VERDICT_NAMES)},
            "calibration": bins,
            "voices": {v: _voice([r for r in ran if r.shown["voice"] == v]) for v in sorted({r.shown["voice"] for r in ran}, key=_natural)},
        },
    }


def _natural(voice: str) -> tuple[int, str]:
    return len(voice), voice


def _sets(result: Result, soft: bool) -> tuple[set[str], set[str], set[str]]:
    """(found, expected, acceptable) rules of a result; without `soft`, findings that block less than their rule are left out."""
    expected = result.shown["expected"]
    found = {f["rule"] for f in result.shown["findings"] if soft or not f["soft"]}
    return found, set(expected["violations"]), set(expected["acceptable"])


def _share(results: Sequence[Result], verdict: str) -> float | None:
    return ratio(sum(r.shown["verdict"] == verdict for r in results), len(results))


def _stopped(results: Sequence[Result]) -> float | None:
    let = _share(results, "ready")
    return None if let is None else 1 - let


def _voice(results: Sequence[Result]) -> dict[str, float | int | None]:
    return {"n": len(results), "verdict_accuracy": mean(list(results), "verdict"), "rules": mean(list(results), "rules")}


def _pairs_right(results: Sequence[Result]) -> float | None:
    """Share of pairs (nearly the same words, another label) of which both verdicts are right."""
    by_id = {r.id: r for r in results}
    pairs = {tuple(sorted((r.id, r.shown["pair"]))) for r in results if r.shown["pair"] in by_id}
    right = sum(all(by_id[i].scores["verdict"].value == 1 for i in pair) for pair in pairs)
    return ratio(right, len(pairs))


def _confidences(results: Sequence[Result]) -> list[tuple[float, bool, str]]:
    """(confidence, was the rule expected?, source) of every finding whose rule is not merely acceptable."""
    found = []
    for result in results:
        expected = result.shown["expected"]
        for finding in result.shown["findings"]:
            right = finding["rule"] in expected["violations"]
            if right or finding["rule"] not in expected["acceptable"]:
                found.append((finding["confidence"], right, finding["source"]))
    return found
