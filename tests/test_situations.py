"""The situations: how people ask whether they may post something, each tied to entries of the corpus."""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.guideline import load_guideline

CORPUS = Path(__file__).parents[1] / "corpus" / "iso-social-media"
ANSWERS = {"yes", "yes-if", "no", "ask", "out-of-scope"}
FIELDS = {"id": str, "voice": str, "question": str, "answer": str, "rules": list, "conditions": list, "draft": (str, type(None))}


@pytest.fixture(scope="module")
def situations():
    """Give the records of the file, in order."""
    lines = (CORPUS / "situations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def entries():
    """Give the ids of the rules and the advice."""
    return set(load_guideline(CORPUS).entries)


def test_every_record_has_the_fields(situations):
    for record in situations:
        assert record.keys() == FIELDS.keys(), record
        assert all(isinstance(record[name], kind) for name, kind in FIELDS.items()), record
        assert record["answer"] in ANSWERS, record
        assert record["question"].strip() == record["question"] != "", record
        assert all(isinstance(phrase, str) and phrase for phrase in record["conditions"]), record


def test_rules_are_entries_unless_out_of_scope(situations, entries):
    for record in situations:
        rules = record["rules"]
        assert set(rules) <= entries and len(set(rules)) == len(rules), record
        assert len(rules) == 0 if record["answer"] == "out-of-scope" else 1 <= len(rules) <= 3, record


def test_conditions_come_with_yes_if_only(situations):
    for record in situations:
        assert bool(record["conditions"]) == (record["answer"] == "yes-if"), record


def test_drafts_are_part_of_their_question(situations):
    drafts = [record for record in situations if record["draft"] is not None]
    assert drafts
    for record in drafts:
        assert record["draft"] and record["draft"] in record["question"], record


def test_ids_and_questions_are_unique(situations):
    for key in (lambda record: record["id"], lambda record: " ".join(record["question"].casefold().split())):
        repeated = [value for value, count in Counter(map(key, situations)).items() if count > 1]
        assert repeated == []


def test_every_entry_has_enough_questions(situations, entries):
    counts = Counter(rule for record in situations for rule in record["rules"])
    assert {entry: counts[entry] for entry in entries if counts[entry] < 25} == {}


def test_enough_questions_are_out_of_scope(situations):
    assert sum(record["answer"] == "out-of-scope" for record in situations) >= 150
