"""Every line of the public list of naughty strings gets a result or one clear sentence, with exact spans."""

from __future__ import annotations

import html
import json
import re

import pytest
from support import SHARED, the_assistant

from app.calls import call
from app.errors import UsageError
from app.records import Draft, Profile
from app.ui import render

PATH = SHARED / "data" / "naughty_strings.jsonl"
LINES = [json.loads(line)["text"] for line in PATH.read_text(encoding="utf-8").strip("\n").split("\n")] if PATH.is_file() else []
TAGS = re.compile(r"<[^>]*>")
OWN_TAGS = re.compile(r"</?(?:div|span|strong|mark|article|header|footer|b|p|blockquote|cite|ul|li|h4|ins|del|code)(?: (?:class|role|title|aria-label)='[^'<>]*')*>")

pytestmark = pytest.mark.skipif(not LINES, reason=f"{PATH} is not here: it is test data that is not part of the repository")


def only_own_tags(page: str) -> bool:
    """Are all tags of a piece of HTML those that presend writes?"""
    return all(OWN_TAGS.fullmatch(tag) for tag in TAGS.findall(page)) and "<" not in TAGS.sub("", page)


@pytest.mark.parametrize("number", range(0, max(len(LINES), 1), 40))
def test_as_drafts(number):
    guideline = the_assistant().guideline
    for text in LINES[number : number + 40]:
        answer = call("revise", {"text": text, "platform": "twitter"}, the_assistant()).json()
        assert all(f["text"] == text[f["start"] : f["end"]] != "" for f in answer["findings"]), text
        assert answer["verified"], text
        json.dumps(answer, ensure_ascii=False).encode()
        revision = the_assistant().revise(Draft(text, "twitter"))
        shown = render.marked_html(revision.before)
        assert shown == "" or text in html.unescape(TAGS.sub("", shown)), text
        page = shown + render.changes_html(revision) + render.cards_html(revision.before.findings, text, guideline) + render.verdict_html(revision.before)
        assert only_own_tags(page), text


@pytest.mark.parametrize("number", range(0, max(len(LINES), 1), 40))
def test_as_questions_and_in_profiles(number):
    guideline = the_assistant().guideline
    for text in LINES[number : number + 40 : 4]:
        try:
            answer = the_assistant().ask(text)
        except UsageError as error:
            assert not text.strip()
            assert str(error)
        else:
            assert only_own_tags(render.answer_html(answer, guideline)), text
        bios = the_assistant().bio(Profile(text if text.strip() else "Jo", text, (text,), text, text, text))
        assert len(bios.bios) >= 3
        assert only_own_tags(render.bios_html(bios, guideline)), text
