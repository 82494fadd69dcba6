"""Whatever a model server does, people get a verified result or the offline one, in time, and keep their draft."""

from __future__ import annotations

import time
from dataclasses import replace

import hostile_server as hostile
import pytest

from app.assistant import Assistant
from app.manuscript import apply_edits
from app.records import Draft, Profile
from app.settings import Settings
from app.verify import facts, same

TIMEOUT = 2.0
LOCAL_WORK = 1.5  # seconds that checking may take on a busy machine; nothing of a server's doing
QUESTION = "May I call the man at the door an idiot in a post?"
PROFILE = Profile("John Smith", "Project Manager", ("skiing", "standards"))
# What must never reach anybody, whatever the model says.
POISON = (
    "54 people|fifty|21 March|/talks|annameier|Maier|dreadful|resigned|Novak|moron|inscription|**|<|\u202e|\u0440|\u0430mple|Bras|[NAME|boss@|"
    "must bring|do not bring|Thank you all|imbecile|Never speak|made-up|maybe|never joke|749 01 11|bad.example|Award|Villa|no-fun|sk-secret|Hello."
).split("|")
# Behaviours whose revision is right (what is wrong in it is left out, or concerns answers and bios only).
RIGHT = {
    *("good", "prose", "fence", "think", "extra-field", "old-server", "json-mode-only", "mends-when-told"),
    *("new-fact", "new-name", "over-long"),  # what is tied to no finding is left out
    *(name for name in hostile.CONTENT if name.startswith(("answer-", "bios-"))),
    "array",  # the object in it is whole
}
RIGHT_ANSWER = {name for name in hostile.CONTENT if not name.startswith("answer-") and hostile.CONTENT[name]("answer") == hostile.ANSWER} | {
    *("prose", "fence", "think", "extra-field", "old-server", "json-mode-only", "array", "thousand-findings", "mends-when-told", "invented-passage")
}


@pytest.fixture(scope="module")
def base(server):
    """One assistant whose parts the others share, and the client's libraries loaded."""
    assistant = Assistant(Settings(model="good", openai_base_url=server.address, timeout=60))
    assert assistant.revise(Draft(hostile.DRAFT)).made_by == "llm"
    assert assistant.ask(QUESTION).made_by == "llm"
    return assistant


def with_model(base: Assistant, model: str, **changes) -> Assistant:
    settings = replace(base.settings, model=model, **{"timeout": TIMEOUT, **changes})
    assistant = Assistant(settings)
    for part in ("guideline", "judge", "checker", "retriever"):
        assistant.__dict__[part] = getattr(base, part)
    return assistant


def shown(result) -> str:
    """Everything of a result that people read."""
    return "\n".join(str(part) for part in result)


def test_there_are_enough_misbehaviours():
    assert len(hostile.BEHAVIOURS) >= 60


@pytest.mark.parametrize("model", hostile.BEHAVIOURS)
def test_revise(base, server, model):
    began = time.monotonic()
    revision = with_model(base, model).revise(Draft(hostile.DRAFT))
    assert time.monotonic() - began < TIMEOUT + LOCAL_WORK

    assert revision.before.draft.text == hostile.DRAFT
    assert revision.verified and apply_edits(hostile.DRAFT, revision.edits) == revision.text
    said = shown([revision.text, revision.for_author, revision.notes, [e.why for e in revision.edits], [f.explanation for f in revision.before.findings]])
    assert [word for word in POISON if word in said] == []
    assert "idiots" not in revision.text
    assert {same(f) for f in facts(revision.text)} <= {same(f) for f in facts(hostile.DRAFT)}
    local = base.check(Draft(hostile.DRAFT)).findings
    assert set(local) <= set(revision.before.findings)
    if model in RIGHT:
        assert (revision.made_by, revision.text) == ("llm", hostile.MENDED)
    else:
        assert revision.made_by == "offline"
        assert revision.text == base.revise(Draft(hostile.DRAFT), engine="offline").text
        assert revision.notes and revision.notes[0].endswith("This is the offline revision.")


ASKED = sorted({n for n in hostile.BEHAVIOURS if n.startswith("answer-")} | {
    *("good", "prose", "fence", "truncated", "wrong-types", "null", "empty-text", "old-server", "html", "http-401", "no-choices", "refusal", "drip", "huge"),
})  # fmt: skip


