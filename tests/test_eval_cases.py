"""The cases of the evaluation: well formed, enough of them, errors that name the line, nothing learnt by heart."""

import json
import re
from pathlib import Path

import pytest

from app.check import verdict_of
from app.errors import CorpusError
from app.guideline import load_guideline
from app.records import Finding
from evals.agreement import agreement
from evals.cases import lines, load_cases, sample

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "evals" / "cases"
CORPUS = ROOT / "corpus" / "iso-social-media"
# RapidFuzz ratio of two texts in lower case, as they stand and with their words in order of the alphabet; and how many
# words in a row two texts may not share
RATIO, SORTED_RATIO, RUN = 70, 75, 10


@pytest.fixture(scope="module")
def guideline():
    return load_guideline(CORPUS)


@pytest.fixture(scope="module")
def cases(guideline):
    return load_cases(FOLDER, list(guideline.entries))


def test_there_are_enough_of_each_kind(cases):
    assert len(cases.posts) >= 300
    assert len(cases.questions) >= 150
    assert len(cases.profiles) >= 60
    assert len(cases.bios) >= 60
    assert len(cases.functions) >= 40
    assert all(len(f.cases) >= 10 for f in cases.functions)
    assert {p.id for p in cases.posts} == set(cases.posts_second)
    assert {q.id for q in cases.questions} == set(cases.questions_second)


def test_every_rule_is_tested_by_ten_posts(cases, guideline):
    counts = {rule: sum(rule in p.violations for p in cases.posts) for rule in guideline.rules}
    assert min(counts.values()) >= 10, counts


def test_verdicts_follow_from_the_levels(cases, guideline):
    for post in cases.posts:
        findings = [Finding(rule, guideline.rules[rule].level, 0, 0, "", "") for rule in post.violations]
        assert verdict_of(findings) == post.verdict, post.id
        assert not set(post.violations) & set(post.acceptable), post.id
        assert set(post.evidence) == set(post.violations), post.id


def _posts(cases):
    texts = [(p.id, p.text) for p in cases.posts]
    return texts + [(c.id, c.text) for f in cases.functions for c in f.cases]


def _taught():
    for path in sorted((CORPUS / "examples").glob("*.jsonl")):
        yield from ((f"{path.name} {r['id']}", r["text"]) for _, r in lines(path))
    yield from ((f"situation {r['id']}", r["question"]) for _, r in lines(CORPUS / "situations.jsonl"))


def _near(evaluated, taught):
    """Pairs of texts that say nearly the same, or share a run of words."""
    from rapidfuzz import fuzz, process

    ours, theirs = ([re.findall(r"\w+", text.lower().replace("'", "")) for _, text in texts] for texts in (evaluated, taught))
    found = set()
    for least, order in ((RATIO, list), (SORTED_RATIO, sorted)):
        these, those = ([" ".join(order(words)) for words in texts] for texts in (ours, theirs))
        scores = process.cdist(these, those, scorer=fuzz.ratio, score_cutoff=least, workers=-1, dtype="uint8")
        found |= {(int(i), int(j)) for i, j in zip(*scores.nonzero())}
    runs = {run: j for j, words in enumerate(theirs) for run in _runs(words)}
    found |= {(i, runs[run]) for i, words in enumerate(ours) for run in _runs(words) if run in runs}
    return sorted((evaluated[i][0], taught[j][0]) for i, j in found)


def _runs(words):
    return (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def test_no_post_is_shared_or_nearly_shared_with_what_teaches(cases):
    assert _near(_posts(cases), list(_taught())) == []


def test_no_question_is_shared_or_nearly_shared_with_what_teaches(cases):
    assert _near([(q.id, q.question) for q in cases.questions], list(_taught())) == []


def test_a_nearly_shared_post_would_be_noticed():
    changed = [("E1", "Our ballot failed by two votes, my friends, and nobody out there knows it.")]
    taught = [("t1", "Our ballot failed by two votes, friends, and nobody knows it."), ("t2", "Lovely weather.")]
    assert _near(changed, taught) == [("E1", "t1")]
    assert _near([("E2", "It is proven that nobody under thirty can read a map.")], [("t3", "Nobody under thirty can read a map, fact")])


def test_a_sample_is_the_same_for_the_same_seed_only(cases):
    one, again, other = (sample(cases, 30, seed) for seed in (1, 1, 2))
    assert [p.id for p in one.posts] == [p.id for p in again.posts]
    assert [p.id for p in one.posts] != [p.id for p in other.posts]
    assert len(one.posts) == 30 and {len(f.cases) for f in one.functions} == {3}
    assert sample(cases, None, 1) is cases


def test_agreement_of_the_two_readings(cases, guideline):
    found = agreement(cases, list(guideline.rules), {r.id: r.level for r in guideline.rules.values()})
    assert 0.9 < found["same_stop"] < 1
    assert set(found["tables"]["kappa"]) == set(guideline.rules)
    assert 0 < found["kappa_least"] <= found["kappa_mean"] <= 1


POST = {
    "id": "X1", "voice": "V", "platform": "twitter", "account": "personal", "audience": "", "text": "Our secret.",
    "violations": ["no-confidential"], "acceptable": [], "verdict": "ask", "evidence": {"no-confidential": "secret"},
    "keep": [], "gone": ["secret"], "hard": False, "pair": None, "note": "",
}


@pytest.fixture
def folder(tmp_path):
    for name in ("posts-second", "questions", "questions-second", "profiles", "bios"):
        (tmp_path / f"{name}.jsonl").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "maybe"}, "verdict is 'maybe'"),
        ({"violations": ["no-nonsense"]}, "'no-nonsense' is no rule"),
        ({"evidence": {"no-confidential": "public"}}, "“public” is not in the text"),
        ({"hard": "yes"}, "'hard' must be true or false"),
        ({"keep": "secret"}, "'keep' must be a list of texts"),
        ({"colour": "red"}, "the field 'colour' is unknown"),
        ({"id": "X0"}, "the id 'X0' is already used at"),
    ],
)
def test_a_broken_line_is_named(folder, change, said):
    rows = [POST | {"id": "X0"}, POST | change]
    (folder / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        load_cases(folder, ["no-confidential"])
    assert said in str(error.value)
    assert "posts.jsonl:2" in str(error.value)


def test_a_line_that_is_not_json_is_named(folder):
    (folder / "posts.jsonl").write_text(json.dumps(POST) + "\n{oops\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"posts\.jsonl:2 is not JSON"):
        load_cases(folder, ["no-confidential"])


def test_a_missing_field_is_named(folder):
    (folder / "posts.jsonl").write_text(json.dumps({k: v for k, v in POST.items() if k != "gone"}), encoding="utf-8")
    with pytest.raises(CorpusError, match="the field 'gone' is missing"):
        load_cases(folder, ["no-confidential"])
