"""Calibration and thresholds from logits on unseen voices (numpy, training only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.judge.data import MASKED, STOP, Labels, Post, Question, post_targets, question_targets
from app.judge.scales import Scales, features

FALSE_ALARM_RULE = 0.005
FALSE_ALARM_LOOK = 0.03
LEAST_LOOK = 0.25  # calibrated: of four such hints one is right; rarer ones only tire the reader
FALSE_ALARM_STOP = 0.08
RIDGE = 5.0  # on standardised features; from 1 to 30 the figures on other voices are alike


def _logistic(rows, wanted, ridge, counted=None):
    """Logistic regression by Newton's method; `ridge` is one L2 penalty a feature, `counted` a weight a row."""
    import numpy as np

    weights = np.zeros(rows.shape[1])
    counted = np.ones(len(rows)) if counted is None else counted
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (counted * (wanted - p)) - ridge * weights
        curve = (rows * (counted * p * (1 - p))[:, None]).T @ rows + np.diag(ridge + 1e-6)
        step = np.linalg.solve(curve, slope)
        weights += step
        if abs(step).max() < 1e-6:
            break
    return weights


def _weigh(rows, targets) -> tuple[float, ...]:
    """Weights of the features and a constant for one output; masked targets are left out."""
    import numpy as np

    middle, spread = rows.mean(0), rows.std(0) + 1e-6
    standard = np.column_stack([(rows - middle) / spread, np.ones(len(rows))])
    ridge = np.array([RIDGE] * rows.shape[1] + [0.0])
    weights = _logistic(standard, np.maximum(targets, 0), ridge, (targets != MASKED).astype(float))
    plain = weights[:-1] / spread
    return (*map(float, plain), float(weights[-1] - plain @ middle))


def fit_scales(posts: Sequence[Post], logits, known: Labels, questions: Sequence[Question] = (),
               question_logits=None) -> Scales:
    """Scales for logits that networks gave on posts (and questions) they were not trained on.

    Thresholds: one probability for all rules, the one of best micro-F1, raised for a rule until at most
    FALSE_ALARM_RULE of the fine posts reach it; "stop" is the threshold of the best verdicts with at most
    FALSE_ALARM_STOP of the fine posts stopped.
    """
    import numpy as np

    targets = np.array([post_targets(p, known) for p in posts])
    rows = np.array([features(known, row) for row in logits])
    names = (*known.rules, STOP)
    rules = {name: _weigh(rows, targets[:, column]) for column, name in enumerate(names)}
    scales = Scales(known, rules, dict.fromkeys(names, (0.5, 0.2)))
    found = np.array([[p[name] for name in names] for p in map(scales.probabilities, logits)])
    scales = replace(scales, thresholds=_thresholds(found, targets, names))
    if questions:
        scales = _question_scales(scales, questions, np.asarray(question_logits, dtype=float))
    return scales


def _thresholds(found, targets, names) -> dict[str, tuple[float, float]]:
    import numpy as np

    fine = (targets[:, :-1] <= 0).all(1)
    ready = targets[:, -1] == 0
    grid = np.arange(0.02, 0.98, 0.01)
    allowed = [t for t in grid if (found[ready, -1] >= t).mean() <= FALSE_ALARM_STOP]
    stop = min(allowed, key=lambda t: ((found[:, -1] >= t) != (targets[:, -1] == 1)).mean())

    seen, true = targets[:, :-1] != MASKED, targets[:, :-1] == 1

    def micro(t):
        said = (found[:, :-1] >= t) & seen
        hits = (said & true).sum()
        return 2 * hits / (said.sum() + true.sum())

    best = max(grid, key=micro)
    held = {}
    for r, name in enumerate(names[:-1]):
        surely = max(best, float(np.quantile(found[fine, r], 1 - FALSE_ALARM_RULE)))
        held[name] = (float(surely), float(min(surely, max(LEAST_LOOK, np.quantile(found[fine, r], 1 - FALSE_ALARM_LOOK)))))
    held[STOP] = (float(stop), float(min(stop, np.quantile(found[ready, -1], 0.8))))
    return held


def _question_scales(scales: Scales, questions: Sequence[Question], logits) -> Scales:
    import numpy as np

    count = len(scales.labels.entries)
    targets = np.array([question_targets(q, scales.labels) for q in questions])
    flat = logits[:, :count].ravel()
    a, c = _logistic(np.column_stack([flat, np.ones(len(flat))]), targets[:, :count].ravel(), np.zeros(2))

    def surprise(temperature):
        rows = logits[:, count:] / temperature
        rows = rows - rows.max(1, keepdims=True)
        shares = rows - np.log(np.exp(rows).sum(1, keepdims=True))
        return -(shares * targets[:, count:]).sum()

    return replace(scales, entry=(float(a), float(c)), answer=float(min(np.arange(0.5, 4, 0.05), key=surprise)))
