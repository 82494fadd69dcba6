"""Figures of a judge on labelled posts and questions (training only; pure Python)."""

from __future__ import annotations

from collections.abc import Sequence

from app.judge.data import STOP, Labels, Post, Question
from app.judge.scales import Scales


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Chance that a positive scores above a negative (Mann-Whitney, ties count half)."""
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks, i = [0.0] * len(scores), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and scores[order[j + 1]] == scores[order[i]]:
            j += 1
        for k in range(i, j + 1):
            ranks[order[k]] = (i + j) / 2 + 1
        i = j + 1
    hits = sum(positive)
    if not hits or hits == len(scores):
        return float("nan")
    return (sum(r for r, p in zip(ranks, positive) if p) - hits * (hits + 1) / 2) / (hits * (len(scores) - hits))


def _f1(hits: int, said: int, true: int) -> float:
    return 2 * hits / (said + true) if said + true else 0.0


def post_figures(posts: Sequence[Post], found: Sequence[dict[str, float]], decided: Sequence[dict[str, str]],
                 known: Labels) -> dict:
    """Verdict, per-rule and overall figures of calibrated probabilities and of the decisions on them (one dict a post).

    A rule counts as found when the decision is sure of it; an acceptable rule that is found counts neither way.
    "Ready" posts include those with should-level findings only, "fine" ones break no rule at all.
    """
    decisions = [{r for r, how in d.items() if how == "surely"} for d in decided]
    blocking = set(known.blocking)
    stopped = [bool(d & blocking) for d in decisions]
    stops = [p.stop for p in posts]
    fine = [not p.violations for p in posts]
    rules = {}
    for rule in known.rules:
        said = [rule in d and rule not in p.acceptable for d, p in zip(decisions, posts)]
        true = [rule in p.violations for p in posts]
        hits = sum(s and t for s, t in zip(said, true))
        judged = [i for i, p in enumerate(posts) if rule not in p.acceptable]
        rules[rule] = {"n": sum(true), "precision": hits / sum(said) if any(said) else 0.0,
                       "recall": hits / sum(true) if any(true) else 0.0, "f1": _f1(hits, sum(said), sum(true)),
                       "auc": auc([found[i][rule] for i in judged], [true[i] for i in judged]),
                       "false_alarms": sum(s and f for s, f in zip(said, fine)) / max(1, sum(fine)),
                       "counts": (hits, sum(said), sum(true))}
    totals = [sum(r["counts"][k] for r in rules.values()) for k in range(3)]
    return {"n": len(posts), "auc": auc([p[STOP] for p in found], stops),
            "verdict_right": sum(a == b for a, b in zip(stopped, stops)) / len(posts),
            "let_through": sum(s and not x for s, x in zip(stops, stopped)) / max(1, sum(stops)),
            "ready_stopped": sum(x and not s for s, x in zip(stops, stopped)) / max(1, len(stops) - sum(stops)),
            "fine_stopped": sum(x and f for f, x in zip(fine, stopped)) / max(1, sum(fine)),
            "micro_f1": _f1(*totals), "macro_f1": sum(r["f1"] for r in rules.values()) / len(rules),
            "calibration_error": calibration_error([p[STOP] for p in found], stops), "rules": rules}


def calibration_error(probabilities: Sequence[float], true: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins."""
    total = 0.0
    for b in range(bins):
        inside = [i for i, p in enumerate(probabilities) if min(int(p * bins), bins - 1) == b]
        if inside:
            total += abs(sum(probabilities[i] for i in inside) - sum(true[i] for i in inside))
    return total / max(1, len(probabilities))


def question_figures(questions: Sequence[Question], logits, scales: Scales) -> dict:
    """Answer right, and how often the most important entry is among the first 1, 3 and 5."""
    right, places = 0, []
    for question, row in zip(questions, logits):
        entries, answers = scales.question(row)
        right += max(answers, key=answers.get) == question.answer
        if question.entries:
            order = sorted(entries, key=entries.get, reverse=True)
            places.append(min(order.index(e) for e in question.entries[:1]))
    return {"n": len(questions), "answer_right": right / max(1, len(questions)),
            **{f"top_{k}": sum(p < k for p in places) / max(1, len(places)) for k in (1, 3, 5)}}


def pointing(posts: Sequence[Post], best_spans: Sequence[dict[str, tuple[int, int]]]) -> float:
    """Share of (post, violated rule) whose best span overlaps the evidence."""
    hits = [spans[rule][0] < end and start < spans[rule][1]
            for post, spans in zip(posts, best_spans) for rule, (start, end) in post.evidence.items() if rule in spans]
    return sum(hits) / max(1, len(hits))


def as_lines(figures: dict) -> list[str]:
    """The figures as lines of plain text."""
    lines = [f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}"
             for name, value in figures.items() if name != "rules"]
    for rule, f in figures.get("rules", {}).items():
        lines.append(f"{rule:32} n {f['n']:4} precision {f['precision']:.2f} recall {f['recall']:.2f} f1 {f['f1']:.2f} "
                     f"auc {f['auc']:.3f} false alarms {f['false_alarms']:.4f}")
    return lines
