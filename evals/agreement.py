"""How far two labellings of the same cases agree: Cohen's kappa per rule, and for decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.records import LEVELS
from evals.cases import Cases
from evals.metrics import kappa, kappa_of_names, ratio

METHOD = (
    "The second reader wrote none of the cases and saw, in shuffled order, only each post's text, platform and account "
    "(of a question only its words) beside the guideline and its rules. Where the two differ the first label stands."
)


def agreement(cases: Cases, rules: Sequence[str], levels: Mapping[str, str]) -> dict[str, Any]:
    """Give kappa per rule over the posts, how often both readings stop a post or neither does, and for the questions
    kappa of the decision and of the entries' sets. `levels` are the rules' levels.
    """
    stops = {rule for rule in rules if levels[rule] != LEVELS[0]}
    posts = [(set(p.violations), set(cases.posts_second[p.id])) for p in cases.posts if p.id in cases.posts_second]
    table = {
        rule: {
            "first": sum(rule in a for a, _ in posts),
            "second": sum(rule in b for _, b in posts),
            "both": sum(rule in a and rule in b for a, b in posts),
            "kappa": kappa([rule in a for a, _ in posts], [rule in b for _, b in posts]),
        }
        for rule in rules
    }
    defined = [row["kappa"] for row in table.values() if row["kappa"] is not None]
    asked = [(q, cases.questions_second[q.id]) for q in cases.questions if q.id in cases.questions_second]
    return {
        "n": len(posts),
        "same_stop": ratio(sum(bool(a & stops) == bool(b & stops) for a, b in posts), len(posts)),
        "same_labels": ratio(sum(a == b for a, b in posts), len(posts)),
        "kappa_mean": sum(defined) / len(defined) if defined else None,
        "kappa_least": min(defined, default=None),
        "questions_n": len(asked),
        "decision_kappa": kappa_of_names([q.answer for q, _ in asked], [second[0] for _, second in asked]),
        "same_rules": ratio(sum(set(q.rules) == set(second[1]) for q, second in asked), len(asked)),
        "method": METHOD,
        "tables": {"kappa": table},
    }
