"""The statistics of the evaluation, against published or hand-counted figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.metrics import (
    averages,
    best_f1,
    calibration,
    confusion,
    kappa,
    kappa_of_names,
    macro_f1,
    percentile,
    risk_coverage,
    rule_counts,
    wilson,
)
from evals.sari import sari, tokens

SOURCE = "About 95 species are currently accepted ."
REFERENCES = [
    "About 95 species are currently known .",
    "About 95 species are now accepted .",
    "95 species are now accepted .",
]


def test_sari_gives_the_published_figure():
    # the example of the paper's own script, as given at https://huggingface.co/spaces/evaluate-metric/sari
    assert sari([SOURCE], ["About 95 you now get in ."], [REFERENCES], deletion="precision") == pytest.approx(26.953601953601954)


def test_sari_by_hand():
    # nothing added or deleted (0, and of deletions 0 of 1); kept: 2 of 2 done, 1 wanted -> F1 2/3 for single words
    assert sari(["a b"], ["a b"], [["a"]]) == pytest.approx(100 * (2 / 3) / 12)
    # the one reference itself: every word run that exists is right; runs of three and four do not exist and count 0
    assert sari(["a b"], ["a c"], [["a c"]]) == pytest.approx(100 * (1 + 1 + 1 + 1 + 1) / 12)


def test_sari_of_the_source_is_what_it_keeps_alone():
    texts = ["the committee met in spring and agreed", "nobody read the long report of the board"]
    wanted = [["the committee agreed in spring"], ["nobody read the report"]]
    assert 0 < sari(texts, texts, wanted) < 100 / 3


def test_sari_splits_words_from_punctuation_but_not_numbers():
    assert tokens("It cost 1,200.50 (net), OK?") == ["it", "cost", "1,200.50", "(", "net", ")", ",", "ok", "?"]


def test_rules_are_counted_and_acceptable_ones_count_neither_way():
    cases = [({"a", "b"}, {"a"}, {"b"}), ({"b"}, set(), set()), (set(), {"a"}, set()), (set(), set(), set())]
    table = rule_counts(cases, ["a", "b"])
    assert (table["a"]["hits"], table["a"]["said"], table["a"]["n"]) == (1, 1, 2)
    assert (table["a"]["precision"], table["a"]["recall"]) == (1.0, 0.5)
    # b is acceptable in the first case; in the second it is a false alarm on one of two flawless cases
    assert (table["b"]["said"], table["b"]["false_alarms"], table["b"]["false_alarm_rate"]) == (1, 1, 0.5)
    assert table["b"]["recall"] is None
    means = averages(table)
    assert means["micro_precision"] == 0.5 and means["micro_recall"] == 0.5
    assert means["macro_recall"] == 0.5  # b is expected nowhere and takes no part


def test_confusion_counts_expected_by_row():
    assert confusion([("x", "x"), ("x", "y"), ("y", "y")], ["x", "y"]) == [[1, 1], [0, 1]]


def test_macro_f1_of_two_classes():
    assert macro_f1([("x", "x"), ("x", "y"), ("y", "y")], ["x", "y"]) == pytest.approx(2 / 3)


def test_kappa_of_the_textbook():
    # 20 times both yes, 15 both no, 5 and 10 apart: agreement 0.7, by chance 0.5
    first = [True] * 25 + [False] * 25
    second = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    assert kappa(first, second) == pytest.approx(0.4)
    assert kappa_of_names(list(map(str, first)), list(map(str, second))) == pytest.approx(0.4)
    assert kappa([False, False], [False, False]) is None


def test_calibration_error_by_hand():
    error, bins = calibration([(0.9, True), (0.9, False), (0.1, False), (1.0, True)])
    # the last bin holds 0.9, 0.9 and 1.0, of which two are right; the second one holds 0.1
    assert error == pytest.approx((abs(2.8 - 2) + abs(0.1 - 0)) / 4)
    assert [b["n"] for b in bins] == [1, 3]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_calibration_puts_every_pair_in_one_bin(pairs):
    error, bins = calibration(pairs)
    assert sum(b["n"] for b in bins) == len(pairs)
    assert 0 <= error <= 1


def test_risk_and_coverage_by_hand():
    area, points = risk_coverage([(0.9, True), (0.8, False), (0.5, True), (0.5, False)])
    assert points == [(0.25, 0.0), (0.5, 0.5), (1.0, 0.5)]
    assert area == pytest.approx(0.25 * 0 + 0.25 * 0.5 + 0.5 * 0.5)


def test_wilson_interval_of_a_known_case():
    low, high = wilson(0.5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)


def test_percentiles_are_values_that_occurred():
    assert [percentile([4, 1, 3, 2], s) for s in (0.5, 0.95)] == [2, 4]
    assert percentile([], 0.5) is None


def test_the_best_threshold_in_hindsight():
    assert best_f1([(0.9, True), (0.7, False), (0.6, True), (0.1, False)]) == (0.6, pytest.approx(0.8))
    assert best_f1([(0.2, False)]) == (math.inf, 0.0)
