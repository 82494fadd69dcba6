"""app.text.sentences."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.sentences import sentences
from app.text.twitter import urls

PARTS = st.sampled_from(
    [". ", "! ", "?\n", "...", "。", " ", "\n", '." ', "Dr. ", "e.g. ", "https://a.org/x.y?z=1 ", "3.5 ", "No. 5", "word", "Word"]
)


def split(text):
    return [text[a:b] for a, b in sentences(text)]


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS | st.text(max_size=5), max_size=25).map("".join))
def test_spans_are_trimmed_in_order_and_hold_everything_but_space(text):
    at = 0
    for start, end in sentences(text):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end].strip() == text[start:end]
        assert "\n" not in text[start:end]
        at = end
    assert not text[at:].strip()
    inside = [(a, b) for a, b in sentences(text)]
    for start, end in urls(text):
        assert any(a <= start and end <= b for a, b in inside)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        ("so tired. cannot wait", ["so tired.", "cannot wait"]),
        ("ok... sure. Yes", ["ok... sure.", "Yes"]),
        ("Ask Dr. Bo, Mr. Smith or J. K. Rowling. They know.", ["Ask Dr. Bo, Mr. Smith or J. K. Rowling.", "They know."]),
        ("Soup, e.g. leek, i.e. good. U.S. law vs. ours.", ["Soup, e.g. leek, i.e. good.", "U.S. law vs. ours."]),
        ("No. 5 is open. I said no. We left.", ["No. 5 is open.", "I said no.", "We left."]),
        ("It rose 3.5 % in v2.0. See https://a.org/x?y=1. Bye", ["It rose 3.5 % in v2.0.", "See https://a.org/x?y=1.", "Bye"]),
        ("Pens, cups, etc. are here. Pens, cups, etc. Come in.", ["Pens, cups, etc. are here.", "Pens, cups, etc.", "Come in."]),
        ("1. First\n2. Second", ["1. First", "2. Second"]),
        ('"Stop!" she said. (He did.) "Why?" He left.', ['"Stop!" she said.', "(He did.)", '"Why?"', "He left."]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("one line\r\nand two", ["one line", "and two"]),
    ],
)
def test_splits(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize("piece", [". ", "a. ", "Dr. ", "。", "\n", " ", '." ', "1. ", "a.a "])
def test_time_grows_with_length_only(piece):
    text = (piece * 200_000)[:200_000]
    start = time.process_time()
    sentences(text)
    assert time.process_time() - start < 5
