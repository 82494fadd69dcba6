"""The judge: its examples, its scales, and the trained model that ships with presend."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from app.errors import CorpusError, PresendError
from app.files import corpus_folder, model_folder
from app.guideline import load_guideline
from app.judge import data, measure
from app.judge.calibrate import fit_scales
from app.judge.judge import Judge
from app.judge.scales import Scales, from_json, to_json
from app.text.sentences import sentences

EXAMPLES = corpus_folder() / "examples"
FOLDER = model_folder("judge")
trained = pytest.mark.skipif(not (FOLDER / "model.onnx").exists(), reason="the judge has not been trained yet")


def row(**changes) -> dict:
    return {"id": "A1", "platform": "twitter", "account": "personal", "text": "Buy my mugs",
            "violations": ["not-commercial"], "acceptable": ["no-spam"], "verdict": "revise", "evidence": {"not-commercial": "Buy"}, **changes}


def write(folder: Path, *rows: dict, name: str = "posts-A.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def test_a_post_is_read_with_the_place_of_its_evidence(tmp_path):
    write(tmp_path, row(text="🙂 Buy my mugs"))
    [post] = data.read_posts(tmp_path)
    assert post.voice == "A" and post.stop and post.evidence == {"not-commercial": (2, 5)}


def test_the_same_post_twice_is_read_once(tmp_path):
    write(tmp_path, row(), row(id="A2", text="buy my mugs!", evidence={}))
    assert [p.id for p in data.read_posts(tmp_path)] == ["A1"]


@pytest.mark.parametrize("bad", [{"evidence": {"not-commercial": "sell"}}, {"text": None}])
def test_a_bad_line_is_named(tmp_path, bad):
    write(tmp_path, row(id="A0", text="Fine", evidence={}), row(**bad))
    with pytest.raises(CorpusError, match="posts-A.jsonl line 2"):
        data.read_posts(tmp_path)


def test_an_acceptable_rule_is_masked_and_a_mild_rule_does_not_block(tmp_path):
    write(tmp_path, row(),
          row(id="A2", text="meh", violations=["add-value"], acceptable=[], verdict="ready", evidence={}),
          row(id="A3", text="RT RT", violations=["no-spam"], acceptable=[], evidence={}))
    posts = data.read_posts(tmp_path)
    known = data.labels(posts, [])
    assert known.rules == ("add-value", "no-spam", "not-commercial") and known.blocking == ("no-spam", "not-commercial")
    assert data.post_targets(posts[0], known) == [0.0, data.MASKED, 1.0, 1.0]


def test_rule_files_give_posts_with_their_marked_words():
    posts = data.rule_posts(load_guideline(corpus_folder()).rules.values())
    broken = [p for p in posts if p.violations]
    assert broken and len(broken) < len(posts)
    assert all(set(p.evidence) == set(p.violations) and p.violations[0] not in p.acceptable for p in broken)


def test_every_rule_is_broken_and_nearly_broken_often_enough_to_be_learnt():
    rows = [json.loads(line) for path in EXAMPLES.glob("posts-*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    broken = Counter(rule for row in rows for rule in row["violations"])
    near = Counter(rule for row in rows for rule in row["near"])
    assert min(broken.values()) >= 120 and min(near[rule] for rule in broken) >= 120
    assert 0.4 < sum(not row["violations"] for row in rows) / len(rows) < 0.6


def test_every_example_names_rules_of_the_catalogue():
    catalogue = {path.stem for path in (corpus_folder() / "rules").glob("*.md")}
    if not catalogue:
        pytest.skip("the rule files are not there yet")
    for post in data.read_posts(EXAMPLES):
        assert {*post.violations, *post.acceptable, *post.evidence} <= catalogue, post.id


def test_symbols_are_spelled_out_and_keep_their_place():
    text = "ok 🤡 great ✨\n終"
    words, origins = data.spelled(text)
    assert words == "ok  clown face  great  sparkles \n終"
    assert len(origins) == len(words) and origins == sorted(origins)
    assert {text[o] for o, c in zip(origins, words) if c == "w"} == {"🤡"} and origins[-1] == len(text) - 1


KNOWN = data.Labels(("add-value", "no-offence", "no-spam"), ("no-offence", "no-spam"), ("engage",), ("no", "yes"))
PLAIN = Scales(KNOWN, dict.fromkeys((*KNOWN.rules, data.STOP), (1.0,) * 7),
               dict.fromkeys((*KNOWN.rules, data.STOP), (0.5, 0.2)))


def test_the_stop_output_vetoes_and_names():
    assert PLAIN.decide({"add-value": 0.6, "no-offence": 0.9, "no-spam": 0.1, "stop": 0.4}) == {
        "add-value": "surely", "no-offence": "look"}
    assert PLAIN.decide({"add-value": 0.3, "no-offence": 0.1, "no-spam": 0.3, "stop": 0.6}) == {
        "add-value": "look", "no-spam": "surely"}


def test_a_decision_leaves_out_rules_that_it_was_not_given():
    assert PLAIN.decide({"no-offence": 0.6, "stop": 0.9}) == {"no-offence": "surely"}


def test_wishes_are_read_like_posts(tmp_path):
    write(tmp_path, row())
    write(tmp_path, row(id="W1", platform="wish", text="Put my shop in it", evidence={}), name="wishes-WA.jsonl")
    assert [(p.id, p.platform, p.voice) for p in data.read_posts(tmp_path)] == [("A1", "twitter", "A"), ("W1", data.WISH, "WA")]


def test_scales_survive_json():
    assert from_json(json.loads(json.dumps(to_json(PLAIN)))) == PLAIN


def test_calibration_undoes_overconfidence(tmp_path):
    import numpy as np

    dice = np.random.default_rng(4)
    posts, logits = [], []
    for i in range(3000):
        true = dice.normal(-1.5, 1.5, 4)
        broken = dice.random(4) < 1 / (1 + np.exp(-true))
        rules = tuple(r for r, b in zip(KNOWN.rules, broken) if b)
        posts.append(data.Post(str(i), "A", "x", "twitter", "personal", rules, (), {}, bool(broken[1] or broken[2])))
        logits.append([*(3 * true[:3] + 1), 3 * max(true[1], true[2])])
    scales = fit_scales(posts, logits, KNOWN)
    found = [scales.probabilities(x) for x in logits]
    for rule in KNOWN.rules:
        error = measure.calibration_error([p[rule] for p in found], [rule in p.violations for p in posts])
        assert error < 0.04, rule
    ready = [p["stop"] >= scales.thresholds["stop"][0] for p, post in zip(found, posts) if not post.stop]
    assert sum(ready) / len(ready) <= 0.08


def test_auc_counts_ordered_pairs():
    assert measure.auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert measure.auc([0.5, 0.5], [False, True]) == 0.5


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(PresendError, match="model.onnx"):
        Judge(tmp_path, KNOWN.rules).read("Hello")
    for name in ("model.onnx", "judge.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(PresendError, match="judge.json.*damaged"):
        Judge(tmp_path, KNOWN.rules).read("Hello")


@pytest.fixture(scope="module")
def judge() -> Judge:
    rules = json.loads((FOLDER / "judge.json").read_text(encoding="utf-8"))["rules"]
    return Judge(FOLDER, rules)


@trained
def test_spans_point_at_the_evidence(judge):
    posts = [p for p in data.read_posts(EXAMPLES) if p.evidence and len(sentences(p.text)) > 1][::12]
    best = []
    for post in posts:
        spans = sentences(post.text)
        reading = judge.read(post.text, post.platform, post.account, spans)
        best.append({r: max(zip(spans, reading.spans), key=lambda s: s[1][r])[0] for r in post.evidence})
        for rule in reading.rules:
            assert max(s[rule] for s in reading.spans) == pytest.approx(reading.rules[rule])
    assert measure.pointing(posts, best) >= 0.7


@trained
def test_rules_of_the_corpus_and_of_the_model_may_differ():
    judge = Judge(FOLDER, ["no-offence", "no-such-rule"])
    reading = judge.read("What an idiot you are.", spans=[(0, 22)])
    assert set(reading.rules) == set(reading.spans[0]) == {"no-offence"}
    assert judge.threshold("no-such-rule") == (1.0, 1.0)


@trained
@pytest.mark.parametrize("text", ["", " ", "🙂", "\x00\u202e", "word " * 5000])
def test_any_text_gives_probabilities(judge, text):
    reading = judge.read(text, "twitter", "personal", [(0, len(text))])
    assert all(0 <= p <= 1 for p in (reading.stop, *reading.rules.values(), *reading.spans[0].values()))


@trained
def test_a_violation_late_in_a_long_post_is_seen(judge):
    calm = "We talked about how screws are measured and why the table in the annex is set in two columns. " * 25
    late = "Buy now and get 30 % off with code ISO30, order in my shop before Sunday!"
    spans = [(0, len(calm)), (len(calm), len(calm) + len(late))]
    alone, reading = judge.read(calm), judge.read(calm + late, spans=spans)
    assert reading.rules["not-commercial"] > alone.rules["not-commercial"]
    assert reading.spans[1]["not-commercial"] > reading.spans[0]["not-commercial"]


@trained
def test_a_question_is_read(judge):
    reading = judge.question("May I post photos of the staff party? Ana asked not to be online.")
    assert sum(reading.answers.values()) == pytest.approx(1)
    assert {"event-photos", "respect-privacy"} & set(sorted(reading.entries, key=reading.entries.get)[-5:])


@trained
def test_the_exported_model_knows_its_teaching_posts(judge):
    posts = data.read_posts(EXAMPLES)[::25]
    right = 0
    for post in posts:
        reading = judge.read(post.text, post.platform, post.account)
        right += (reading.stop >= judge.threshold(data.STOP)[0]) == post.stop
    assert right / len(posts) >= 0.85


@trained
def test_a_post_with_its_sentences_is_read_within_the_budget(judge):
    text = ("The ballot closes on Friday and I have been asked to say nothing. I shall say nothing. "
            "What I can say is that my coffee is cold, the printer is warm, and the summary of the comments "
            "runs to ninety pages, which is a record for us. Ask me again on Monday, with cake.")[:280]
    spans = [(i, i + 40) for i in range(0, 240, 40)]
    judge.read(text, spans=spans)
    times = []
    for _ in range(30):
        began = time.perf_counter()
        judge.read(text, "twitter", "personal", spans)
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.05
