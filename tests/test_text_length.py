"""app.text.length and app.text.readability."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UsageError
from app.text.length import PLATFORMS, graphemes, limit, post_length
from app.text.readability import reading_grade, syllables, words

NAUGHTY = Path(__file__).parents[2] / "shared" / "data" / "naughty_strings.jsonl"
FAMILY = "👨‍👩‍👧‍👦"
LINK = "https://example.org/" + "a" * 80


def _hold(text):
    for platform in PLATFORMS:
        assert post_length(text, platform) >= 0
    assert graphemes(text) <= len(text)
    grade = reading_grade(text)
    assert grade >= 0.0
    assert bool(words(text)) or grade == 0.0
    assert all(word in text for word in words(text))


@settings(max_examples=200, deadline=None)
@given(st.text() | st.text(st.characters(exclude_categories=())))
def test_never_fails(text):
    _hold(text)


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not here")
def test_naughty_strings():
    for line in NAUGHTY.read_text("utf-8").strip().split("\n"):
        _hold(json.loads(line)["text"])


@pytest.mark.parametrize(
    ("platform", "text", "expected"),
    [
        ("twitter", f"see {LINK} {FAMILY}", 4 + 23 + 1 + 2),
        ("mastodon", f"see {LINK} {FAMILY}", 4 + 23 + 1 + 1),
        ("mastodon", "hi @anna@social.example.org!", len("hi @anna!")),
        ("mastodon", "mail anna@example.org", len("mail anna@example.org")),
        ("mastodon", "example.org", len("example.org")),
        ("bluesky", f"a{FAMILY}e\u0301\r\n", 4),
        ("threads", f"a{FAMILY}", 1 + len(FAMILY.encode())),
        ("threads", "née", 3),
        ("youtube", "née", 4),
        ("linkedin", "née", 3),
        ("facebook", "", 0),
    ],
)
def test_counts_as_the_platform_does(platform, text, expected):
    assert post_length(text, platform) == expected


def test_limits():
    assert limit("twitter") == 280
    assert limit("blog") == 0
    with pytest.raises(UsageError, match="myspace"):
        limit("myspace")
    with pytest.raises(UsageError, match="twitter"):
        post_length("x", "myspace")


def test_words():
    assert words("") == []
    assert words("It's a well-known café: 3 pens, see b.com/x #tag @anna `code`!") == ["It's", "a", "well-known", "café", "pens", "see"]


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("table", 2), ("make", 1), ("whale", 1), ("makes", 1), ("boxes", 2), ("faces", 2), ("walked", 1), ("wanted", 2), ("reading", 2), ("the", 1), ("organization", 5), ("hm", 1)],
)  # fmt: skip
def test_syllables(word, count):
    assert syllables(word) == count


def test_reading_grade():
    # 11 words with 19 syllables in one sentence, counted by hand.
    text = "The committee published a new standard today, and everyone was happy."
    assert reading_grade(text) == pytest.approx(0.39 * 11 + 11.8 * 19 / 11 - 15.59)
    hard = "The implementation of organizational methodologies necessitates comprehensive interdisciplinary consideration."
    assert reading_grade(hard) > 20 > reading_grade("We like tea.") == 0.0
    assert reading_grade("") == reading_grade("😀 123 !") == 0.0
    assert reading_grade(f"We met {LINK} today.") == reading_grade("We met today.")
