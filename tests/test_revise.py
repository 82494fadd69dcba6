"""A revision keeps the facts, passes the gate, and is left alone when it is revised again."""

from __future__ import annotations

import json

import pytest
from support import the_assistant

from app.files import corpus_folder
from app.manuscript import apply_edits
from app.records import Draft, Revision
from app.verify import facts, same, verify_revision

STEP = 53  # every 53rd draft of the corpus: some two hundred, of every voice


def sample() -> list[dict]:
    rows = [json.loads(line) for path in sorted((corpus_folder() / "examples").glob("posts-*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows[::STEP]


def revised(text: str, platform: str = "twitter", audience: str = "", account: str = "personal") -> Revision:
    return the_assistant().revise(Draft(text, platform, account, audience))


@pytest.mark.parametrize("row", sample(), ids=lambda row: row["id"])
def test_a_draft_of_the_corpus(row):
    draft = Draft(row["text"], row["platform"], row["account"], row["audience"] or "")
    revision = the_assistant().revise(draft)
    assert apply_edits(draft.text, revision.edits) == revision.text
    from_the_corpus = [f.replacement for f in revision.before.findings if f.replacement]
    # A later round mends what an earlier one laid bare: "WENSDAY", "wensday", "Wednesday".
    from_the_corpus += [f.replacement for text in from_the_corpus for f in the_assistant().check(Draft(text)).findings if f.replacement]
    assert verify_revision(revision.before, revision.edits, revision.after, from_the_corpus) == []
    again = the_assistant().revise(Draft(revision.text, draft.platform, draft.account, draft.audience))
    assert again.text == revision.text, again.edits
    if revision.text != draft.text:
        blocking = [sum(f.level != "should" for f in review.findings) for review in (revision.before, revision.after)]
        assert blocking[1] <= blocking[0]




def test_a_plain_word_takes_the_place_of_jargon():
    assert revised("My aunt will utilise 14 eggs for the cake.").text == "My aunt will use 14 eggs for the cake."


def test_an_insult_goes_with_its_sentence_and_the_facts_of_the_rest_stay():
    text = "The office in Oslo opens at 9:30 on Monday, 3 May. Read https://example.org/a before you come. You idiot."
    revision = revised(text)
    assert "idiot" not in revision.text
    assert all(fact in revision.text for fact in ("Oslo", "9:30", "Monday, 3 May", "https://example.org/a"))


def test_a_wall_of_hashtags_is_thinned_and_the_text_stays():
    text = "Our bakery opens on 4 May, see https://example.org/a #one #two #three #four #five #six #seven #eight #nine #ten"
    revision = revised(text)
    assert revision.text.startswith("Our bakery opens on 4 May, see https://example.org/a")
    assert revision.text.count("#") < 10
    assert revision.text == revision.text.strip()


def test_the_organisations_voice_becomes_the_authors_own_or_is_asked_for():
    revision = revised("We at ISO have decided to publish the guide for bakers on 4 May. I wrote chapter two of it myself.")
    assert "We at ISO" not in revision.text or revision.for_author


def test_nothing_is_changed_where_nothing_is_wrong():
    revision = revised("Good morning, everyone.")
    assert (revision.text, revision.edits, revision.notes) == ("Good morning, everyone.", (), ())


@pytest.mark.parametrize("text", ["You idiot.", "You idiot. You clown. You moron.", "Between us: the ballot on 45001 failed by two votes, you'll read it next week."])
def test_a_draft_of_which_nothing_would_be_left_is_handed_back(text):
    revision = revised(text)
    assert revision.text == text
    assert revision.edits == ()
    assert revision.notes or revision.for_author
    assert revision.after == revision.before


def test_experts_keep_their_terms():
    text = "The FDIS goes to TC 207/SC 7 soon, and my colleagues in the room utilise it daily."
    assert revised(text, "linkedin", "committee experts").text == text


@pytest.mark.parametrize("fact", ["17 chairs", "https://example.org/a", "@marta_l", "“no comment”", "3 May 2024", "Marta Lindqvist", "€450", "info@example.org", "ISO 9001:2015"])
def test_a_fact_beside_a_mended_word_stays(fact):
    text = f"My aunt will utilise {fact} for the feast in our village hall tonight."
    revision = revised(text)
    had = {same(e) for e in facts(text)}
    assert had <= {same(e) for e in facts(revision.text)}
    assert fact in revision.text


@pytest.mark.parametrize("text", ["“You idiot,” she wrote, and I kept the letter on my desk.", "Read https://example.org/utilise/idiot before noon.", "Follow @idiot_utilise for bread.", "`utilise idiot` is what the log said."])
def test_nothing_changes_inside_quotations_links_handles_and_code(text):
    assert revised(text).text == text


def test_over_length_is_cut_without_losing_facts_or_asked_of_the_author():
    text = "It was fun. " * 12 + "The bakery in Oslo opens on 4 May 2024 at 9:30. " + "We laughed a lot about it. " * 8 + "See https://example.org/a"
    revision = revised(text)
    assert {same(e) for e in facts(text)} <= {same(e) for e in facts(revision.text)}
    assert revision.after.figures.length <= 280 or revision.for_author
