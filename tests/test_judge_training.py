"""Training of the judge: what is held out, what is measured, and the calibration. No network is trained here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.check import Checker, carrying, merge
from app.errors import PresendError
from app.files import corpus_folder, model_folder
from app.guideline import load_guideline
from app.judge import data
from app.judge.calibrate import _weigh
from app.judge.fit import encode_posts
from app.judge.judge import Judge, Reading, _share_out
from app.judge.scales import Scales, features, to_json
from app.judge.train import NO_FOLD, Material, deal, family, open_tokenizer, try_on_unseen
from app.records import Draft, Finding

KNOWN = data.Labels(("add-value", "no-offence", "no-spam"), ("no-offence", "no-spam"), ("engage",), ("no", "yes"))
NAMES = (*KNOWN.rules, data.STOP)
COUNT = len(features(KNOWN, [0.0] * 4))
PLAIN = Scales(KNOWN, dict.fromkeys(NAMES, (1.0,) * (COUNT + 1)), dict.fromkeys(NAMES, (0.5, 0.2)))


def test_folds_keep_one_writers_voices_together_and_are_alike_in_size():
    posts = data.read_posts(corpus_folder() / "examples")
    folds = deal(posts, 4)
    writers = {family(p.voice) for p in posts}
    assert [family(v) for v in ("A", "AA", "1B", "12C")] == ["A", "A", "1", "12"]
    assert all(len({f for p, f in zip(posts, folds) if family(p.voice) == writer}) == 1 for writer in writers)
    sizes = [folds.count(f) for f in range(4)]
    assert max(sizes) < 1.2 * min(sizes)


def test_test_voices_are_in_no_fold_and_in_no_figure_of_the_folds(tmp_path):
    dice, posts = np.random.default_rng(1), []
    for i in range(160):
        bad = bool(dice.random() < 0.5)
        voice = ("AA", "BB", "CC", "CX", data.RULES)[i % 5]
        posts.append(data.Post(str(i), voice, f"t{i}", "twitter", "personal", ("no-spam",) if bad else (), (), {}, bad))
    questions = tuple(data.Question(str(i), "", "q", "yes" if i % 3 else "no", ("engage",)) for i in range(11))
    folds = deal(posts, 2, ["CX"])
    assert all((f == NO_FOLD) == (p.voice == "CX") for f, p in zip(folds, posts))
    for k in range(2):
        rows = [[-4.0, -4.0, 4.0, 4.0] if p.stop else [-4.0] * 4 for p, f in zip(posts, folds) if f == k]
        asked = [[1.0, 0.0, 3.0] if q.answer == "yes" else [1.0, 3.0, 0.0] for q in questions[k::2]]
        np.savez(tmp_path / f"fold-{k}.npz", posts=np.array(rows), questions=np.array(asked))
    _, figures = try_on_unseen(Material(tuple(posts), questions, KNOWN), folds, tmp_path)
    assert set(figures) == {"all", "AA", "BB", "CC", "rule files", "questions"} and figures["all"]["n"] == 96
    assert figures["all"]["verdict_right"] == figures["rule files"]["verdict_right"] == 1
    assert figures["questions"]["answer_right"] == 1


def test_evidence_on_emoji_marks_the_words_that_spell_them():
    tokenizer = open_tokenizer(model_folder("encoder"))
    post = data.Post("1", "A", "Nice ✨🤡 hat", "twitter", "personal", ("no-offence",), (), {"no-offence": (6, 7)}, True)
    encoded = encode_posts(tokenizer, [post], KNOWN)
    assert [tokenizer.id_to_token(encoded.ids[0][i]) for i in encoded.words[0][1]] == ["clown", "face"]


def test_masked_targets_do_not_count():
    rows = np.array([[1.0]] * 100 + [[-1.0]] * 100 + [[1.0]] * 100)
    a, c = _weigh(rows, np.array([1.0] * 100 + [0.0] * 100 + [data.MASKED] * 100))
    assert 1 / (1 + np.exp(-a - c)) > 0.9


def test_a_probability_is_shared_out_by_the_weight_of_the_words():
    window = ([(0, 3), (4, 5), (4, 5)], np.zeros((3, 2)), {"a": 0.5})
    empty = ([], np.zeros((0, 2)), {"a": 0.9})
    shared = _share_out({"a": 0.8}, ("a",), [window, empty], [(0, 3), (4, 5), (9, 12)])
    assert [s["a"] for s in shared] == pytest.approx([0.4, 0.8, 0.0])
    assert _share_out({"a": 0.8}, ("a",), [empty], [(0, 3)]) == [{"a": 0.0}]


@pytest.mark.parametrize(("weights", "place"), [
    ([0.1, 0.9, 0.1], (10, 19)),  # one sentence holds enough
    ([0.0, 0.9, 0.8], (10, 29)),  # a hint in two sentences
    ([0.4, 0.5, 0.4], (10, 29)),  # of two neighbours alike the later joins, and that is enough
    ([0.3, 0.3, 0.3], (0, 19)),
    ([0.5, 0.0, 0.5], (0, 9)),  # what says nothing is no bridge
    ([0.0, 0.0, 0.0], (0, 9)),
])
def test_a_finding_covers_the_sentences_that_carry_it(weights, place):
    assert carrying([(0, 9), (10, 19), (20, 29)], weights) == place


def test_a_refused_wish_gets_its_likeliest_rule():
    assert PLAIN.refuse({"add-value": 0.6, "no-spam": 0.2, "stop": 0.6}) == {"add-value": "surely"}
    assert PLAIN.refuse({"add-value": 0.9, "stop": 0.4}) == PLAIN.refuse({"add-value": 0.4, "stop": 0.9}) == {}
    assert PLAIN.refuse({"stop": 0.9}) == {}


def test_a_long_post_is_judged_window_by_window():
    weights = {name: [0.0] * COUNT + [-3.0] for name in NAMES}
    weights["no-spam"][1:3] = [-2.0, 1.0]  # what speaks for an offence speaks against spam
    scales = Scales(KNOWN, {n: tuple(w) for n, w in weights.items()}, PLAIN.thresholds)

    class Session:
        def run(self, _, feed):
            windows, tokens = feed["input_ids"].shape
            posts = np.full((windows, 4), -3.0)
            posts[0, 1] = posts[-1, 2] = 4
            return posts, None, np.zeros((windows, tokens, 4))

    judge = Judge(model_folder("judge"), KNOWN.rules)
    judge._opened = (scales, open_tokenizer(model_folder("encoder")), Session())
    assert judge.read("word " * 400).rules["no-spam"] == pytest.approx(scales.probabilities([-3, -3, 4, -3])["no-spam"])


def test_a_calibration_of_another_shape_is_named_as_damage(tmp_path):
    held = to_json(PLAIN)
    held["calibration"]["stop"] = [1.0, 0.0, 0.0]
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((model_folder("encoder") / name).read_bytes())
    (tmp_path / "judge.json").write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(PresendError, match=r"judge\.json.*damaged"):
        Judge(tmp_path, KNOWN.rules).open()


def test_the_judge_reads_wishes_and_leaves_bios_to_the_words():
    platforms = []

    class Stub:
        def read(self, text, platform, account, spans):
            platforms.append(platform)
            return Reading(0.9, {"disclose-employer": 0.6}, [{"disclose-employer": 0.6}] * len(spans))

        def refuse(self, reading, rules):
            assert "disclose-employer" in rules and "plain-language" not in rules
            return {"disclose-employer": "surely"}

    checker = Checker(load_guideline(corpus_folder()), Stub())
    wish = checker.review(Draft("mention my little dog", "twitter"), "wish")
    assert [(f.rule, f.level, f.field) for f in wish.findings] == [("disclose-employer", "must", "wish")]
    assert platforms == [data.WISH] and wish.verdict == "revise"
    assert {f.source for f in checker.review(Draft("put ISO in my handle", "twitter"), "wish").findings} == {"rule"}
    checker.review(Draft("Editor at ISO. My own views.", "twitter"), "bio")
    assert len(platforms) == 2


def test_the_judge_adds_what_the_words_do_not_say_as_strongly():
    def finding(rule: str, level: str, source: str) -> Finding:
        return Finding(rule, level, 0, 4, "", "p.1", source=source)

    words = [finding("no-spam", "should", "rule"), finding("no-offence", "must", "rule")]
    judged = [finding("no-spam", "must", "judge"), finding("no-offence", "must", "judge"), finding("no-fights", "should", "judge")]
    assert [(f.rule, f.level, f.source) for f in merge(words, judged)] == [
        ("no-fights", "should", "judge"), ("no-offence", "must", "rule"), ("no-spam", "should", "rule"), ("no-spam", "must", "judge")]
