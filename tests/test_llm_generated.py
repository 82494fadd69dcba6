"""Generated replies: whatever a model writes, no misquotation, nothing unverified shown as verified, no crash.

GENERATED_REPLIES sets how many are generated (default 300): `GENERATED_REPLIES=10000 pytest -s tests/test_llm_generated.py`,
which also tells how many passed. (Not a PRESEND_ variable: conftest.py clears those.)
"""

from __future__ import annotations

import json
import os
import re

import hostile_server as hostile
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.check import Checker
from app.engines.llm import verified
from app.engines.llm.budget import Usage
from app.engines.llm.engine import Engine
from app.errors import ModelError
from app.files import corpus_folder
from app.guideline import load_guideline
from app.manuscript import apply_edits
from app.records import ANSWERS, Draft, Profile
from app.settings import Settings
from app.text.language import content_words
from app.verify import facts, same, verify_answer, verify_bio

REPLIES = int(os.environ.get("GENERATED_REPLIES", "300"))
DRAFTS = (
    hostile.DRAFT,
    "Between us, the ballot on ISO 45001 failed by two votes. Don't tell anyone before 3 May 2026!\nMore on https://iso.org/news 🙂 #iso",
    "i recieve no answer from the stupid certifier, it's garbage. We may meet Dr Li Wei at 10:30, cost: CHF 1,200 (15 %).",
)
# What a good model makes of them.
MENDED = (
    hostile.MENDED,
    "More on https://iso.org/news 🙂 #iso and the ballot on ISO 45001. Don't tell anyone before 3 May 2026!",
    "i received no answer from the certifier. We may meet Dr Li Wei at 10:30, cost: CHF 1,200 (15 %).",
)
GUIDELINE = load_guideline(corpus_folder())
PASSAGES = sorted(GUIDELINE.passages)
RULES = sorted(GUIDELINE.rules)
# Words that turn, add or break something.
NASTY = (
    "not never no must may 46 45 two three 2026-05-04 “quoted” 'so' https://evil.example @someone #tag Peter Novak CHF 9,999 <b>bold</b> ** \u202e \u200b "
    "idiots garbage failed passed secretly [EMAIL-1] is\u0430 Le vote n'est pas [x](javascript:1) 15% ISO 9001 because everybody knows resigned yesterday"
).split(" ")


class Canned:
    """In the wire's place: gives the replies one after the other."""

    def __init__(self):
        self.replies: list[str] = []
        self.address = "http://127.0.0.1"

    def ask(self, messages, form, budget, on_text=None) -> str:
        budget.spend(Usage(1))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


ENGINE = Engine(Settings(model="m", timeout=600), GUIDELINE)
ENGINE.wire = Canned()
CHECKER = Checker(GUIDELINE, None)
REVIEWS = [CHECKER.review(Draft(text)) for text in DRAFTS]


@st.composite
def slices(draw, text: str) -> str:
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(1, 60))]


