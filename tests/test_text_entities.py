"""app.text.entities, with figures, names, emoji and phones."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.entities import KINDS, entities, mask

NAUGHTY = Path(__file__).parents[2] / "shared" / "data" / "naughty_strings.jsonl"
# Text that is likelier than chance to hold entities, between any Unicode.
SCRAPS = st.sampled_from(
    [
        "“", "”", '"', "'", "’", "‘", "«", "»", "`", "```", "\n", "\n\n", " ", ". ", "@anna", "@a@b.social", "#tag", "a@b.org",
        "https://a.org/b('c')", "b.com", "+41 22 749 01 11", "022 749 01 11", "Anna de la Cruz", "O'Brien", "12 May 2026", "10:30",
        "CHF 5.50", "5 %", "EN 1234-1:2020", "TC 207/SC 7", "45001", "👨‍👩‍👧‍👦", "🇨🇭", "1️⃣", "THE", "Dr.", "e.g.", "日本語", "\u202e", "\ufeff",
    ]
)  # fmt: skip
DRAFTS = st.lists(SCRAPS | st.text(max_size=6), max_size=25).map("".join)


def found(text, kind):
    return [e.text for e in entities(text) if e.kind == kind]


def _hold(text):
    """What holds for the entities of any text."""
    all_found = entities(text)
    assert all_found == sorted(all_found, key=lambda e: e.start)
    for number, one in enumerate(all_found):
        assert one.kind in KINDS
        assert 0 <= one.start < one.end <= len(text)
        assert one.text == text[one.start : one.end]
        for two in all_found[number + 1 :]:
            if two.start < one.end:
                assert one.kind in ("quotation", "code")
                assert two.end <= one.end
    masked = mask(text, KINDS)
    assert len(masked) == len(text)
    assert masked.count("\n") == text.count("\n")


@settings(max_examples=300, deadline=None)
@given(DRAFTS)
def test_spans_are_exact_and_only_quotations_and_code_hold_others(text):
    _hold(text)


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not here")
def test_naughty_strings():
    for line in NAUGHTY.read_text("utf-8").strip().split("\n"):
        _hold(json.loads(line)["text"])


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("See https://a.org/x?y=1. And b.com!", "url", ["https://a.org/x?y=1", "b.com"]),
        ("That was the end.So we left", "url", []),
        ("mail a.b+c@d-e.org, not @anna", "email", ["a.b+c@d-e.org"]),
        ("@anna @a_very_long_name_of_thirty_one_ @j.doe, @k.", "handle", ["@anna", "@a_very_long_name_of_thirty_one_", "@j.doe", "@k"]),
        ("ask @anna@social.example.org or @bo.bsky.social.", "handle", ["@anna@social.example.org", "@bo.bsky.social"]),
        ("a@b.org", "handle", []),
        ("#one, ＃二 #3 x#four", "hashtag", ["#one", "＃二"]),
        ("ring +41 22 749 01 11 or 022 749 01 11", "phone", ["+41 22 749 01 11", "022 749 01 11"]),
        ("12 345 678 users, 10.1000/182, 38-2, 2019-2020", "phone", []),
        ("run `pip \"x\"` and ```\na\n```", "code", ["`pip \"x\"`", "```\na\n```"]),
        ("“a” \"b c\" «d» ‘e’ 'f g' „h“", "quotation", ["“a”", '"b c"', "«d»", "‘e’", "'f g'", "„h“"]),
        ("It's the dogs' bones, rock 'n' roll, a 5\" pipe, “open", "quotation", []),
        ("'tis the dogs' day", "quotation", []),
        ("he said 'I don't know' twice", "quotation", ["'I don't know'"]),
        ("12 May 2026, May 12, 2026-05-12, 12.5.2026, on Friday", "date", ["12 May 2026", "May 12", "2026-05-12", "12.5.2026", "Friday"]),
        ("We may march in may", "date", []),
        ("at 10:30 CET, 10am, 9.15 p.m. or 14h30", "time", ["10:30 CET", "10am", "9.15 p.m.", "14h30"]),
        ("CHF 1'200.50, €5.5m, $3, 20 francs, 5 EUR", "money", ["CHF 1'200.50", "€5.5m", "$3", "20 francs", "5 EUR"]),
        ("5%, 5.5 %, 5 per cent", "percent", ["5%", "5.5 %", "5 per cent"]),
        ("1,200 users, 3rd, 2.5x, 10kg, 7", "number", ["1,200", "3rd", "2.5x", "10kg", "7"]),
        ("gr8, every1 and b4", "number", []),
        ("EN 590, EN/XY TS 1234-1:2020, TC 207/SC 7, JTC 1/SC 27", "reference", ["EN 590", "EN/XY TS 1234-1:2020", "TC 207/SC 7", "JTC 1/SC 27"]),
        ("the vote on 45001 and 9001:2015", "reference", ["45001", "9001:2015"]),
        ("In 2024 we had 4512 visitors and 5000 pens", "reference", []),
        ("wow 👨‍👩‍👧‍👦🇨🇭👍🏽 1️⃣ ✌️", "emoji", ["👨‍👩‍👧‍👦", "🇨🇭", "👍🏽", "1️⃣", "✌️"]),
        ("I met José Núñez, van der Berg, Jean-Luc de la Cruz.", "name", ["José Núñez", "van der Berg", "Jean-Luc de la Cruz"]),
        ("Ask Dr. O'Brien. Yesterday J. K. Rowling came", "name", ["Dr. O'Brien", "J. K. Rowling"]),
        ("Soup is on. Come early!", "name", []),
        ("Anna came. I like Anna's soup", "name", ["Anna", "Anna"]),
        ("THIS IS GREAT NEWS for NASA", "name", ["NASA"]),
        ("I'm in, I think, and so am I", "name", []),
    ],
)  # fmt: skip
def test_finds(text, kind, expected):
    assert found(text, kind) == expected


def test_longest_wins():
    assert [(e.kind, e.text) for e in entities("on 12 May 2026 in Rome")] == [("date", "12 May 2026"), ("name", "Rome")]
    assert [e.kind for e in entities("see https://a.org/'b'/#c@d")] == ["url"]


def test_a_quotation_holds_entities():
    assert [(e.kind, e.text) for e in entities("“Ask Anna in 2026”")] == [
        ("quotation", "“Ask Anna in 2026”"),
        ("name", "Anna"),
        ("number", "2026"),
    ]


def test_mask_keeps_the_rest():
    assert mask("see b.com now", ("url",), "x") == "see xxxxx now"
    assert mask("a ```b\nc``` d", ("code",)) == "a     \n     d"
    assert mask("see b.com", ()) == "see b.com"


def test_plain_text_loads_no_heavy_library():
    code = (
        "import sys; from app.text.entities import entities; entities('Plain words for Anna, 12 May 2026, b.com, @x. É “q”');"
        "sys.exit(bool({'phonenumbers', 'emoji', 'regex', 'harper'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "piece",
    ["a", "A ", "1", "1 ", '"a ', "'a ", "“a", "`", "@", "a@a.", "+41 22 749 ", "022 749 01 ", "a. ", "Dr. ", "👨\u200d", "AB/", "$1", "a.", "の.", "#", "(("],
)  # fmt: skip
def test_time_grows_with_length_only(piece):
    """100,000 characters of the worst kind: a quadratic scan would take minutes, a linear one takes under a second."""
    text = (piece * 100_000)[:100_000]
    start = time.process_time()
    entities(text)
    assert time.process_time() - start < 5
