"""Contrast functions: one skill each, tested by posts that need just that skill (after HateCheck, Röttger et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.records import Draft
from evals.cases import Contrast, Function
from evals.metrics import ratio
from evals.score import Result, Score, mean, some
from evals.work import Clock

if TYPE_CHECKING:
    from app.assistant import Assistant


def run_contrast(case: Contrast, assistant: Assistant) -> Result:
    """Check one post of a function."""
    from evals.posts import finding_shown

    clock = Clock()
    with clock("check"):
        review = assistant.check(Draft(case.text, case.platform, case.account))
    found = [f.rule for f in review.findings]
    right_verdict = review.verdict == case.verdict
    if case.rule is None:
        passed, wanted = right_verdict, f"the verdict {case.verdict}"
    else:
        passed = (case.rule in found) == (case.expect == "found")
        wanted = f"{case.rule} {'found' if case.expect == 'found' else 'not found'}"
    scores = {
        "function": Score(float(passed), f"expected {wanted}; found {some(sorted(set(found))) or 'nothing'}"),
        "verdict": Score(float(right_verdict), f"expected {case.verdict}, got {review.verdict}"),
    }
    shown = {
        "function": case.function,
        "platform": case.platform,
        "account": case.account,
        "note": case.note,
        "expected": {"rule": case.rule, "expect": case.expect, "verdict": case.verdict},
        "verdict": review.verdict,
        "findings": [finding_shown(f, case.text, assistant.guideline.rules[f.rule].level) for f in review.findings],
    }
    return Result("functions", case.id, case.text, scores, shown, clock.seconds)


def function_figures(results: Sequence[Result], functions: Sequence[Function]) -> dict[str, Any]:
    """Give the score of each function, their mean, and how many are passed in full."""
    table = {}
    for function in functions:
        names = {case.id for case in function.cases}
        mine = [r for r in results if r.id in names]
        if mine:
            score = sum(r.scores["function"].value if "function" in r.scores else 0.0 for r in mine) / len(mine)
            table[function.name] = {
                "title": function.title,
                "why": function.why,
                "n": len(mine),
                "finds": function.cases[0].expect == "found",
                "score": score,
                "verdict": mean(mine, "verdict"),
                "failed": [r.id for r in mine if "function" not in r.scores or r.scores["function"].value < 1],
            }
    if not table:
        return {}
    finds = [row["score"] for row in table.values() if row["finds"]]
    spares = [row["score"] for row in table.values() if not row["finds"]]
    return {
        "n": len(results),
        "score": sum(row["score"] for row in table.values()) / len(table),
        "finds": ratio(sum(finds), len(finds)),
        "spares": ratio(sum(spares), len(spares)),
        "verdict": mean(list(results), "verdict"),
        "passed_in_full": sum(row["score"] == 1 for row in table.values()) / len(table),
        "tables": {"functions": table},
    }
