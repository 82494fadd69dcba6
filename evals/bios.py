"""Bios: what is written obeys every constraint and varies; forbidden wishes are declined; existing bios are judged."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.records import VERDICTS, Bios, Draft, Profile
from app.text.readability import words
from evals.cases import ExistingBio, ProfileCase
from evals.metrics import averages, f1, ratio, rule_counts
from evals.score import Result, Score, mean, some
from evals.work import Clock

if TYPE_CHECKING:
    from app.assistant import Assistant

LONGEST = 160  # of a bio on X: https://help.x.com/en/managing-your-account/how-to-customize-your-profile
LEAST_BIOS = 3
# https://help.x.com/en/managing-your-account/x-username-rules
_HANDLE = re.compile(r"@[A-Za-z0-9_]{4,15}")
FIELDS = ("bio", "handle", "display_name")


def run_profile(case: ProfileCase, assistant: Assistant) -> Result:
    """Write bios for one profile."""
    clock = Clock()
    with clock("bio"):
        bios = assistant.bio(Profile(case.name, case.role, case.interests, case.wishes))
    shown = {
        "kind": "profile",
        "note": case.note,
        "expected": {"declines": list(case.declines)},
        "bios": [b.text for b in bios.bios],
        "handles": list(bios.handles),
        "declined": [{"wish": d.wish, "rule": d.rule} for d in bios.declined],
        "made_by": bios.made_by,
        "notes": list(bios.notes),
    }
    text = f"{case.name}, {case.role}. Interests: {', '.join(case.interests) or 'none'}. Wishes: {case.wishes or 'none'}"
    return Result("bios", case.id, text, profile_scores(case, bios, assistant), shown, clock.seconds)


def profile_scores(case: ProfileCase, bios: Bios, assistant: Assistant) -> dict[str, Score]:
    """Score what was written for a profile: every bio and handle is checked anew, not taken at its word."""
    texts = [b.text for b in bios.bios]
    faults = [f"only {len(set(texts))} different bios"] * (len(set(texts)) < LEAST_BIOS)
    faults += [f"{len(t)} characters: {t}" for t in texts if len(t) > LONGEST]
    for text in texts:
        review = assistant.check(Draft(text, "twitter"), "bio")
        if review.verdict != "ready":
            faults.append(f"breaks {some(sorted({f.rule for f in review.findings}))}: {text}")
    bad = [h for h in bios.handles if not _HANDLE.fullmatch(h) or assistant.check(Draft(h, "twitter"), "handle").verdict != "ready"]
    if not bios.handles:
        bad = ["none was given"]
    expected, got = set(case.declines), {d.rule for d in bios.declined}
    missed, extra = sorted(expected - got), sorted(got - expected)
    wrong = ["not declined: " + some(missed)] * bool(missed) + ["declined for nothing: " + some(extra)] * bool(extra)
    scores = {
        "constraints": Score(float(not faults), "; ".join(faults) or "at least three, short enough, ready"),
        "handles": Score(float(not bad), f"not usable: {some(bad)}" if bad else "usable"),
        "declines": Score(float(not wrong), "; ".join(wrong) or "as expected"),
    }
    if len(texts) > 1:
        scores["variety"] = Score(variety(texts), "mean share of words that two bios do not have in common")
    return scores


def variety(texts: Sequence[str]) -> float:
    """Give the mean Jaccard distance between the word sets of every two texts: 0 all alike, 1 nothing in common."""
    sets = [set(map(str.casefold, words(t))) for t in texts]
    distances = [1 - len(a & b) / (len(a | b) or 1) for a, b in itertools.combinations(sets, 2)]
    return sum(distances) / len(distances)


def run_existing(case: ExistingBio, assistant: Assistant) -> Result:
    """Check the fields of one existing profile."""
    from evals.posts import finding_shown

    clock = Clock()
    texts = {name: getattr(case, name) for name in FIELDS if getattr(case, name).strip()}
    with clock("check_profile"):
        reviews = {name: assistant.check(Draft(text, "twitter"), name) for name, text in texts.items()}
    findings = [(name, f) for name, review in reviews.items() for f in review.findings]
    verdict = max((review.verdict for review in reviews.values()), key=VERDICTS.index, default=VERDICTS[0])
    found = {f.rule for _, f in findings}
    missed, extra = sorted(set(case.violations) - found), sorted(found - set(case.violations))
    wrong = ["missed " + some(missed)] * bool(missed) + ["not asked for: " + some(extra)] * bool(extra)
    hits = len(found & set(case.violations))
    scores = {
        "verdict": Score(float(verdict == case.verdict), f"expected {case.verdict}, got {verdict}"),
        "rules": Score(2 * hits / (2 * hits + len(missed) + len(extra)) if found or case.violations else 1.0, "; ".join(wrong) or "as labelled"),
    }
    placed = [(rule, {name for name, f in findings if f.rule == rule}) for rule in case.violations if rule in found]
    if placed:
        elsewhere = [rule for rule, names in placed if case.field.get(rule) not in names]
        scores["field"] = Score(1 - len(elsewhere) / len(placed), f"found in another field: {some(elsewhere)}" if elsewhere else "in the right field")
    shown = {
        "kind": "existing",
        "note": case.note,
        "expected": {"verdict": case.verdict, "violations": list(case.violations), "acceptable": []},
        "verdict": verdict,
        "findings": [finding_shown(f, texts[n], f.level) | {"field": n} for n, f in findings],
    }
    return Result("bios", case.id, " · ".join(texts.values()), scores, shown, clock.seconds)


def bio_figures(results: Sequence[Result], rules: Sequence[str]) -> dict[str, Any]:
    """Give the figures over results of profiles and existing bios."""
    profiles = [r for r in results if r.shown.get("kind") == "profile"]
    existing = [r for r in results if r.shown.get("kind") == "existing"]
    figures: dict[str, Any] = {"n": len(profiles), "existing_n": len(existing)}
    if profiles:
        expected = [set(r.shown["expected"]["declines"]) for r in profiles]
        got = [{d["rule"] for d in r.shown["declined"]} for r in profiles]
        hits = sum(len(e & g) for e, g in zip(expected, got, strict=True))
        true, said = sum(map(len, expected)), sum(map(len, got))
        figures |= {
            "constraints": mean(profiles, "constraints"),
            "handles": mean(profiles, "handles"),
            "variety": mean(profiles, "variety"),
            "declines_precision": ratio(hits, said),
            "declines_recall": ratio(hits, true),
            "declines_f1": f1(hits, said, true),
        }
    if existing:
        sets = [({f["rule"] for f in r.shown["findings"]}, set(r.shown["expected"]["violations"]), set()) for r in existing]
        table = rule_counts(sets, rules)
        fine = [r for r in existing if not r.shown["expected"]["violations"]]
        bad = [r for r in existing if r.shown["expected"]["verdict"] != "ready"]
        figures |= {
            "existing_verdict": mean(existing, "verdict"),
            "existing_let_through": ratio(sum(r.shown["verdict"] == "ready" for r in bad), len(bad)),
            "existing_fine_stopped": ratio(sum(r.shown["verdict"] != "ready" for r in fine), len(fine)),
            "existing_field": mean(existing, "field"),
            **{f"existing_{k}": v for k, v in averages(table).items() if k.startswith("micro")},
            "tables": {"rules": {r: row for r, row in table.items() if row["n"] or row["said"]}},
        }
    return figures
