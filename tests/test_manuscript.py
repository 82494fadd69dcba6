"""Edits apply exactly, in any order, and any subset of them."""

import random

from hypothesis import given
from hypothesis import strategies as st

from app.manuscript import Manuscript, apply_edits, diff

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 70), st.integers(0, 12), st.text("ab \n😀", max_size=5)), max_size=6))
def test_edits_lead_to_the_text(original, changes):
    manuscript = Manuscript(original)
    for start, length, new in changes:
        now = manuscript.text
        start = min(start, len(now))
        end = min(start + length, len(now))
        manuscript.replace(start, end, new, "rule", "why")
        assert manuscript.text == now[:start] + new + now[end:]
    edits = list(manuscript.edits())
    assert all(a.end <= b.start for a, b in zip(edits, edits[1:], strict=False))
    random.Random(1).shuffle(edits)
    assert apply_edits(original, edits) == manuscript.text
    assert apply_edits(original, []) == original


@given(TEXTS, TEXTS)
def test_diff_leads_to_the_rewritten_text(original, rewritten):
    changes = diff(original, rewritten)
    text = original
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    assert text == rewritten


def test_a_change_of_a_change_is_one_edit():
    manuscript = Manuscript("We at Acme utilize forms.")
    manuscript.replace(0, 10, "I", "speak-for-yourself", "one voice")
    manuscript.replace(2, 9, "use", "plain-language", "plain")
    assert manuscript.text == "I use forms."
    edits = manuscript.edits()
    assert apply_edits(manuscript.original, edits) == "I use forms."
    assert {e.rule for e in edits} <= {"speak-for-yourself", "plain-language"}


def test_untouched_words_stay_out_of_an_edit():
    manuscript = Manuscript("one two three four")
    manuscript.replace(0, 18, "one 2 three four", "r", "w")
    (edit,) = manuscript.edits()
    assert (edit.start, edit.end, edit.replacement) == (4, 7, "2")
