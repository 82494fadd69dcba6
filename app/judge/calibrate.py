"""Calibration and thresholds from logits on unseen voices (numpy, training only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.judge.data import MASKED, STOP, Labels, Post, Question, post_targets, question_targets
from app.judge.scales import Scales

FALSE_ALARM_RULE = 0.005
FALSE_ALARM_LOOK = 0.03
LEAST_LOOK = 0.25  # calibrated: of four such hints one is right; rarer ones only tire the reader
FALSE_ALARM_STOP = 0.08


def _logistic(features, wanted, ridge):
    """Logistic regression by Newton's method; `ridge` is one L2 penalty a feature."""
    import numpy as np

    weights = np.zeros(features.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (wanted - p) - ridge * weights
        curve = (features * (p * (1 - p))[:, None]).T @ features + np.diag(ridge + 1e-6)
        step = np.linalg.solve(curve, slope)
        weights += step
        if abs(step).max() < 1e-6:
            break
    return weights


def _shared(logits, stop, targets):
    """a and b shared by a group of rules, c one a rule, drawn towards their mean."""
    import numpy as np

    features, wanted = [], []
    count = logits.shape[1]
    for r in range(count):
        seen = targets[:, r] != MASKED
        offsets = np.zeros((seen.sum(), count))
        offsets[:, r] = 1
        features.append(np.hstack([logits[seen, r:r + 1], stop[seen, None], np.ones((seen.sum(), 1)), offsets]))
        wanted.append(targets[seen, r])
    ridge = np.array([0.0, 0.0, 0.0] + [2.0] * count)
    a, b, c, *extra = _logistic(np.vstack(features), np.concatenate(wanted), ridge)
    return [(float(a), float(b), float(c + e)) for e in extra]


def fit_scales(posts: Sequence[Post], logits, known: Labels, questions: Sequence[Question] = (),
               question_logits=None) -> Scales:
    """Scales for logits that networks gave on posts (and questions) they were not trained on.

    Thresholds: one probability for all rules, the one of best micro-F1, raised for a rule until at most
    FALSE_ALARM_RULE of the fine posts reach it; "stop" is the threshold of the best verdicts with at most
    FALSE_ALARM_STOP of the fine posts stopped.
    """
    import numpy as np

    targets = np.array([post_targets(p, known) for p in posts])
    rules, logits = {}, np.asarray(logits, dtype=float)
    for group in (known.blocking, tuple(r for r in known.rules if r not in known.blocking)):
        columns = [known.rules.index(r) for r in group]
        rules.update(zip(group, _shared(logits[:, columns], logits[:, -1], targets[:, columns])))
    blocking = [known.rules.index(r) for r in known.blocking]
    worst = logits[:, blocking].max(1)
    weights = _logistic(np.column_stack([logits[:, -1], worst, np.ones(len(posts))]), targets[:, -1], np.zeros(3))
    rules[STOP] = tuple(map(float, weights))
    names = (*known.rules, STOP)
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
