"""What each figure is called, which way is better, and which cases speak for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.score import Result


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: its title, +1 when more is better, -1 when less is, 0 for neither, its unit, and who is to blame.

    unit: "share" (of 1), "ms", "s", "count" or "number". `blame` picks the results that pull the figure down.
    """

    title: str
    better: int = 1
    unit: str = "share"
    part: str = ""
    blame: Callable[[Result], bool] = lambda result: False


def _below(name: str) -> Callable[[Result], bool]:
    return lambda r: ("runs" in r.scores) or (name in r.scores and r.scores[name].value < 1)


def _let_through(result: Result) -> bool:
    return result.shown.get("expected", {}).get("verdict") != "ready" and result.shown.get("verdict") == "ready"


def _stopped(result: Result) -> bool:
    return result.shown.get("expected", {}).get("verdict") == "ready" and result.shown.get("verdict") in ("revise", "ask")


def _fine_stopped(result: Result) -> bool:
    return _stopped(result) and not result.shown["expected"]["violations"]


def _hard(test: Callable[[Result], bool]) -> Callable[[Result], bool]:
    return lambda r: test(r) and bool(r.shown.get("hard"))


def _existing(test: Callable[[Result], bool]) -> Callable[[Result], bool]:
    return lambda r: r.shown.get("kind") == "existing" and test(r)


def _wrongly_allowed(result: Result) -> bool:
    return result.shown.get("answer") == "yes" and result.shown["expected"]["answer"] in ("no", "ask")


def _abstained(result: Result) -> bool:
    held, should = result.shown.get("answer") == "out-of-scope", result.shown.get("expected", {}).get("answer") == "out-of-scope"
    return held != should


def _posts(title: str, blame: Callable[[Result], bool], better: int = 1, unit: str = "share") -> Measure:
    return Measure(title, better, unit, "posts", blame)


def _asked(title: str, blame: Callable[[Result], bool], better: int = 1) -> Measure:
    return Measure(title, better, "share", "questions", blame)


def _bios(title: str, blame: Callable[[Result], bool], better: int = 1) -> Measure:
    return Measure(title, better, "share", "bios", blame)


