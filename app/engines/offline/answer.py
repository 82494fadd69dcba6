"""The offline engine's answer to "can I post this?": retrieval and the judge vote, the entries' own texts speak."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.engines.offline.leave import plainly
from app.guideline import Guideline
from app.judge.judge import Judge
from app.records import ANSWERS, Answer, Draft, Review
from app.retrieval.retriever import Retriever
from app.text.entities import entities

LEAST_DRAFT_WORDS = 4
MOST_ENTRIES = 2
CANDIDATES = 8
# The retriever has learnt from the situations, the judge from situations and posts: two opinions of equal weight.
JUDGE_SHARE = 0.5


def quoted_draft(question: str) -> str | None:
    """Give the draft quoted in a question: its longest quotation of at least four words, or None."""
    inside = [e.text[1:-1].strip() for e in entities(question) if e.kind == "quotation"]
    longest = max(inside, key=len, default="")
    if len(longest.split()) >= LEAST_DRAFT_WORDS:
        return longest
    after = re.search(r"(?:draft|post|tweet|write|say|caption|this)\b[^\n:]{0,40}:\s*\n*(?P<draft>\S.{20,})\Z", question, re.S | re.I)
    return after["draft"].strip(" \"'“”‘’") if after else None


def answer(question: str, guideline: Guideline, retriever: Retriever, judge: Judge, check: Callable[..., Review], account: str) -> Answer:
    """Answer a question from the guideline.

    `check` reads a quoted draft, and the question itself for what rules find in questions (a handle that it has in
    mind); `account` is the account that it would be posted from. Gives an Answer whose citations are passages of the
    guideline; the gate looks at it as at any other engine's.
    """
    asked = plainly(_without_chance_letters(question, guideline, check))
    votes = _votes(asked, retriever, judge)
    quoted = quoted_draft(question)
    review = check(Draft(quoted, account=account)) if quoted else None
    decision = max(votes, key=votes.__getitem__)
    rules = [hit.entry for hit in retriever.search(asked, CANDIDATES)]
    if review and review.verdict != "ready" and decision != "out-of-scope":
        decision = "ask" if review.verdict == "ask" and decision == "ask" else "no" if decision in ("yes", "yes-if") else decision
        broken = [f.rule for f in sorted(review.findings, key=lambda f: f.level == "should")]
        rules = list(dict.fromkeys(broken + rules))
    named = check(Draft(question, account=account), "question").findings
    if named:  # seen in the question's own words, where votes only guess
        decision = "ask" if any(f.level == "ask" for f in named) else "no"
        rules = list(dict.fromkeys([f.rule for f in named] + rules))
    if decision == "out-of-scope" or not rules:
        return Answer("out-of-scope", _out_of_scope(guideline), check=review)
    return _compose(decision, rules, guideline, review)


def _without_chance_letters(question: str, guideline: Guideline, check: Callable[..., Review]) -> str:
    """Take the organisation's name out of handles in which it stands by chance, so that the votes don't hear it."""
    organisation = guideline.organisation
    name = re.compile(re.escape(organisation.name), re.IGNORECASE)
    official = {handle.casefold() for handle in organisation.handles}
    for handle in reversed([e for e in entities(question) if e.kind == "handle" and name.search(e.text)]):
        if handle.text.casefold() not in official and not check(Draft(handle.text), "handle").findings:
            question = question[: handle.start] + name.sub("", handle.text) + question[handle.end :]
    return question


def _votes(question: str, retriever: Retriever, judge: Judge) -> dict[str, float]:
    """Give the weight of each of the five answers."""
    learnt, read = retriever.answers(question), judge.question(question).answers
    return {name: JUDGE_SHARE * read.get(name, 0.0) + (1 - JUDGE_SHARE) * learnt.get(name, 0.0) for name in ANSWERS}


def _compose(decision: str, rules: list[str], guideline: Guideline, review: Review | None) -> Answer:
    """Say the decision with the texts of the first entries that have one for it, then quote them."""
    able = [r for r in rules[:4] if decision in guideline.entries[r].answer]
    chosen = (able[:1] + [r for r in rules if r not in able[:1]])[:MOST_ENTRIES] if able else rules[:MOST_ENTRIES]
    sentences = [str(guideline.entries[r].answer[decision]) for r in chosen if decision in guideline.entries[r].answer]
    if not sentences:
        sentences = [_opening(decision, guideline)]
    if review and review.verdict != "ready":
        worst = next((f for f in review.findings if f.level != "should"), review.findings[0])
        sentences.insert(0, f"Not as it stands: {worst.explanation}")
    elif len(chosen) > 1 and len(sentences) == 1 and decision in ("no", "ask"):
        sentences.append(_pointer(chosen[1], guideline))
    conditions = ()
    if decision == "yes-if":
        listed = [c for r in chosen for c in guideline.entries[r].answer.get("conditions", ())]
        conditions = tuple(dict.fromkeys(listed)) or (_opening("yes-if", guideline),)
    if decision == "ask" and not any(guideline.organisation.contacts["manager"] in s for s in sentences):
        sentences.append(f"Ask a colleague, your supervisor or {guideline.organisation.contacts['manager']} before you post.")
    citations = tuple(guideline.passages_of(r)[0] for r in chosen)
    return Answer(decision, _two_to_five(sentences, chosen, guideline), conditions, tuple(chosen), citations, review)


def _two_to_five(sentences: list[str], chosen: list[str], guideline: Guideline) -> str:
    """Join the texts; never more than five sentences, never fewer than two."""
    parts = [p for s in sentences for p in re.split(r"(?<=[.!?])\s+(?=[A-Z“])", s.strip()) if p]
    parts = list(dict.fromkeys(parts))
    if len(parts) < 2:
        parts.append(_pointer(chosen[0], guideline))
    return " ".join(parts[:5])


def _pointer(entry: str, guideline: Guideline) -> str:
    return f"The guideline's point here is “{guideline.entries[entry].title}”; its own words are quoted below."


def _opening(decision: str, guideline: Guideline) -> str:
    return {
        "yes": "Yes, the guideline lets you do this.",
        "yes-if": "Keep to the words of the guideline that are quoted below.",
        "no": "No, better not: the guideline speaks against it.",
        "ask": f"Please ask a colleague, your supervisor or {guideline.organisation.contacts['manager']} first.",
    }[decision]


def _out_of_scope(guideline: Guideline) -> str:
    """Say that the guideline does not answer this, and who might."""
    contact = guideline.organisation.contacts
    return (
        f"The {guideline.organisation.title} do not answer this, so presend would only be guessing. "
        f"If it is about social media, ask {contact['manager']} ({contact['email']}); otherwise ask the team whose subject it is."
    )
