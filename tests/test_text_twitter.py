"""app.text.twitter against the conformance suite of twitter-text."""

import json
from pathlib import Path

import pytest

from app.text import twitter

CASES = Path(__file__).parents[2] / "shared" / "data" / "twitter_text_conformance.jsonl"
GROUPS = {
    "validate": ("WeightedTweetsCounterTest", "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"),
    "extract": (
        "mentions", "mentions_with_indices", "mentions_or_lists_with_indices", "replies",
        "urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params",
        "hashtags", "hashtags_from_astral", "hashtags_with_indices",
    ),
}  # fmt: skip
# The older counting, in which each code point of an emoji sequence counts.
OLD_EMOJI_COUNT = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}


def _cases():
    if not CASES.exists():
        return []
    cases = [json.loads(line) for line in CASES.read_text("utf-8").strip().split("\n")]
    return [
        case
        for case in cases
        if case["group"] in GROUPS.get(case["file"], ())
        and not (case["group"] == "WeightedTweetsCounterTest" and case["description"] in OLD_EMOJI_COUNT)
    ]


def _name(case):
    return f"{case['group']}: {case['description']}"


def _mentions(text):
    for start, end in twitter.mentions(text):
        name, _, slug = text[start + 1 : end].partition("/")
        yield {
            "screen_name": name,
            "list_slug": slug and "/" + slug,
            "indices": [start, end],
        }


def _extracted(group, text):
    """What the code finds, in the shape that the suite expects for `group`."""
    if group == "mentions":
        return [m["screen_name"] for m in _mentions(text)]
    if group == "mentions_with_indices":
        return [{k: m[k] for k in ("screen_name", "indices")} for m in _mentions(text)]
    if group == "mentions_or_lists_with_indices":
        return list(_mentions(text))
    if group == "replies":
        first = next(_mentions(text), None)
        return first["screen_name"] if first and not text[: first["indices"][0]].strip() else None
    if group.startswith("hashtags"):
        if group.endswith("indices"):
            return [{"hashtag": text[a + 1 : b], "indices": [a, b]} for a, b in twitter.hashtags(text)]
        return [text[a + 1 : b] for a, b in twitter.hashtags(text)]
    if group in ("urls_with_indices", "urls_with_directional_markers"):
        return [{"url": text[a:b], "indices": [a, b]} for a, b in twitter.urls(text)]
    return [text[a:b] for a, b in twitter.urls(text)]


@pytest.mark.skipif(not CASES.exists(), reason="the twitter-text conformance cases are not here")
@pytest.mark.parametrize("case", _cases(), ids=_name)
def test_conformance(case):
    if case["file"] == "validate":
        assert twitter.weighted_length(case["text"]) == case["expected"]["weightedLength"]
    else:
        assert _extracted(case["group"], case["text"]) == case["expected"]


def test_known_lengths():
    assert twitter.weighted_length("") == 0
    assert twitter.weighted_length("plain") == 5
    assert twitter.weighted_length("see https://example.org/" + "a" * 100) == 4 + 23
    assert twitter.weighted_length("標準") == 4
    assert twitter.weighted_length("👨‍👩‍👧‍👦") == 2
