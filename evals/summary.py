"""The summary that a run prints in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.compare import CaseMove, Comparison
from evals.floors import Breach
from evals.measures import MEASURES, flatten, shown
from evals.record import Run

HEADLINES = {
    "Check": ["posts.verdict_accuracy", "posts.let_through", "posts.let_through_hard", "posts.stopped", "posts.stopped_hard", "posts.fine_stopped", "posts.micro_f1", "posts.macro_f1", "posts.macro_f1_sure", "posts.evidence", "posts.calibration_error_judge"],
    "Revise": ["revisions.ready", "revisions.mended", "revisions.gone", "revisions.kept", "revisions.fine_left_alone", "revisions.stable", "revisions.handed_back", "revisions.edit_size", "revisions.grade_change"],
    "Ask": ["questions.decision_accuracy", "questions.decision_macro_f1", "questions.wrongly_allowed", "questions.rule", "questions.cited", "questions.verbatim", "questions.abstain_f1", "questions.risk_area"],
    "Bio": ["bios.constraints", "bios.handles", "bios.variety", "bios.declines_precision", "bios.declines_recall", "bios.existing_verdict", "bios.existing_micro_f1"],
    "Contrast": ["functions.score", "functions.finds", "functions.spares", "functions.passed_in_full"],
    "Retrieval": ["retrieval.recall@1", "retrieval.recall@3", "retrieval.recall@5", "retrieval.hit@1"],
}
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


def summary(run: Run, comparison: Comparison | None, fallen: Sequence[Breach] | None, colour: bool, files: Sequence[Path]) -> str:
    """Give the summary as text: the headline figures (with their change), what is weakest, floors, where the files are."""

    def paint(text: str, code: str) -> str:
        return f"\033[{_CODES[code]}m{text}\033[0m" if colour else text

    about = run.about
    who = about["engine"] + (f" ({about['model']})" if about["model"] else "")
    lines = [paint(f"presend eval: {who}, {len(run.results):,} cases, {about['seconds']:.0f} s, seed {about['seed']}", "bold")]
    if about["limit"]:
        lines.append(paint(f"A sample of at most {about['limit']} cases of a kind: floors are not checked.", "yellow"))
    if about["crashed"]:
        lines.append(paint(f"{about['crashed']} cases raised an error and count as failed where they can.", "red"))
    flat = flatten(run.figures)
    before = {m.name: m for m in comparison.figures} if comparison else {}
    for title, names in HEADLINES.items():
        rows = [n for n in names if n in flat]
        if rows:
            lines += ["", paint(title, "bold")]
        for name in rows:
            kind = MEASURES[name]
            line = f"  {kind.title:<52} {shown(flat[name], kind.unit):>9}"
            interval = run.figures[name.split(".")[0]].get(name.split(".")[1].replace("accuracy", "interval")) if "accuracy" in name else None
            if interval:
                line += paint(f"  {100 * interval[0]:.0f}–{100 * interval[1]:.0f}", "dim")
            if name in before:
                move = before[name]
                line += paint(f"  was {shown(move.before, kind.unit)}", "green" if move.gain > 0 else "red")
            lines.append(line)
    lines += _weakest(run, paint) + _speed(flat, paint) + _agreement(run, paint) + _others(run, paint)
    if comparison:
        lines += ["", f"Since {comparison.about['made']}: {len(comparison.better)} cases better, {len(comparison.worse)} worse."]
        lines += [f"  worse: {m.after.id}: {_moved(m)}" for m in comparison.worse[:8]]
    if fallen is not None:
        lines += ["", paint("Every floor holds.", "green") if not fallen else paint("Floors broken:", "red")]
        for breach in fallen:
            lines.append(f"  {breach.sentence}")
            lines.append(paint("    " + " ".join(r.id for r in breach.cases[:24]) + (" …" if len(breach.cases) > 24 else ""), "dim"))
    return "\n".join([*lines, "", *(f"{path}" for path in files)])


def _moved(move: CaseMove) -> str:
    return "; ".join(f"{n}: {move.after.scores[n].why}" for n in move.scores)[:110] or "an error came or went"


def _weakest(run: Run, paint) -> list[str]:
    lines = []
    rules = run.figures.get("posts", {}).get("tables", {}).get("rules", {})
    tested = sorted(((row["f1"], name) for name, row in rules.items() if row["n"]))[:6]
    if tested:
        lines += ["", paint("Weakest rules (precision / recall, found of expected)", "bold")]
    for _, name in tested:
        row = rules[name]
        lines.append(f"  {name:<34} {shown(row['precision'], 'share'):>8} {shown(row['recall'], 'share'):>8}   {row['hits']} of {row['n']}, {row['false_alarms']} false alarms on flawless posts")
    functions = run.figures.get("functions", {}).get("tables", {}).get("functions", {})
    weak = sorted((row["score"], name) for name, row in functions.items() if row["score"] < 1)[:8]
    if weak:
        lines += ["", paint("Weakest contrast functions", "bold")]
        lines += [f"  {functions[name]['title']:<60} {shown(score, 'share'):>8}" for score, name in weak]
    return lines


def _speed(flat: dict[str, float], paint) -> list[str]:
    calls = [n.split(".")[1][:-4] for n in flat if n.startswith("speed.") and n.endswith("_p50")]
    if not calls:
        return []
    lines = ["", paint("Speed (half the calls / 95 % of them)", "bold")]
    lines += [f"  {c.replace('_', ' '):<20} {shown(flat[f'speed.{c}_p50'], 'ms'):>9} {shown(flat[f'speed.{c}_p95'], 'ms'):>9}" for c in calls]
    first = [f"{shown(v, 's')} for the {n.split('_')[1]}" for n, v in flat.items() if n.startswith("speed.first")]
    lines += [f"  first call, reading the models: {', '.join(first)}"]
    cost = {n.split(".")[1]: v for n, v in flat.items() if n.startswith("cost.")}
    if cost:
        lines.append("  " + ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in cost.items()))
    return lines


def _agreement(run: Run, paint) -> list[str]:
    said = run.agreement
    if not said.get("n"):
        return []
    rows = sorted((row["kappa"], rule) for rule, row in said["tables"]["kappa"].items() if row["kappa"] is not None)
    return [
        "",
        paint("Agreement of two readers, the second one blind", "bold"),
        f"  stopped or not {said['same_stop']:.1%}; Cohen's kappa per rule: mean {said['kappa_mean']:.2f}, least {rows[0][0]:.2f} ({rows[0][1]}); decisions {said['decision_kappa'] or 0:.2f}",
    ]


def _others(run: Run, paint) -> list[str]:
    lines = ["", paint("Peers on the same cases", "bold")] if run.peers else []
    for peer in run.peers:
        if peer.get("missing"):
            lines.append(paint(f"  {peer['name']:<26} not available: {peer['missing']}", "yellow"))
        for row in peer.get("rows", ()):
            lines.append(f"  {peer['name']:<26} {row['what']:<28} {row['figure']} {shown(row['peer'], 'share'):>8}   presend {shown(row['ours'], 'share'):>8}")
    lines += ["", paint("Public sets", "bold")] if run.public else []
    for part in run.public:
        if part.get("missing"):
            lines.append(paint(f"  {part['name']:<26} {part['missing']}", "yellow"))
        lines += [f"  {part['name']:<26} {row['what']:<44} {row['shown']}" for row in part.get("rows", ())]
    return lines




def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4f}"
