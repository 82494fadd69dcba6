"""Bios and handles: for any name, with any wish, and for the profile that one has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import the_assistant

from app.engines.offline.bio import HANDLE_LENGTH, handles, wishes
from app.errors import UsageError
from app.records import Bios, Profile

SAMPLE = "Project Manager at @isostandards sharing views on what I like best: standards, environment, skiing and eating!"
NAMES = (
    "John Smith",
    "Madonna",
    "Li",
    "X",
    "José Núñez-García",
    "Siobhán O'Brien",
    "Siobhán O’Brien",
    "Zoë van der Berg",
    "Łukasz Żółć",
    "山田太郎",
    "محمد علي",
    "Мария Иванова",
    "Wolfeschlegelsteinhausenbergerdorff " + "A" * 24,
    "A" * 60,
    "john smith",
    "JOHN SMITH",
    "Dr. Ana-Lucía  de la  Cruz, PhD",
    "Jean\nLuc",
    "<b>Eve</b>",
    "Ivan Isoldi",
)


def bios(name: str, role: str = "Project Manager", interests: tuple[str, ...] = ("standards", "skiing"), **more) -> Bios:
    return the_assistant().bio(Profile(name, role, interests, **more))


@pytest.mark.parametrize("role", ["Project Manager", "", "Directrice générale adjointe de la normalisation " * 4, "標準化", "<script>alert(1)</script>", "CEO", "{role} %s"])
@pytest.mark.parametrize("name", NAMES)
def test_at_least_three_bios_and_handles_that_comply(name, role):
    given_back = bios(name, role)
    texts = [b.text for b in given_back.bios]
    assert len(set(texts)) == len(texts) >= 3
    for bio in given_back.bios:
        assert bio.check.verdict == "ready"
        assert 0 < len(bio.text) <= 160
        assert "\n" not in bio.text
        assert "{" not in bio.text or "{" in role
        assert "<" not in bio.text
    assert len(given_back.handles) >= 1
    for handle in given_back.handles:
        assert re.fullmatch(rf"@[A-Za-z0-9_]{{4,{HANDLE_LENGTH}}}", handle)


@pytest.mark.parametrize(("name", "handle"), [("John Smith", "@JohnSmith"), ("Siobhán O'Brien", "@SiobhanOBrien"), ("José Núñez", "@JoseNunez"), ("Madonna", "@Madonna"), ("Мария Иванова", "@MariyaIvanova")])
def test_the_first_handle_is_the_plain_name(name, handle):
    assert bios(name).handles[0] == handle


def test_handles_from_another_script_come_with_a_word():
    assert any("romanisation" in note for note in bios("山田太郎").notes)
    assert not bios("José Núñez").notes


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_handles_are_handles_whatever_the_name(name, role):
    for handle in handles(name, role):
        assert re.fullmatch(rf"@[A-Za-z0-9_]{{4,{HANDLE_LENGTH}}}", handle)


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.text(st.characters(codec="utf-8"), max_size=200), st.lists(st.text(st.characters(codec="utf-8"), max_size=80), max_size=5))
def test_any_profile_gets_bios_that_comply(name, role, interests):
    if not name.strip():
        with pytest.raises(UsageError):
            bios(name, role, tuple(interests))
        return
    given_back = bios(name, role, tuple(interests))
    assert len(given_back.bios) >= 3
    assert all(b.check.verdict == "ready" and len(b.text) <= 160 for b in given_back.bios)


@pytest.mark.parametrize(
    ("role", "interests"),
    [("Official spokesperson of ISO", ()), ("Idiot", ("clowns",)), ("Consultant: buy my course now at 50% off", ()), ("Editor", ("idiots", "skiing")), ("Editor", ("x" * 300, "tea"))],
)
def test_what_breaks_a_rule_stays_out_of_the_bios(role, interests):
    given_back = bios("John Smith", role, interests)
    assert len(given_back.bios) >= 3
    assert all(b.check.verdict == "ready" for b in given_back.bios)


def test_role_and_interests_are_named():
    text = bios("John Smith").bios[0].text
    assert "roject" in text
    assert "standards" in text
    assert "skiing" in text


def test_no_name_is_said():
    with pytest.raises(UsageError, match="Give a name"):
        bios("  ")


def test_the_guidelines_own_bio_and_handle_pass():
    current = bios("John Smith", current_bio=SAMPLE, current_handle="@JohnSmith").current
    assert current.verdict == "ready"
    assert [f for f in current.findings if f.level != "should"] == []


@pytest.mark.parametrize("handle", ["@SmithISO", "@ISO_John", "@iso_smith", "@JohnAtISO", "@JohnSmith_ISO"])
def test_a_handle_with_the_organisations_name_fails(handle):
    current = bios("John Smith", current_handle=handle).current
    assert current.verdict != "ready"
    assert {(f.rule, f.field) for f in current.findings} >= {("no-iso-in-account-name", "handle")}


@pytest.mark.parametrize("handle", ["@JohnSmith", "@IsoldeKern", "@AliSoltani", "@MissIsobel", "@LouisOlivier"])
def test_a_name_that_holds_the_letters_passes(handle):
    assert bios("John Smith", current_handle=handle).current.verdict == "ready"


def test_a_name_with_the_letters_gets_a_handle():
    assert "@IsoldeKern" in bios("Isolde Kern").handles


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        ("put ISO in my handle", "no-iso-in-account-name"),
        ("use the ISO logo as my profile picture", "no-iso-in-account-name"),
        ("leave out that I work at ISO", "disclose-employer"),
    ],
)
def test_a_wish_that_breaks_a_rule_is_declined_with_the_quotation(wish, rule):
    guideline = the_assistant().guideline
    given_back = bios("John Smith", wishes=f"mention my dog; {wish}")
    assert [d.wish for d in given_back.declined] == [wish]
    (declined,) = given_back.declined
    assert declined.rule == rule
    assert guideline.passages[declined.passage].id in guideline.rules[rule].passages
    assert len(given_back.bios) >= 3


@pytest.mark.parametrize("wish", ["mention my dog", "say that opinions are my own", "make it funny", "say that I work at ISO", "keep it short", ""])
def test_a_wish_that_breaks_none_is_not(wish):
    assert bios("John Smith", wishes=wish).declined == ()


def test_wishes_are_told_apart():
    assert list(wishes("Put ISO in it; mention tea.\nBe brief and leave out my role")) == ["Put ISO in it", "mention tea", "Be brief", "leave out my role"]
