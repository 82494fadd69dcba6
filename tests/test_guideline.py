"""The corpus says what the guideline says, every sentence of it has its place, and a broken file is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from support import shared_file, the_assistant

from app.check import Checker
from app.errors import CorpusError
from app.files import corpus_folder
from app.guideline import load_guideline
from app.ledger import clauses, ledger, main, read_ledger, sha

CORPUS = corpus_folder()
RECORDS = read_ledger(CORPUS)


def words_of(text: str) -> list[str]:
    """Give the words of a text, marks of layout left out."""
    return re.sub(r"(?m)^\s*#+ |[*]", " ", text).split()


def test_the_text_is_the_guideline_word_for_word():
    original = shared_file("guideline", "iso-social-media-guidelines.txt").read_text(encoding="utf-8")
    assert words_of((CORPUS / "guideline.md").read_text(encoding="utf-8")) == words_of(original)


def test_the_catalogue_is_the_agreed_one():
    import yaml

    agreed = yaml.safe_load(shared_file("guideline", "rules.yaml").read_text(encoding="utf-8"))
    guideline = the_assistant().guideline
    assert {r["id"]: r["level"] for r in agreed["rules"]} == {r.id: r.level for r in guideline.rules.values()}
    assert {a["id"] for a in agreed["advice"]} == set(guideline.advice)
    for entry in [*agreed["rules"], *agreed["advice"]]:
        quoted = " ".join(" ".join(p.text.split()) for p in guideline.passages_of(entry["id"]))
        for quote in entry["quotes"]:
            guideline.locate(quote)
            assert " ".join(quote.split()) in quoted, f"{entry['id']} does not quote “{quote}”"


def test_every_passage_stands_in_the_guideline():
    guideline = the_assistant().guideline
    for passage in guideline.passages.values():
        assert guideline.text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""


def test_every_sentence_is_in_the_ledger_unaltered():
    text = the_assistant().guideline.text
    assert [(r["start"], r["end"]) for r in RECORDS] == clauses(text)
    assert [r["text"] for r in RECORDS] == [text[a:b] for a, b in clauses(text)]
    assert [r["sha"] for r in RECORDS] == [sha(text[a:b]) for a, b in clauses(text)]
    assert len({r["id"] for r in RECORDS}) == len(RECORDS)


def test_the_ledger_leaves_no_word_of_the_guideline_out():
    text = the_assistant().guideline.text
    covered = {i for r in RECORDS for i in range(r["start"], r["end"])}
    left = "".join(c if i not in covered else " " for i, c in enumerate(text))
    assert re.findall(r"\w{2,}", left) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r["id"])
def test_every_sentence_is_assigned(record):
    known = {*the_assistant().guideline.entries, "context"}
    assert record["entries"], f"nothing carries “{record['text']}”"
    assert set(record["entries"]) <= known


def test_a_quoted_sentence_is_assigned_to_the_entry_that_quotes_it():
    for passage in the_assistant().guideline.passages.values():
        entry = passage.id.rsplit(".", 1)[0]
        assert all(entry in r["entries"] for r in RECORDS if r["start"] < passage.end and passage.start < r["end"])


def test_every_entry_carries_a_sentence():
    assert set(the_assistant().guideline.entries) <= {entry for r in RECORDS for entry in r["entries"]}


@pytest.fixture
def corpus(tmp_path) -> Path:
    """Give a copy of the corpus, without its large files, to break."""
    return Path(shutil.copytree(CORPUS, tmp_path / "corpus", ignore=shutil.ignore_patterns("examples", "situations.jsonl", "bios.toml")))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_altered_sentence_is_left_open(corpus, capsys):
    rewrite(corpus / "guideline.md", "In tools like LinkedIn, the details", "In tools like Orkut, the details")
    assert [r for r in ledger(load_guideline(corpus), RECORDS) if not r["entries"]] != []
    assert main(corpus) == 1
    assert "In tools like Orkut" in capsys.readouterr().out


def test_the_ledger_checked_in_is_the_one_generated(corpus):
    main(corpus)
    assert (corpus / "clauses.jsonl").read_text(encoding="utf-8") == (CORPUS / "clauses.jsonl").read_text(encoding="utf-8")


RULE = "rules/no-confidential.md"
LEVEL = 'level = "ask"'
BROKEN = {
    "no front matter": (RULE, "+++\n", "", "must begin with a line '+++'"),
    "TOML": (RULE, LEVEL, "level = ", "not valid TOML"),
    "unknown key": (RULE, LEVEL, f'{LEVEL}\ncolour = "red"', "colour"),
    "unknown level": (RULE, LEVEL, 'level = "fatal"', "level"),
    "no level": (RULE, LEVEL, "", "level"),
    "unknown field": (RULE, 'applies_to = ["post"', 'applies_to = ["fax"', "applies_to"),
    "quote": (RULE, "don't share confidential", "do share confidential", "not in the guideline"),
    "quotes not a list": (RULE, "quotes = [", 'quotes = "x"\nothers = [', "no-confidential.md"),
    "heading": (RULE, "## Fine", "## Good", "heading"),
    "mark without end": (RULE, "»", "", "«"),
    "unknown advice key": ("advice/connect.md", "title =", "titel =", "titel"),
    "organisation key": ("organisation.toml", "aliases =", "nicknames =", "aliases"),
    "organisation TOML": ("organisation.toml", "[contacts]", "[contacts", "not valid TOML"),
}


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_what_is_wrong(corpus, file, old, new, words):
    rewrite(corpus / file, old, new)
    with pytest.raises(CorpusError) as error:
        load_guideline(corpus)
    assert Path(file).name in str(error.value)
    assert words in str(error.value)
    assert str(error.value).endswith((".", "”"))


@pytest.mark.parametrize(("key", "value"), [("applies_to", "3"), ("quotes", "'x'"), ("quotes", "[]"), ("answer", "'no'"), ("level_on", "['post']"), ("find", "'words'")])
def test_a_setting_of_the_wrong_kind_is_named(corpus, key, value):
    path = corpus / RULE
    settings = {"level": '"ask"', "applies_to": '["post"]', "quotes": '["Don\'t ramble"]'} | {key: value}
    path.write_text("+++\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()) + "+++\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"no-confidential\.md: '{key}' must be"):
        load_guideline(corpus)


@pytest.mark.parametrize("table", ['kind = "crystal-ball"', 'kind = "pattern"\npattern = "("', 'kind = "pattern"\npatern = "x"', 'kind = "words"\nfile = "absent.tsv"', 'kind = "pattern"\npattern = "<<nobody>>"'])
def test_a_broken_find_table_is_named(corpus, table):
    rewrite(corpus / RULE, "\n+++\n", f"\n[[find]]\n{table}\n+++\n")
    with pytest.raises(CorpusError, match=r"no-confidential\.md"):
        _ = Checker(load_guideline(corpus), None).finders


def test_a_file_that_is_no_text_is_named(corpus):
    (corpus / RULE).write_bytes(b"\xff\xfe\x00+")
    with pytest.raises(CorpusError, match=r"no-confidential\.md is not UTF-8"):
        load_guideline(corpus)


def test_a_missing_file_is_named(corpus):
    (corpus / "guideline.md").unlink()
    with pytest.raises(CorpusError, match=r"guideline\.md cannot be read"):
        load_guideline(corpus)


def test_a_folder_without_rules_is_said(corpus):
    shutil.rmtree(corpus / "rules")
    with pytest.raises(CorpusError, match="holds no rule file"):
        load_guideline(corpus)


def test_a_missing_corpus_is_said(tmp_path):
    with pytest.raises(CorpusError, match="setting 'corpus'"):
        corpus_folder(str(tmp_path / "absent"))


def test_rule_and_advice_may_not_share_a_name(corpus):
    shutil.copy(corpus / "advice" / "connect.md", corpus / "advice" / "no-spam.md")
    with pytest.raises(CorpusError, match=r"advice.no-spam\.md.*already"):
        load_guideline(corpus)