@st.composite
def rewritings(draw, text: str) -> str:
    """The draft, or a good revision of it, after a few changes of words; or something else altogether."""
    words = re.split(r"(\s+)", draw(st.sampled_from([text, MENDED[DRAFTS.index(text)]])))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 1, 2, 3, 5]))):
        place = draw(st.integers(0, len(words) - 1))
        change = draw(st.sampled_from(["drop", "put", "swap", "double", "case"]))
        if change == "drop":
            words[place] = ""
        elif change == "put":
            words[place] = f"{draw(st.sampled_from(NASTY))} {words[place]}"
        elif change == "swap":
            words[place] = draw(st.sampled_from(NASTY))
        elif change == "double":
            words[place] *= 2
        else:
            words[place] = words[place].swapcase()
    changed = "".join(words)
    return draw(st.sampled_from([changed] * 8 + [changed[: len(changed) // 2], changed + changed, "", "Sunny day!"]) | st.text(max_size=200))


def prose() -> st.SearchStrategy[str]:
    quotes = st.sampled_from(PASSAGES).map(lambda p: f"The guideline says “{' '.join(GUIDELINE.passages[p].text.split())}”.")
    false = quotes.map(lambda q: q.replace("don't", "do", 1).replace(" be ", " never be ", 1))
    return st.one_of(st.just("This could hurt somebody."), quotes, false, st.sampled_from(NASTY), st.text(max_size=80))


WORDS = ("idiots", "ruined the last one", "must not bring pets", "ballot", "failed by two votes", "Don't tell anyone", "stupid", "garbage", "it's garbage", "recieve")


def revisions(text: str) -> st.SearchStrategy[dict]:
    words = slices(text) | st.sampled_from(["", "nowhere in it"]) | st.sampled_from(["idiots", "ballot", "stupid", "garbage", "Anna Meyer"])
    rules = st.sampled_from(RULES)
    finding = st.one_of(
        st.tuples(rules, words, prose()).map(lambda t: {"rule": t[0], "words": t[1], "explanation": t[2], "passage": f"{t[0]}.1"}),
        st.fixed_dictionaries(
            {"rule": rules | st.text(max_size=9), "words": words, "explanation": prose(), "passage": st.sampled_from([*PASSAGES, "x.1"])}
        ),
    )
    sound = st.tuples(rules, st.sampled_from([w for w in WORDS if w in text])).map(
        lambda t: {"rule": t[0], "words": t[1], "explanation": "This could hurt somebody.", "passage": f"{t[0]}.1"}
    )
    careful = {"findings": st.lists(sound, max_size=3), "revision": rewritings(text), "for_author": st.just([]) | st.just(["Ask first."])}
    careless = {"findings": st.lists(finding, max_size=3), "revision": rewritings(text), "for_author": st.lists(prose(), max_size=2)}
    return st.one_of(st.fixed_dictionaries(careful), st.fixed_dictionaries(careful), st.fixed_dictionaries(careless))


def any_json() -> st.SearchStrategy:
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    keys = st.sampled_from(["findings", "revision", "for_author", "rule", "words", "answer", "text", "bios"]) | st.text(max_size=5)
    return st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12)


def replies(objects: st.SearchStrategy[dict]) -> st.SearchStrategy[str]:
    """Mostly whole objects; some cut off, wrapped or of another form; some no JSON at all."""
    whole = objects.map(lambda o: json.dumps(o, ensure_ascii=False))
    cut = st.tuples(whole, st.floats(0, 1)).map(lambda t: t[0][: int(len(t[0]) * t[1])])
    wrapped = whole.map(lambda w: f"Here it is:\n```json\n{w}\n```")
    return st.one_of(whole, whole, whole, whole, wrapped, cut, any_json().map(json.dumps), st.text(max_size=100))


def quotations(text: str) -> list[str]:
    return [" ".join(q.split()) for q in re.findall(r"[“\"]([^”\"]{4,})[”\"]", text)]


def given_pair(text: str):
    return st.tuples(replies(revisions(text)), replies(revisions(text)))


def over_pairs(pairs, share: int, ask, hold) -> tuple[int, list]:
    """Try `ask` on one in `share` of the REPLIES as pairs (a reply, and the one to the repair); `hold` asserts on what passed.

    Gives how many pairs were tried, and what passed.
    """
    passed, ran = [], []

    @settings(max_examples=-(-REPLIES // share), suppress_health_check=list(HealthCheck), deadline=None, derandomize=REPLIES == 300)
    @given(pairs)
    def run(pair):
        ran.append(1)
        ENGINE.wire.replies = list(pair)
        try:
            result = ask()
        except ModelError as error:
            assert str(error).endswith(".")
            return
        passed.append(result)
        hold(result)

    run()
    return len(ran), passed


@pytest.mark.parametrize("number", range(len(DRAFTS)))
def test_revisions(number):
    review = REVIEWS[number]
    draft = review.draft.text
    known = " ".join((draft + " " + GUIDELINE.text).split()).replace("’", "'")
    suggestions = " ".join(rule.suggest for rule in GUIDELINE.rules.values())

    def hold(revision):
        assert apply_edits(draft, revision.edits) == revision.text
        assert set(review.findings) <= set(revision.before.findings)
        licensed = " ".join(p.text for f in revision.before.findings for p in GUIDELINE.passages_of(f.rule))
        assert all(same(f).casefold() in (draft + licensed).casefold() or same(f) in {same(o) for o in facts(draft)} for f in facts(revision.text))
        assert not set(re.findall(r"[<>\u202e\u200b*]", revision.text)) - set(draft)
        assert "Novak" not in revision.text and "evil" not in revision.text
        # words of its own come only in the place of words taken out, one more at most
        asked = " ".join(f"{f.suggestion} {f.explanation} {f.replacement}" for f in revision.before.findings) + licensed
        for edit in revision.edits:
            own = content_words(edit.replacement) - content_words(draft + asked + suggestions)
            gone = content_words(draft[edit.start : edit.end])
            assert len(own) <= (len(gone) + 1 if gone else 0), edit
        for finding in revision.before.findings:
            assert finding.passage in GUIDELINE.rules[finding.rule].passages and draft[finding.start : finding.end]
        for text in [*(f.explanation for f in revision.before.findings if f.source == "llm"), *revision.for_author]:
            assert all(q.replace("’", "'").strip(" .,!?") in known for q in quotations(text)), text

    ran, passed = over_pairs(given_pair(draft), 2 * len(DRAFTS), lambda: verified.revise(ENGINE, review, CHECKER.review), hold)
    edited = [revision for revision in passed if revision.edits]
    print(f"\ndraft {number}: {ran} pairs of replies, {len(passed)} revisions passed, {len(edited)} of them with edits")
    assert ran >= REPLIES // 2 // len(DRAFTS) and len(edited) >= ran // 50  # else this would test refusals only


def test_answers():
    question = "May I post “Lunch with the committee” on 3 May?"
    known = " ".join((question + " " + GUIDELINE.text).split()).replace("’", "'")
    passages = st.lists(st.sampled_from(PASSAGES) | st.text(max_size=5), max_size=3) | st.lists(st.sampled_from(PASSAGES), min_size=1, max_size=2)
    form = st.fixed_dictionaries({"answer": st.sampled_from(ANSWERS), "passages": passages, "text": prose(), "conditions": st.lists(prose(), max_size=2)})

    def hold(answer):
        assert all(GUIDELINE.text[p.start : p.end] == p.text for p in answer.citations)
        assert bool(answer.citations) == (answer.answer != "out-of-scope")
        for text in [answer.text, *answer.conditions]:
            assert all(q.replace("’", "'").strip(" .,!?") in known for q in quotations(text)), text

    ran, passed = over_pairs(st.tuples(replies(form), replies(form)), 4, lambda: verified.answer(ENGINE, question, [], None, lambda a: verify_answer(a, GUIDELINE)), hold)
    print(f"\nanswers: {ran} pairs of replies, {len(passed)} passed")
    assert ran >= REPLIES // 4 and len(passed) >= ran // 50


def test_bios():
    profile = Profile("Anna Meyer", "Editor", ("bees", "chess"))
    true = ("Editor at @isostandards. My own views.", "I edit at @isostandards. Bees, chess, my own views.", "Views mine, bees too. Editor at @isostandards.")
    texts = st.sampled_from(true) | st.tuples(st.sampled_from(true), st.sampled_from(NASTY)).map(" ".join) | st.text(max_size=50)
    form = st.fixed_dictionaries({"bios": st.lists(texts, max_size=6) | st.just(list(true))})

    def gate(text):
        from app.records import Bio

        return verify_bio(Bio(text, CHECKER.review(Draft(text, "twitter"), "bio")), 160)

    def hold(bios):
        assert len(bios) >= 3 and all(not gate(text) for text in bios)
        assert not any(word in text for text in bios for word in ("Novak", "evil", "9,999", "<b>", "\u202e"))

    ran, passed = over_pairs(st.tuples(replies(form), replies(form)), 4, lambda: verified.bios(ENGINE, profile, (), gate), hold)
    print(f"\nbios: {ran} pairs of replies, {len(passed)} passed")
    assert ran >= REPLIES // 4 and len(passed) >= ran // 50
