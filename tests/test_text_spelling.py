"""app.text.spelling, with grammar and likeness."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.likeness import cost
from app.text.spelling import Speller

SHARED = Path(__file__).parents[2] / "shared"
NAUGHTY = SHARED / "data" / "naughty_strings.jsonl"
SPELLER = Speller(["Zyxware", "wobblestand"])


def flagged(text):
    return {text[m.start : m.end]: m.suggestions[0] for m in SPELLER.mistakes(text)}


def _hold(text):
    at = 0
    for mistake in SPELLER.mistakes(text):
        assert at <= mistake.start < mistake.end <= len(text)
        assert mistake.suggestions and mistake.message
        assert text[mistake.start : mistake.end] not in mistake.suggestions
        at = mistake.end


PARTS = st.sampled_from(
    ["I recieved teh ", "a idiot ", "👨‍👩‍👧‍👦", "日本語", "\n", "@anna ", "b.com ", "“", "”", "definately ", "ISO ", "\u202e", "their is "]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS | st.text(max_size=5), max_size=12).map("".join))
def test_spans_are_exact_for_any_text(text):
    _hold(text)


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not here")
def test_naughty_strings():
    for line in NAUGHTY.read_text("utf-8").strip().split("\n"):
        _hold(json.loads(line)["text"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I recieved the comittee report tommorow.", {"recieved": "received", "comittee": "committee", "tommorow": "tomorrow"}),
        ("Definately the best day of the week.", {"Definately": "Definitely"}),
        ("I dont know wich of them it was, thats all.", {"dont": "don't", "wich": "which", "thats": "that's"}),
        ("We should of asked them.", {"should of": "should have"}),
        ("He is a idiot and it was an great day.", {"a": "an", "an": "a"}),
        ("Their is more of it then we thought.", {"Their": "There"}),
        ("You know more then I do.", {"then": "than"}),
        ("Its been a long week.", {"Its": "It's"}),
        ("The dog opened it's own tin.", {"it's": "its"}),
        ("There is alot of the the tea.", {"alot": "a lot", "the the": "the"}),
        ("👨‍👩‍👧‍👦 日本 I recieved it.", {"recieved": "received"}),
    ],
)
def test_finds(text, expected):
    found = flagged(text)
    assert {k: v for k, v in found.items() if k in expected} == expected
    assert set(found) == set(expected)


@pytest.mark.parametrize(
    "text",
    [
        "The color, the colour, the center and the centre of the organization, the organisation, traveled and travelled.",
        "We use aluminum, aluminium, gray, grey, licence and license, defense and defence, operationalise and operationalize.",
        "See https://recieve.org/teh, @recieve and #comittee or mail teh@recieve.org, then run `recieve teh`.",
        "I asked Anneliese Vandermeulen and Ilse about Zyxware and the wobblestand in Vilnius.",
        "The NWIP, the FDIS and the CIB went to QMS people.",
        "Bonjour à tous, la réunion est demain et nous serons là avec le comité.",
        "Liebe Leute, die Sitzung ist morgen um zehn Uhr und wir freuen uns auf euch.",
        "He wrote “I recieved teh letter” and that was that.",
        "see you on monday in lisbon, gr8, u r 2 kind thx",
        "An hour, a unit, a one-off, an honest man, an MRI and grade A in the end.",
        "I had had enough of that that day - really... and so, yes , ok",
        "A selfie, a livestream, the headshot, our podcast and the flipchart in the coworking place.",
        "",
        "😀",
    ],
)
def test_leaves_alone(text):
    assert flagged(text) == {}


def test_cost_of_slips():
    assert cost("that's", "thats") == cost("Friday", "friday") == 0.0
    assert cost("thign", "thing") < cost("thign", "thigh")
    assert cost("prowd", "proud") < cost("prowd", "prod")
    assert cost("hapy", "happy") < cost("hapy", "harpy")


def test_threads_share_a_speller():
    speller = Speller()
    speller.start()
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(speller.mistakes("I recieved it. " * 20)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [20] * 6


def test_a_speller_loads_nothing_before_it_is_used():
    code = "import sys; from app.text.spelling import Speller; Speller(['x']); sys.exit('harper' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("piece", ["The comittee met again and wrote it down. ", "a", "qzx ", "teh ", "\n", "“a"])
def test_time_grows_with_length_only(piece):
    SPELLER.mistakes("warm")
    text = (piece * 100_000)[:100_000]
    start = time.process_time()
    SPELLER.mistakes(text)
    assert time.process_time() - start < 10


POSTS = sorted((SHARED / "examples").glob("posts-*.jsonl"))


@pytest.mark.skipif(not POSTS, reason="the labelled posts are not here")
def test_few_clean_posts_are_flagged():
    posts = [json.loads(line) for path in POSTS for line in path.read_text("utf-8").strip().split("\n")]
    labelled = [p for p in posts if "spell-check" in p["violations"]]
    clean = [p for p in posts if "spell-check" not in p["violations"] + p["acceptable"]]
    found = sum(bool(SPELLER.mistakes(p["text"])) for p in labelled)
    wrong = sum(bool(SPELLER.mistakes(p["text"])) for p in clean)
    # The rest of the labelled are text-speak, which a word list finds.
    assert found / len(labelled) > 0.8
    assert wrong / len(clean) < 0.01
