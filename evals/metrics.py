"""Plain statistics: precision and recall, agreement, calibration, intervals, percentiles, risk and coverage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

Sets = Sequence[tuple[set[str], set[str], set[str]]]


def ratio(part: float, whole: float) -> float | None:
    """Give part / whole, or None when there is no whole."""
    return part / whole if whole else None


def f1(hits: int, said: int, true: int) -> float:
    """Give the harmonic mean of precision and recall from counts; 0.0 when there is nothing to find or said."""
    return 2 * hits / (said + true) if said + true else 0.0


def rule_counts(cases: Sets, rules: Iterable[str]) -> dict[str, dict[str, float | int | None]]:
    """Count per rule over (found, expected, acceptable) sets.

    A rule that is acceptable in a case counts neither way there. `false_alarms` are findings in cases where nothing
    at all is expected, `false_alarm_rate` their share of those cases.
    """
    fine = sum(not expected for _, expected, _ in cases)
    table = {}
    for rule in rules:
        hits = said = true = alarms = 0
        for found, expected, acceptable in cases:
            is_true = rule in expected
            is_said = rule in found and (is_true or rule not in acceptable)
            hits += is_true and is_said
            said += is_said
            true += is_true
            alarms += is_said and not expected
        table[rule] = {
            "n": true,
            "hits": hits,
            "said": said,
            "precision": ratio(hits, said),
            "recall": ratio(hits, true),
            "f1": f1(hits, said, true),
            "false_alarms": alarms,
            "false_alarm_rate": ratio(alarms, fine),
        }
    return table


def averages(table: Mapping[str, Mapping[str, float | int | None]]) -> dict[str, float]:
    """Give micro and macro precision, recall and F1 of `rule_counts`; macro over rules that some case expects."""
    hits, said, true = (sum(int(row[k] or 0) for row in table.values()) for k in ("hits", "said", "n"))
    tested = [row for row in table.values() if row["n"]]
    macro = {f"macro_{k}": sum(float(row[k] or 0) for row in tested) / max(1, len(tested)) for k in ("precision", "recall", "f1")}
    return {
        "micro_precision": hits / said if said else 0.0,
        "micro_recall": hits / true if true else 0.0,
        "micro_f1": f1(hits, said, true),
        **macro,
    }


def confusion(pairs: Iterable[tuple[str, str]], names: Sequence[str]) -> list[list[int]]:
    """Count (expected, got) pairs: one row for each expected name, one column for each that was given."""
    table = [[0] * len(names) for _ in names]
    for expected, got in pairs:
        table[names.index(expected)][names.index(got)] += 1
    return table


def macro_f1(pairs: Sequence[tuple[str, str]], names: Sequence[str]) -> float:
    """Give the mean F1 of the classes that occur among the expected ones."""
    scores = []
    for name in names:
        true = sum(e == name for e, _ in pairs)
        if true:
            scores.append(f1(sum(e == g == name for e, g in pairs), sum(g == name for _, g in pairs), true))
    return sum(scores) / len(scores) if scores else 0.0


def calibration(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[float | None, list[dict[str, float]]]:
    """Give the expected calibration error (Naeini et al. 2015) of (confidence, right) pairs, and its bins.

    Bins are of equal width; each that holds something is {"low", "high", "n", "confidence", "right"}.
    """
    table, error = [], 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = [(c, r) for c, r in pairs if low <= c < high or (index == bins - 1 and c >= 1)]
        if inside:
            said = sum(c for c, _ in inside) / len(inside)
            right = sum(r for _, r in inside) / len(inside)
            error += abs(said - right) * len(inside)
            table.append({"low": low, "high": high, "n": len(inside), "confidence": said, "right": right})
    return (error / len(pairs) if pairs else None), table


def risk_coverage(pairs: Sequence[tuple[float, bool]]) -> tuple[float | None, list[tuple[float, float]]]:
    """Give the area under the risk-coverage curve, and its points (coverage, risk), most confident cases first.

    Risk is the share of wrong ones among those answered (El-Yaniv and Wiener 2010); ties are taken together.
    """
    ordered = sorted(pairs, key=lambda p: -p[0])
    points, wrong = [], 0
    for count, (confidence, right) in enumerate(ordered, start=1):
        wrong += not right
        if count == len(ordered) or ordered[count][0] != confidence:
            points.append((count / len(ordered), wrong / count))
    if not points:
        return None, []
    area, before = 0.0, 0.0
    for coverage, risk in points:
        area += (coverage - before) * risk
        before = coverage
    return area, points


def kappa(first: Sequence[bool], second: Sequence[bool]) -> float | None:
    """Give Cohen's kappa of two yes/no labellings (Cohen 1960); None when it is not defined (all labels alike)."""
    n = len(first)
    if not n:
        return None
    agree = sum(a == b for a, b in zip(first, second, strict=True)) / n
    yes, also = sum(first) / n, sum(second) / n
    chance = yes * also + (1 - yes) * (1 - also)
    return None if chance == 1 else (agree - chance) / (1 - chance)


def kappa_of_names(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Give Cohen's kappa of two labellings with any number of names."""
    n = len(first)
    if not n:
        return None
    agree = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(first.count(name) * second.count(name) for name in set(first)) / n**2
    return None if chance == 1 else (agree - chance) / (1 - chance)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Give the 95 % interval of a share measured on n cases (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Give the smallest value that at least `share` of the values do not exceed (nearest rank); None for none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def best_f1(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Give (threshold, F1) of the threshold with the best F1 in hindsight: score >= threshold says yes."""
    best = (math.inf, 0.0)
    true = sum(right for _, right in pairs)
    hits = 0
    ordered = sorted(pairs, key=lambda p: -p[0])
    for count, (score, right) in enumerate(ordered, start=1):
        hits += right
        if (count == len(ordered) or ordered[count][0] != score) and f1(hits, count, true) > best[1]:
            best = (score, f1(hits, count, true))
    return best
