"""Every rule file keeps its word: quotes stand in the guideline, marked words are found exactly, fine posts pass."""

from __future__ import annotations

import pytest

from app.files import corpus_folder
from app.guideline import Entry, Example, load_guideline
from app.matching.base import Text
from app.matching.finder import Finder, find_all
from app.records import Draft

GUIDELINE = load_guideline(corpus_folder())
RULES = list(GUIDELINE.rules.values())
FEWEST_EXAMPLES = 8


@pytest.fixture(scope="module")
def finders() -> dict[str, list[Finder]]:
    return {rule.id: [Finder(table, n, rule, GUIDELINE) for n, table in enumerate(rule.find, 1)] for rule in RULES}


def spans_found(example: Example, finders: list[Finder]) -> list[tuple[int, int]]:
    draft = Draft(example.text, example.platform, example.account)
    return [(f.start, f.end) for f in find_all(Text(draft, example.field), finders)]


def marked(text: str, spans: list[tuple[int, int]]) -> str:
    """Put « » around spans, so that a failure reads like the rule file."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + "«" + text[start:end] + "»" + text[end:]
    return text


def per_rule(parameter: str):
    return pytest.mark.parametrize(parameter, RULES, ids=lambda rule: rule.id)


@per_rule("rule")
def test_has_enough_examples(rule: Entry):
    assert len(rule.breaks) >= FEWEST_EXAMPLES
    assert len(rule.fine) >= FEWEST_EXAMPLES
    texts = [(e.text, e.field, e.account, e.platform) for e in rule.breaks + rule.fine]
    assert len(set(texts)) == len(texts), "the same example stands there twice"


@per_rule("rule")
def test_marked_words_are_found_exactly(rule: Entry, finders: dict[str, list[Finder]]):
    expected = [marked(e.text, list(e.spans)) for e in rule.breaks]
    assert [marked(e.text, spans_found(e, finders[rule.id])) for e in rule.breaks] == expected


@per_rule("rule")
def test_fine_posts_pass(rule: Entry, finders: dict[str, list[Finder]]):
    assert [marked(e.text, spans_found(e, finders[rule.id])) for e in rule.fine] == [e.text for e in rule.fine]


@per_rule("rule")
def test_every_finder_is_needed_by_an_example(rule: Entry, finders: dict[str, list[Finder]]):
    mine = finders[rule.id]
    idle = [
        number
        for number in range(1, len(mine) + 1)
        if all(spans_found(e, mine[: number - 1] + mine[number:]) == list(e.spans) for e in rule.breaks)
    ]
    assert not idle, f"{rule.path.name}: no marked example needs [[find]] number {idle}"


@per_rule("rule")
def test_examples_are_of_fields_the_rule_reads(rule: Entry):
    assert {e.field for e in rule.breaks + rule.fine} <= set(rule.applies_to)


@per_rule("rule")
def test_says_everything_that_people_and_models_are_told(rule: Entry):
    for part in ("title", "ask_model", "explain", "suggest", "fix", "help", "answer"):
        assert getattr(rule, part), f"{rule.path.name}: '{part}' is missing"


@pytest.mark.parametrize("entry", GUIDELINE.entries.values(), ids=lambda entry: entry.id)
def test_quotes_stand_in_the_guideline(entry: Entry):
    assert entry.passages
    for passage in GUIDELINE.passages_of(entry.id):
        assert GUIDELINE.text[passage.start : passage.end] == passage.text
        assert GUIDELINE.locate(passage.text)[1] - GUIDELINE.locate(passage.text)[0] == len(passage.text)