MEASURES: Mapping[str, Measure] = {
    "posts.verdict_accuracy": _posts("Verdict right (ready, revise, ask)", _below("verdict")),
    "posts.stop_accuracy": _posts("Stopped or let go rightly", lambda r: _let_through(r) or _stopped(r)),
    "posts.let_through": _posts("Bad posts let through", _let_through, -1),
    "posts.let_through_hard": _posts("Bad posts let through, the hard ones", _hard(_let_through), -1),
    "posts.stopped": _posts("Ready posts stopped", _stopped, -1),
    "posts.stopped_hard": _posts("Ready posts stopped, the hard ones", _hard(_stopped), -1),
    "posts.fine_stopped": _posts("Flawless posts stopped", _fine_stopped, -1),
    "posts.fine_with_finding": _posts("Flawless posts with any finding", lambda r: "rules" in r.scores and not r.shown["expected"]["violations"] and r.scores["rules"].value < 1, -1),
    "posts.pairs_right": _posts("Pairs of near-twins both right", _below("verdict")),
    "posts.micro_precision": _posts("Rules: precision (micro)", _below("rules")),
    "posts.micro_recall": _posts("Rules: recall (micro)", _below("rules")),
    "posts.micro_f1": _posts("Rules: F1 (micro)", _below("rules")),
    "posts.macro_precision": _posts("Rules: precision (macro)", _below("rules")),
    "posts.macro_recall": _posts("Rules: recall (macro)", _below("rules")),
    "posts.macro_f1": _posts("Rules: F1 (macro)", _below("rules")),
    "posts.micro_f1_sure": _posts("Rules: F1 (micro), 'worth a second look' left out", _below("rules")),
    "posts.macro_f1_sure": _posts("Rules: F1 (macro), 'worth a second look' left out", _below("rules")),
    "posts.evidence": _posts("Finding touches the marked words", _below("evidence")),
    "posts.evidence_f1": _posts("Characters shared with the marked words (F1)", _below("evidence")),
    "posts.calibration_error": _posts("Calibration error, all findings", _below("rules"), -1, "number"),
    "posts.calibration_error_judge": _posts("Calibration error, the judge's findings", _below("rules"), -1, "number"),
    "revisions.ready": _posts("Stopped posts that become ready", _below("ready")),
    "revisions.mended": _posts("Bad posts whose bad words go and that become ready", _below("gone")),
    "revisions.gone": _posts("Words that must go are gone", _below("gone")),
    "revisions.gone_all": _posts("Posts in which all of them are gone", _below("gone")),
    "revisions.kept": _posts("Facts kept, in changed posts", _below("kept")),
    "revisions.kept_all": _posts("Changed posts that keep every fact", _below("kept")),
    "revisions.fine_left_alone": _posts("Flawless posts left alone", _below("left_alone")),
    "revisions.stable": _posts("Revising a revision changes nothing", _below("stable")),
    "revisions.edits_apply": _posts("The edits lead to the revision", _below("edits")),
    "revisions.handed_back": _posts("Bad posts handed back unchanged", lambda r: r.shown.get("changed") is False and r.shown["expected"]["verdict"] != "ready", -1),
    "revisions.edit_size": _posts("Words changed in a changed post (median)", lambda r: False, -1),
    "revisions.grade_change": _posts("Reading grade, after less before", lambda r: False, -1, "number"),
    "revisions.by_model": _posts("Revisions written by the model", lambda r: r.shown.get("made_by") == "offline"),
    "questions.decision_accuracy": _asked("Decision right (of five)", _below("decision")),
    "questions.decision_macro_f1": _asked("Decision: F1 (macro)", _below("decision")),
    "questions.wrongly_allowed": _asked("'No' or 'ask' answered with a plain yes", _wrongly_allowed, -1),
    "questions.rule": _asked("A right entry is named", _below("rule")),
    "questions.first_rule": _asked("The first entry named is right", _below("first_rule")),
    "questions.cited": _asked("A right entry is quoted", _below("cited")),
    "questions.verbatim": _asked("Quotations word for word", _below("verbatim")),
    "questions.abstain_precision": _asked("Out of scope: precision", _abstained),
    "questions.abstain_recall": _asked("Out of scope: recall", _abstained),
    "questions.abstain_f1": _asked("Out of scope: F1", _abstained),
    "questions.coverage": Measure("Questions answered", 0),
    "questions.risk": _asked("Wrong among those answered", _below("decision"), -1),
    "questions.risk_area": _asked("Area under risk and coverage", _below("decision"), -1),
    "questions.draft_checked": _asked("A quoted draft is checked", _below("draft_checked")),
    "questions.conditions": _asked("'Yes, if' names a condition", _below("conditions")),
    "questions.length": _asked("Two to five sentences", _below("length")),
    "questions.by_model": _asked("Answers written by the model", lambda r: r.shown.get("made_by") == "offline"),
    "bios.constraints": _bios("Three bios, 160 characters, ready", _below("constraints")),
    "bios.handles": _bios("Handles usable", _below("handles")),
    "bios.variety": _bios("Variety of the bios", _below("variety")),
    "bios.declines_precision": _bios("Wishes declined: precision", _below("declines")),
    "bios.declines_recall": _bios("Wishes declined: recall", _below("declines")),
    "bios.declines_f1": _bios("Wishes declined: F1", _below("declines")),
    "bios.existing_verdict": _bios("Existing profiles: verdict right", _existing(_below("verdict"))),
    "bios.existing_let_through": _bios("Existing profiles: bad ones let through", _existing(_let_through), -1),
    "bios.existing_fine_stopped": _bios("Existing profiles: flawless ones stopped", _existing(_fine_stopped), -1),
    "bios.existing_field": _bios("Existing profiles: right field", _existing(_below("field"))),
    "bios.existing_micro_precision": _bios("Existing profiles: precision", _existing(_below("rules"))),
    "bios.existing_micro_recall": _bios("Existing profiles: recall", _existing(_below("rules"))),
    "bios.existing_micro_f1": _bios("Existing profiles: F1", _existing(_below("rules"))),
    "functions.score": Measure("Contrast functions, mean", 1, "share", "functions", _below("function")),
    "functions.finds": Measure("Contrast functions that must find something", 1, "share", "functions", _below("function")),
    "functions.spares": Measure("Contrast functions that must find nothing", 1, "share", "functions", _below("function")),
    "functions.verdict": Measure("Contrast functions, verdict right", 1, "share", "functions", _below("verdict")),
    "functions.passed_in_full": Measure("Functions passed in full", 1, "share", "functions", _below("function")),
    **{
        f"retrieval.{kind}@{k}": Measure(f"{title} the first {k}", 1, "share", "retrieval", _below(f"{kind}@{k}"))
        for kind, title in (("recall", "Right entries among"), ("hit", "At least one right entry among"))
        for k in (1, 3, 5)
    },
    "retrieval.reciprocal_rank": Measure("Mean reciprocal rank", 1, "number", "retrieval", _below("reciprocal_rank")),
}

