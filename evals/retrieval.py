"""Retrieval: are the entries that answer a question among the first ones found?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from evals.cases import Question
from evals.score import Result, Score, mean, some
from evals.work import Clock

if TYPE_CHECKING:
    from app.assistant import Assistant

DEPTHS = (1, 3, 5)
SEARCHED = 20


def run_search(question: Question, assistant: Assistant) -> Result:
    """Search the guideline for one question that it answers."""
    clock = Clock()
    with clock("search"):
        hits = assistant.retriever.search(question.question, SEARCHED)
    return ranked(question, list(dict.fromkeys(hit.entry for hit in hits)), clock.seconds)


def ranked(question: Question, entries: Sequence[str], seconds: dict[str, float] | None = None) -> Result:
    """Score a ranking of entries: recall@k of the question's `rules`; a hit is any of `rules` or `also`."""
    scores = {}
    gold, wide = set(question.rules), {*question.rules, *question.also}
    for depth in DEPTHS:
        missed = sorted(gold - set(entries[:depth]))
        share = 1 - len(missed) / len(gold)
        scores[f"recall@{depth}"] = Score(share, f"not among the first {depth}: {some(missed)}" if missed else "found")
        scores[f"hit@{depth}"] = Score(float(bool(wide & set(entries[:depth]))), f"first {depth}: {some(entries[:depth], depth)}")
    place = next((i for i, e in enumerate(entries, start=1) if e in wide), 0)
    scores["reciprocal_rank"] = Score(1 / place if place else 0.0, f"the first right entry is number {place}" if place else f"none among {len(entries)}")
    shown = {"expected": {"rules": list(question.rules), "also": list(question.also)}, "entries": list(entries[:8]), "note": question.note}
    return Result("retrieval", f"{question.id}-search", question.question, scores, shown, seconds or {})


def in_scope(questions: Sequence[Question]) -> list[Question]:
    """Give the questions that some entry answers."""
    return [q for q in questions if q.rules]


def retrieval_figures(results: Sequence[Result]) -> dict[str, Any]:
    """Give the figures over results of searches."""
    names: list[str] = [f"{kind}@{depth}" for kind in ("recall", "hit") for depth in DEPTHS] + ["reciprocal_rank"]
    return {"n": len(results)} | {name: mean(list(results), name) for name in names} if results else {}


def by_meaning(encode: Callable[[Sequence[str]], Any], passages: Sequence[tuple[str, str]], questions: Sequence[Question]) -> list[Result]:
    """Rank (entry, text) passages by cosine alone: bare retrieval with an encoder of L2-normalised vectors."""
    matrix = encode([text for _, text in passages])
    results = []
    for question in questions:
        order = (-(matrix @ encode([question.question])[0])).argsort(kind="stable")
        results.append(ranked(question, list(dict.fromkeys(passages[i][0] for i in order))[:SEARCHED]))
    return results
