"""Questions: the decision, the passages cited, knowing when not to answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.records import ANSWERS, Answer
from app.text.sentences import sentences
from evals.cases import Question
from evals.metrics import confusion, f1, macro_f1, ratio, risk_coverage, wilson
from evals.score import Result, Score, mean, some
from evals.work import Clock

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.guideline import Guideline

ABSTAIN = "out-of-scope"


def run_question(question: Question, assistant: Assistant) -> Result:
    """Ask one question."""
    clock = Clock()
    with clock("ask"):
        answer = assistant.ask(question.question)
    share = assistant.judge.question(question.question).answers.get(answer.answer, 0.0)
    shown = {
        "voice": question.voice,
        "note": question.note,
        "expected": {"answer": question.answer, "rules": list(question.rules), "also": list(question.also), "draft": question.draft},
        "answer": answer.answer,
        "said": answer.text,
        "conditions": list(answer.conditions),
        "rules": list(answer.rules),
        "citations": [{"passage": p.id, "quote": p.text} for p in answer.citations],
        "confidence": share,
        "made_by": answer.made_by,
        "notes": list(answer.notes),
    }
    return Result("questions", question.id, question.question, answer_scores(question, answer, assistant.guideline), shown, clock.seconds)


def answer_scores(question: Question, answer: Answer, guideline: Guideline) -> dict[str, Score]:
    """Score one answer."""
    gold = {*question.rules, *question.also}
    scores = {"decision": Score(float(answer.answer == question.answer), f"expected {question.answer}, got {answer.answer}")}
    if question.answer != ABSTAIN:
        said = set(answer.rules)
        scores["rule"] = Score(float(bool(said & gold)), f"expected one of {some(sorted(gold))}; got {some(answer.rules) or 'none'}")
        scores["first_rule"] = Score(float(answer.rules[:1] != () and answer.rules[0] in gold), f"names {some(answer.rules[:1]) or 'none'} first")
        cited = {p.id.rsplit(".", 1)[0] for p in answer.citations}
        scores["cited"] = Score(float(bool(cited & gold)), f"cites {some(sorted(cited)) or 'nothing'}")
    strange = [p.text for p in answer.citations if guideline.text[p.start : p.end] != p.text or not p.text.strip()]
    missing = not answer.citations and answer.answer != ABSTAIN
    scores["verbatim"] = Score(float(not strange and not missing), f"not in the guideline: {some(strange)}" if strange else "no citation" if missing else "word for word")
    if question.draft:
        scores["draft_checked"] = Score(float(answer.check is not None), "checked" if answer.check else "the quoted draft was not checked")
    if answer.answer == "yes-if":
        scores["conditions"] = Score(float(bool(answer.conditions)), "named" if answer.conditions else "'yes-if' without a condition")
    count = len(sentences(answer.text))
    scores["length"] = Score(float(2 <= count <= 5), f"{count} sentences")
    return scores


def question_figures(results: Sequence[Result]) -> dict[str, Any]:
    """Give the figures over results of questions."""
    ran = [r for r in results if "decision" in r.scores]
    if not ran:
        return {}
    pairs = [(r.shown["expected"]["answer"], r.shown["answer"]) for r in ran]
    outside = sum(e == ABSTAIN for e, _ in pairs)
    held = sum(g == ABSTAIN for _, g in pairs)
    both = sum(e == g == ABSTAIN for e, g in pairs)
    answered = [r for r in ran if r.shown["answer"] != ABSTAIN]
    area, points = risk_coverage([(r.shown["confidence"], r.scores["decision"].value == 1) for r in ran])
    accuracy = mean(ran, "decision") or 0.0
    permits = [r for r in ran if r.shown["expected"]["answer"] in ("no", "ask")]
    return {
        "n": len(ran),
        "decision_accuracy": accuracy,
        "decision_interval": list(wilson(accuracy, len(ran))),
        "decision_macro_f1": macro_f1(pairs, ANSWERS),
        "wrongly_allowed": ratio(sum(r.shown["answer"] == "yes" for r in permits), len(permits)),
        "rule": mean(ran, "rule"),
        "first_rule": mean(ran, "first_rule"),
        "cited": mean(ran, "cited"),
        "verbatim": mean(ran, "verbatim"),
        "abstain_precision": ratio(both, held),
        "abstain_recall": ratio(both, outside),
        "abstain_f1": f1(both, held, outside),
        "coverage": len(answered) / len(ran),
        "risk": ratio(sum(r.scores["decision"].value == 0 for r in answered), len(answered)),
        "risk_area": area,
        "draft_checked": mean(ran, "draft_checked"),
        "conditions": mean(ran, "conditions"),
        "length": mean(ran, "length"),
        "by_model": ratio(sum(r.shown["made_by"] == "llm" for r in ran), len(ran)) or None,
        "tables": {
            "confusion": {"names": list(ANSWERS), "counts": confusion(pairs, ANSWERS)},
            "risk_coverage": [list(p) for p in points],
        },
    }