_ROWS = {"precision": 1, "recall": 1, "f1": 1, "false_alarms": -1, "false_alarm_rate": -1, "score": 1}


def flatten(figures: Mapping[str, Any]) -> dict[str, float]:
    """Give every number of a run by its dotted name: posts.verdict_accuracy, posts.rules.no-offence.recall, functions.typo.score."""
    flat: dict[str, float] = {}
    for part, values in figures.items():
        for name, value in values.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                flat[f"{part}.{name}"] = float(value)
        for table in ("rules", "functions"):
            for row, cells in values.get("tables", {}).get(table, {}).items():
                start = f"{part}.{table}.{row}" if table == "rules" else f"{part}.{row}"
                flat |= {f"{start}.{k}": float(cells[k]) for k in _ROWS if isinstance(cells.get(k), (int, float))}
    return flat


def measure(name: str) -> Measure:
    """Give the measure of a dotted name; rows of rules and functions, and speeds, have one too."""
    if name in MEASURES:
        return MEASURES[name]
    part, _, rest = name.partition(".")
    if part == "speed":
        return Measure(rest.replace("_", " "), -1, "s" if rest.startswith("first") else "ms")
    row, _, cell = rest.rpartition(".")
    row = row.removeprefix("rules.")
    if cell in _ROWS and part == "functions":
        return Measure(row, _ROWS[cell], "share", part, lambda r: r.shown.get("function") == row and _below("function")(r))
    if cell in _ROWS:
        unit = "count" if cell == "false_alarms" else "share"
        return Measure(f"{row}: {cell.replace('_', ' ')}", _ROWS[cell], unit, part, lambda r: _rule_wrong(r, row))
    return Measure(name, 0, "count" if cell in ("n", "") else "number")


def _rule_wrong(result: Result, rule: str) -> bool:
    expected = result.shown.get("expected", {})
    found = {f["rule"] for f in result.shown.get("findings", ())}
    return (rule in found) != (rule in expected.get("violations", ())) and rule not in expected.get("acceptable", ())


def culprits(name: str, results: Sequence[Result]) -> list[Result]:
    """Give the cases that pull a figure down."""
    chosen = measure(name)
    return [r for r in results if r.part == chosen.part and chosen.blame(r)]


def shown(value: float | None, unit: str) -> str:
    """Write a figure for a person: 84.6 %, 12 ms, 0.153."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.1f}\u00a0%"
    if unit == "count":
        return f"{value:.0f}"
    if unit == "ms":
        return f"{value:.0f}\u00a0ms" if value >= 10 else f"{value:.1f}\u00a0ms"
    return f"{value:.1f}\u00a0s" if unit == "s" else f"{value:.3f}"
