"""The gate refuses what a revision, an answer or a bio must not do, whoever proposes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import clean, the_assistant

from app.manuscript import apply_edits
from app.records import Answer, Bio, Edit, Finding
from app.verify import verify_answer, verify_bio, verify_findings, verify_prose, verify_revision

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
NUMBERS = st.integers(13, 99_999)
OPENING = "The workshop in the old town hall went well"
CLOSING = "Thank you all for coming and for the good questions."
HIDDEN = "\u200b\u200e\u200f\u202a\u202e\u2060\u2066\ufeff\x00\x1b"


def gate(draft: str, *edits: tuple[int, int, str], findings: tuple[Finding, ...] = (), left: tuple[Finding, ...] = (), **more) -> set[str]:
    """Put edits on a draft before the gate; gives the kinds of fault."""
    listed = [Edit(n, start, end, new, "plain-language", "why") for n, (start, end, new) in enumerate(edits, 1)]
    after = clean(apply_edits(draft, listed), findings=left)
    return {fault.kind for fault in verify_revision(clean(draft, findings=findings), listed, after, **more)}


def swap(draft: str, old: str, new: str, **more) -> set[str]:
    """Put an edit of the first `old` before the gate."""
    start = draft.index(old)
    return gate(draft, (start, start + len(old), new), **more)


def finding(draft: str, words: str, level: str = "must") -> Finding:
    """Give a finding at words of a draft."""
    start = draft.index(words)
    return Finding("no-offence", level, start, start + len(words), "why", "no-offence.1")


@given(TEXTS)
def test_a_text_left_alone_passes(text):
    assert gate(text) == set()


def test_a_plain_word_for_a_hard_one_passes():
    assert swap("We utilise 3 forms a day.", "utilise", "use") == set()


@given(NUMBERS)
def test_a_dropped_number_is_refused(number):
    draft = f"{OPENING}, with {number} visitors. {CLOSING}"
    assert "lost-fact" in swap(draft, f", with {number} visitors", "")


@given(NUMBERS, NUMBERS)
def test_a_changed_number_is_refused(number, other):
    assume(str(other) not in str(number) and str(number) not in str(other))
    assert {"lost-fact", "new-fact"} <= swap(f"{OPENING}, with {number} visitors. {CLOSING}", str(number), str(other))


@given(NUMBERS, st.sampled_from(["visitors", "per cent of us", "francs", "chairs"]))
def test_a_number_that_was_not_there_is_refused(number, noun):
    draft = f"{OPENING}. {CLOSING}"
    assert "new-fact" in swap(draft, OPENING, f"{OPENING}, with {number} {noun}")


FACTS = {
    "number in words": "seven visitors",
    "link": "https://example.org/report-4",
    "bare link": "example.org/report",
    "handle": "@marta_l",
    "hashtag": "#openday",
    "e-mail": "info@example.org",
    "name": "Marta Lindqvist",
    "date": "3 May 2024",
    "time": "14:30",
    "money": "€450",
    "percentage": "17%",
    "quotation": "“the best day of my year”",
    "reference": "ISO 14001:2015",
}


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_dropped_fact_is_refused(fact):
    assert "lost-fact" in swap(f"{OPENING} (see {fact} for more). {CLOSING}", f" (see {fact} for more)", "")


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_fact_that_was_not_there_is_refused(fact):
    draft = f"{OPENING}. {CLOSING}"
    assert "new-fact" in swap(draft, OPENING, f"{OPENING} (see {fact} for more)")


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_fact_inside_the_words_found_may_go(fact):
    draft = f"{OPENING}. You idiots missed {fact}. {CLOSING}"
    assert swap(draft, f"You idiots missed {fact}. ", "", findings=(finding(draft, "idiots"),)) == set()


def test_advice_licenses_no_loss_of_a_fact():
    draft = f"{OPENING}. We utilised 17 chairs there. {CLOSING}"
    found = (finding(draft, "utilised", level="should"),)
    assert "lost-fact" in swap(draft, "utilised 17 chairs", "used chairs", findings=found)


def test_wording_from_the_corpus_is_no_new_fact():
    draft = f"The TMB met. {CLOSING}"
    found = (finding(draft, "TMB", level="should"),)
    assert "new-fact" in swap(draft, "TMB", "Technical Management Board", findings=found)
    assert swap(draft, "TMB", "Technical Management Board", findings=found, allowed=("Technical Management Board",)) == set()


TURNS = {
    "negation dropped": ("Do not share the file.", "not share", "share"),
    "negation added": ("You may share the file.", "may share", "may not share"),
    "contraction dropped": ("It isn't finished yet.", "isn't", "is"),
    "never dropped": ("I never said so.", "never said", "said"),
    "without turned": ("Come without a badge.", "without", "with"),
    "must to may": ("You must wear a helmet.", "must", "may"),
    "may to must": ("You may wear a helmet.", "may", "must"),
    "should to will": ("They should publish it.", "should", "will"),
    "opposite": ("The vote passed at noon.", "passed", "failed"),
    "prefix": ("The answer was helpful.", "helpful", "unhelpful"),
}


@pytest.mark.parametrize(("draft", "old", "new"), TURNS.values(), ids=TURNS)
def test_a_statement_turned_round_is_refused(draft, old, new):
    assert swap(draft, old, new) & {"negation", "modality", "reversed"}


def test_a_claim_may_become_more_careful():
    assert swap("This will help the bakers of our town.", "will", "may") == set()


@given(st.sampled_from("Everybody admires committees. Inspectors recommend helmets daily. Volcanoes threaten remote villages.".split(". ")))
def test_a_sentence_that_says_something_else_is_refused(claim):
    draft = f"{OPENING}. {CLOSING}"
    assert gate(draft, (len(draft), len(draft), f" {claim.rstrip('.')} wherever travellers wander around.")) != set()


@pytest.mark.parametrize(
    "text",
    [
        "L'atelier dans la vieille mairie est une réussite et nous sommes très heureux de vous avoir vus.",
        "Der Workshop in dem alten Rathaus ist gut gelaufen und wir danken euch für die Fragen.",
        "Семинар в старой ратуше прошёл хорошо, спасибо всем за вопросы.",
        "旧市庁舎でのワークショップはうまくいきました。",
    ],
)
def test_another_language_is_refused(text):
    draft = f"{OPENING} and we are very happy that you were with us on the day. {CLOSING}"
    assert "language" in gate(draft, (0, len(draft), text))


@pytest.mark.parametrize("markup", ["<b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "**", "```", "javascript:alert(1)", "[here](data:x)", "&lt;"])
def test_markup_is_refused(markup):
    assert "markup" in swap(f"{OPENING}. {CLOSING}", OPENING, f"{OPENING} {markup}")


def test_markup_of_the_authors_own_may_stay():
    assert swap("We utilise <b>bold</b> type.", "utilise", "use") == set()


@given(st.sampled_from(HIDDEN), st.integers(0, len(OPENING)))
def test_a_hidden_character_is_refused(hidden, place):
    assert "hidden-characters" in gate(f"{OPENING}. {CLOSING}", (place, place, hidden))


def test_look_alike_letters_are_refused():
    assert "look-alike" in swap(f"{OPENING}. {CLOSING}", "workshop", "wоrkshop")  # a Cyrillic о


def test_edits_must_lead_to_the_revision():
    edit = Edit(1, 0, 2, "I", "speak-for-yourself", "why")
    assert [f.kind for f in verify_revision(clean("We met."), [edit], clean("We met."))] == ["edits"]


@pytest.mark.parametrize("spans", [((0, 4), (3, 6)), ((0, 99),), ((-1, 2),), ((4, 2),)])
def test_edits_must_lie_apart_and_in_the_draft(spans):
    edits = [Edit(n, start, end, "", "plain-language", "why") for n, (start, end) in enumerate(spans, 1)]
    assert [f.kind for f in verify_revision(clean("We met here."), edits, clean("We."))] == ["edits"]


def test_an_empty_revision_is_refused():
    assert "empty" in gate("We met.", (0, 7, " "))


def test_a_revision_with_little_of_the_draft_is_refused():
    draft = f"{OPENING}. {CLOSING} {CLOSING}"
    assert "too-little" in gate(draft, (len("The workshop"), len(draft), ""), findings=(finding(draft, draft),))


def test_a_revision_over_the_limit_is_refused():
    draft = clean("We met. " * 30, "twitter")
    edit = Edit(1, 0, 0, "We met. " * 30, "plain-language", "why")
    assert "too-long" in {f.kind for f in verify_revision(draft, [edit], clean("We met. " * 60, "twitter"))}


def test_a_new_finding_is_refused():
    draft = "We met the fools there."
    assert "new-finding" in swap(draft, "the fools", "fools", left=(finding("We met fools there.", "fools"),))


def test_a_finding_that_was_there_may_stay():
    draft = "We utilise the fools."
    assert swap(draft, "utilise", "use", findings=(finding(draft, "fools"),), left=(finding("We use the fools.", "fools"),)) == set()


def good_answer() -> Answer:
    guideline = the_assistant().guideline
    return Answer("no", "No. Keep it to yourself.", (), ("no-confidential",), (guideline.passages["no-confidential.1"],))


def answer_faults(answer: Answer) -> set[str]:
    return {fault.kind for fault in verify_answer(answer, the_assistant().guideline)}


def test_an_answer_with_the_guidelines_words_passes():
    assert answer_faults(good_answer()) == set()


def test_an_unknown_passage_is_refused():
    passage = the_assistant().guideline.passages["no-confidential.1"]
    assert "misquote" in answer_faults(replace(good_answer(), citations=(replace(passage, id="no-confidential.99"),)))


@given(st.text(min_size=1, max_size=80))
def test_a_quotation_that_is_not_in_the_guideline_is_refused(words):
    passage = the_assistant().guideline.passages["no-confidential.1"]
    assume(words != passage.text)
    assert "misquote" in answer_faults(replace(good_answer(), citations=(replace(passage, text=words),)))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"answer": "maybe"}, "answer"),
        ({"rules": ("no-such-rule",)}, "unknown-rule"),
        ({"citations": ()}, "citation"),
        ({"answer": "out-of-scope"}, "citation"),
        ({"text": "  "}, "text"),
        ({"text": "No. <b>Never</b>."}, "text"),
        ({"text": "No\u202e."}, "text"),
    ],
)
def test_a_broken_answer_is_refused(changes, kind):
    assert kind in answer_faults(replace(good_answer(), **changes))


def test_an_answer_may_show_the_markup_of_the_draft_that_was_asked_about():
    text = "Not as it stands: “<b>fools</b>” offends."
    assert "text" in answer_faults(replace(good_answer(), text=text))
    assert answer_faults(replace(good_answer(), text=text, check=clean("You <b>fools</b>."))) == set()


@pytest.mark.parametrize("said", ["yes", "yes-if"])
def test_no_yes_to_a_draft_that_the_check_stops(said):
    found = finding("You fools.", "fools", "ask")
    stopped = replace(clean("You fools.", findings=(found,)), verdict="ask")
    assert "silenced" in answer_faults(replace(good_answer(), answer=said, check=stopped))


def test_findings_need_a_known_rule_a_passage_of_it_and_words_of_the_draft():
    guideline, draft = the_assistant().guideline, "You fools."
    good = finding(draft, "fools")
    assert verify_findings(draft, [good], guideline) == []
    for changes, kind in (
        ({"rule": "no-such-rule"}, "unknown-rule"),
        ({"passage": "spell-check.1"}, "unknown-passage"),
        ({"passage": "x"}, "unknown-passage"),
        ({"start": 5, "end": 5}, "evidence"),
        ({"end": 11}, "evidence"),
        ({"start": -1}, "evidence"),
    ):
        assert kind in {f.kind for f in verify_findings(draft, [replace(good, **changes)], guideline)}


@pytest.mark.parametrize("text", ["He said “buy it now”.", "Call 0041 22 749 01 11.", "See https://evil.com/x.", "Ask Rupert Fenwick.", "", "<i>x</i>", "x" * 2_001])
def test_prose_may_say_nothing_that_no_source_holds(text):
    assert verify_prose(text, ["The draft talks about bread."])


@pytest.mark.parametrize("link", ["https://evil.example/x", "http://intranet/page"])
def test_any_link_that_was_not_there_is_refused(link):
    draft = f"{OPENING}. {CLOSING}"
    assert "new-fact" in swap(draft, OPENING, f"{OPENING}, see {link} and so on")


def test_prose_may_quote_its_sources():
    assert verify_prose("You wrote “buy it now” on 3 May; ask Rupert Fenwick.", ["buy it now, says Rupert Fenwick on 3 May"]) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "empty"), ("I speak for myself. " * 9, "too-long"), ("I <b>speak</b> for myself.", "markup"), ("I speak\u202e for myself.", "markup")],
)
def test_a_broken_bio_is_refused(text, kind):
    assert kind in {f.kind for f in verify_bio(Bio(text, clean(text)), 160)}


def test_a_bio_that_breaks_a_rule_is_refused_and_one_with_advice_passes():
    text = "You fools. I speak for myself."
    for level, kinds in (("must", {"finding"}), ("ask", {"finding"}), ("should", set())):
        assert {f.kind for f in verify_bio(Bio(text, clean(text, findings=(finding(text, "fools", level),))), 160)} == kinds
