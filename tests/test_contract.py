"""The JSON of every verb has exactly the fields of the interface, and its spans and edits are exact."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from support import the_assistant

from app.calls import call
from app.records import ACCOUNTS, ANSWERS, LEVELS, VERDICTS

FINDING = {
    "rule": str, "level": str, "start": int, "end": int, "text": str, "explanation": str, "quote": str, "passage": str,
    "suggestion": (str, type(None)), "source": str, "confidence": (int, float),
}  # fmt: skip
FIGURES = {"length": int, "limit": int, "reading_grade": (int, float), "words": int}
CHECK = {"verdict": str, "findings": list, "figures": dict}
EDIT = {"id": int, "start": int, "end": int, "replacement": str, "rule": str, "why": str, "certain": bool}
REVISE = CHECK | {"edits": list, "revision": str, "revised": dict, "for_author": list, "engine": str, "verified": bool, "notes": list}
ASK = {
    "answer": str, "text": str, "conditions": list, "rules": list, "citations": list, "check": (dict, type(None)), "engine": str, "notes": list,
}  # fmt: skip
BIO = {"bios": list, "handles": list, "current": (dict, type(None)), "declined": list, "engine": str, "notes": list}

DRAFTS = (
    "",
    "Good morning, everyone.",
    "You are an idiot and a clown. The meeting is on 3 May.",
    "Between us: the ballot on 45001 failed by two votes, you'll read it next week. 🎉 Read https://example.org/a?b=1 first.",
    "We at ISO have decided to utilise the deliverables of TC 207!!! #iso #a #b #c #d #e #f #g #h",
    "👩‍👩‍👧‍👦 We utilise 14 forms in order to facilitate teh meeting 😀😀. You idiots!\n\nPrior to the vote we met at 14:30. 山田 utilises one more.",
    "I recieved 3 letters. GREAT NEWS FOR EVERYBODY IN THE ROOM!!!!!! We utilise paper. The shop is shut.",
)
QUESTIONS = (
    "Can I share the result of a vote before it is published?",
    "May I post photos of our team event?",
    "What is the capital of France?",
    'Can I post "You are an idiot and a clown, my dear auditor" on LinkedIn?',
)


def shaped(given: object, shape: dict) -> None:
    """Hold an object's fields and their kinds against a shape."""
    assert isinstance(given, dict)
    assert set(given) == set(shape)
    for name, kind in shape.items():
        assert isinstance(given[name], kind), name
        assert kind is bool or not isinstance(given[name], bool), name


def checked(answer: dict, text: str, extra: dict | None = None) -> None:
    """Hold a check's fields, spans, quotations and verdict against the text and the guideline."""
    guideline = the_assistant().guideline
    shaped({k: answer[k] for k in CHECK}, CHECK)
    shaped(answer["figures"], FIGURES)
    for finding in answer["findings"]:
        shaped(finding, FINDING | (extra or {}))
        finding_is_right(finding, text, guideline)
    levels = {f["level"] for f in answer["findings"]}
    assert answer["verdict"] == ("ask" if "ask" in levels else "revise" if "must" in levels else "ready")


def finding_is_right(finding: dict, text: str, guideline) -> None:
    assert finding["text"] == text[finding["start"] : finding["end"]] != ""
    assert finding["level"] in LEVELS
    assert finding["rule"] in guideline.rules
    assert finding["passage"] in guideline.rules[finding["rule"]].passages
    assert finding["quote"] == guideline.passages[finding["passage"]].text
    assert finding["quote"] in guideline.text
    assert finding["source"] in ("rule", "judge", "llm")
    assert 0 <= finding["confidence"] <= 1
    assert finding["explanation"].strip()


def answered(verb: str, **fields) -> dict:
    """Give what a verb prints, through JSON and back."""
    return json.loads(json.dumps(call(verb, fields, the_assistant()).json(), ensure_ascii=False))


@pytest.mark.parametrize("platform", ["twitter", "linkedin", "blog"])
@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", DRAFTS, ids=range(len(DRAFTS)))
def test_check(text, platform, account):
    answer = answered("check", text=text, platform=platform, account=account)
    shaped(answer, CHECK)
    checked(answer, text)
    assert answer["verdict"] in VERDICTS


@pytest.mark.parametrize("audience", ["", "committee experts"])
@pytest.mark.parametrize("text", DRAFTS, ids=range(len(DRAFTS)))
def test_revise(text, audience):
    answer = answered("revise", text=text, platform="twitter", audience=audience)
    shaped(answer, REVISE)
    checked(answer, text)
    shaped(answer["revised"], CHECK)
    checked(answer["revised"], answer["revision"])
    for edit in answer["edits"]:
        shaped(edit, EDIT)
        assert 0 <= edit["start"] <= edit["end"] <= len(text)
        assert edit["rule"] in the_assistant().guideline.rules
        assert edit["why"].strip()
        assert text[edit["start"] : edit["end"]] != edit["replacement"]
    assert [e["id"] for e in answer["edits"]] == list(range(1, len(answer["edits"]) + 1))
    assert answer["engine"] == "offline"
    assert answer["verified"] is True
    assert {k: answer[k] for k in CHECK} == answered("check", text=text, platform="twitter", audience=audience)
    assert answer["revised"] == answered("check", text=answer["revision"], platform="twitter", audience=audience)