@pytest.mark.parametrize("model", ASKED)
def test_ask(base, server, model):
    began = time.monotonic()
    answer = with_model(base, model).ask(QUESTION)
    assert time.monotonic() - began < TIMEOUT + LOCAL_WORK
    for passage in answer.citations:
        assert base.guideline.text[passage.start : passage.end] == passage.text
    assert [word for word in POISON if word in shown([answer.answer, answer.text, answer.conditions, answer.notes])] == []
    if model in RIGHT_ANSWER:
        assert (answer.made_by, answer.text) == ("llm", hostile.ANSWER["text"])
    else:
        assert answer.made_by == "offline" and answer.notes[0].endswith("This is the offline answer.")


@pytest.mark.parametrize("model", ["good", "bios-award", "bios-two", "bios-invented-place", "truncated", "http-500", "hang"])
def test_bio(base, server, model):
    began = time.monotonic()
    bios = with_model(base, model).bio(PROFILE)
    assert time.monotonic() - began < TIMEOUT + LOCAL_WORK
    assert len(bios.bios) >= 3 and all(bio.check.verdict == "ready" for bio in bios.bios)
    assert [word for word in POISON if word in shown([b.text for b in bios.bios])] == []
    assert bios.made_by == ("llm" if model == "good" else "offline")


def test_a_reply_is_mended_once_at_most(base, server):
    for model, requests in {"good": 1, "mends-when-told": 2, "invented-passage": 2, "http-401": 1}.items():
        before = len(server.requests)
        with_model(base, model).revise(Draft(hostile.DRAFT))
        assert len(server.requests) - before == requests
    repair = server.requests[-2]["messages"]  # of invented-passage
    assert [m["role"] for m in repair] == ["system", "user", "assistant", "user"]
    assert "“no-offence.99” is no passage" in repair[-1]["content"]


def test_a_server_that_is_not_there(base):
    revision = with_model(base, "m", openai_base_url="http://127.0.0.1:9/v1").revise(Draft(hostile.DRAFT))
    assert revision.made_by == "offline" and "cannot be reached" in revision.notes[0] or "did not answer" in revision.notes[0]


def test_an_address_that_is_none(base):
    revision = with_model(base, "m", openai_base_url="localhost:8080").revise(Draft(hostile.DRAFT))
    assert "must begin with http://" in revision.notes[0]


def test_what_a_server_understands_is_learnt_once(base, server):
    assistant = with_model(base, "old-server")
    for requests in (4, 1):
        before = len(server.requests)
        assert assistant.revise(Draft(hostile.DRAFT)).made_by == "llm"
        assert len(server.requests) - before == requests


def test_the_check_outlasts_a_model_that_finds_nothing(base, server):
    revision = with_model(base, "obeyed-everything").revise(Draft(hostile.DRAFT))
    assert "no-offence" in {f.rule for f in revision.before.findings} and revision.before.verdict != "ready"


def test_a_model_that_would_stop_a_post_is_shown_beside_the_check(base, server):
    draft = "Cookies in the kitchen, thanks to the baker next door."
    assert base.check(Draft(draft)).verdict == "ready"
    found = {"rule": "no-confidential", "words": "Cookies in the kitchen", "explanation": "This may be internal.", "passage": "no-confidential.1"}
    server.scripts["stops"] = lambda asked: {"findings": [found], "revision": draft, "for_author": ["Ask whether this is public."]}
    revision = with_model(base, "stops").revise(Draft(draft))
    assert revision.made_by == "llm" and revision.text == draft
    assert [(f.rule, f.source) for f in revision.before.findings if f.level == "ask"] == [("no-confidential", "llm")]
    assert revision.before.verdict == revision.after.verdict == "ask"
    assert "The model would stop this post (no-confidential); presend's own check would not" in revision.notes[0]


def test_tokens_and_cost_are_told(base, server):
    notes = with_model(base, "good", price_in=2.0, price_out=10.0).revise(Draft(hostile.DRAFT)).notes
    assert notes[-1] == "The model read 1,500 and wrote 100 tokens in one request, which cost 0.0040 at the prices in the settings."