def applied_in_turn(text: str, edits: list[dict]) -> str:
    """Apply edits one after the other in the order given, moving the places of the later ones: not how presend does it."""
    done: list[dict] = []
    for edit in edits:
        moved = sum(len(d["replacement"]) - (d["end"] - d["start"]) for d in done if d["end"] <= edit["start"])
        text = text[: edit["start"] + moved] + edit["replacement"] + text[edit["end"] + moved :]
        done.append(edit)
    return text


@pytest.mark.parametrize("text", DRAFTS, ids=range(len(DRAFTS)))
def test_any_edits_can_be_taken_in_any_order(text):
    answer = answered("revise", text=text, platform="twitter")
    edits = answer["edits"]
    assert applied_in_turn(text, edits) == answer["revision"]
    for first, second in itertools.pairwise(edits):
        assert first["end"] <= second["start"]
    dice = random.Random(5)
    for _ in range(50):
        some = dice.sample(edits, dice.randint(0, len(edits)))
        result = applied_in_turn(text, some)
        assert result == applied_in_turn(text, sorted(some, key=lambda e: -e["start"]))
        kept = text
        for edit in sorted(some, key=lambda e: -e["start"]):
            kept = kept[: edit["start"]] + kept[edit["end"] :]
        assert len(result) == len(kept) + sum(len(e["replacement"]) for e in some)


def test_the_drafts_do_lead_to_edits():
    assert max(len(answered("revise", text=text, platform="twitter")["edits"]) for text in DRAFTS) >= 2


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_ask(question):
    guideline = the_assistant().guideline
    answer = answered("ask", question=question)
    shaped(answer, ASK)
    assert answer["answer"] in ANSWERS
    assert answer["text"].strip()
    assert set(answer["rules"]) <= set(guideline.entries)
    for citation in answer["citations"]:
        shaped(citation, {"passage": str, "quote": str})
        assert guideline.passages[citation["passage"]].text == citation["quote"]
        assert citation["quote"] in guideline.text
    assert all(isinstance(c, str) and c.strip() for c in answer["conditions"])
    assert bool(answer["citations"]) == (answer["answer"] != "out-of-scope")
    assert bool(answer["conditions"]) == (answer["answer"] == "yes-if")


def test_a_draft_quoted_in_the_question_is_checked():
    answer = answered("ask", question=QUESTIONS[3])
    draft = "You are an idiot and a clown, my dear auditor"
    shaped(answer["check"], CHECK)
    checked(answer["check"], draft)
    assert "no-offence" in {f["rule"] for f in answer["check"]["findings"]}
    assert answer["answer"] in ("no", "ask")


def test_what_the_guideline_does_not_answer_has_no_citation():
    answer = answered("ask", question="What is the capital of France?")
    assert (answer["answer"], answer["citations"], answer["rules"], answer["check"]) == ("out-of-scope", [], [], None)


def test_bio():
    guideline = the_assistant().guideline
    current = {"current_bio": "Official ISO account. You idiots.", "current_handle": "@SmithISO"}
    answer = answered("bio", name="John Smith", role="Project Manager", interests=["skiing"], wants="put ISO in my handle", **current)
    shaped(answer, BIO)
    assert len({b["text"] for b in answer["bios"]}) >= 3
    for bio in answer["bios"]:
        shaped(bio, {"text": str, "length": int, "check": dict})
        assert bio["length"] == len(bio["text"]) <= 160
        shaped(bio["check"], {"verdict": str, "findings": list})
        assert bio["check"]["verdict"] == "ready"
    shaped(answer["current"], {"verdict": str, "findings": list})
    for finding in answer["current"]["findings"]:
        shaped(finding, FINDING | {"field": str})
        finding_is_right(finding, current[f"current_{finding['field']}"], guideline)
    assert {f["field"] for f in answer["current"]["findings"]} == {"bio", "handle"}
    for declined in answer["declined"]:
        shaped(declined, {"wish": str, "rule": str, "quote": str})
        assert declined["quote"] in guideline.text
    assert "no-iso-in-account-name" in {d["rule"] for d in answer["declined"]}


def test_a_bio_without_a_present_profile_has_no_check_of_it():
    assert answered("bio", name="John Smith", role="Editor")["current"] is None
