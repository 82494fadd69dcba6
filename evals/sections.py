"""The sections of the report between its summary and its failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.compare import CaseMove, Comparison, Move
from evals.failures import contrast_cases
from evals.floors import Breach
from evals.markup import Html, changes, join, matrix, more, table, tag
from evals.measures import measure, shown
from evals.plots import LogScale, bar, dumbbell, histogram, reliability, risk_curve
from evals.record import Run
from evals.score import Result


def row(name: object, track: Html, said: object, fold: Html | None = None) -> Html:
    """Make a row of a name, a track and numbers; with `fold` it opens."""
    if fold is None:
        return tag("div", tag("span", name), track, tag("span", said), class_="row")
    head = tag("div", tag("span", name, class_="name"), track, tag("span", said), class_="row")
    return tag("details", tag("summary", head), tag("div", fold), class_="row-more")


def _key(*entries: tuple[str, str]) -> Html:
    """Say what each colour of dot stands for."""
    dots = [tag("span", tag("i", class_="dot", style=f"background:var(--{colour})"), said) for colour, said in entries]
    return tag("p", *dots, class_="key")


def figures_table(run: Run, part: str, names: Sequence[str] | None = None) -> Html:
    """List figures of a part with their titles."""
    values = run.figures.get(part, {})
    rows = []
    for name in names or values:
        kind = measure(f"{part}.{name}")
        if isinstance(values.get(name), (int, float)) and kind.title != f"{part}.{name}":
            rows.append((kind.title, shown(values[name], kind.unit)))
    return table(("Figure", "Value"), rows, numbers=(1,))


def rules(run: Run) -> Html:
    """Precision and recall of every rule."""
    rows = sorted(run.figures["posts"]["tables"]["rules"].items(), key=lambda item: -item[1]["f1"])
    key = _key(("blue", "precision: of the findings, how many were right"), ("good", "recall: of the violations, how many were found"))
    tracks = [
        row(name, dumbbell(r["precision"], r["recall"]), f"{r['hits']} of {r['n']} found, {r['said'] - r['hits']} wrong")
        for name, r in rows
        if r["n"]
    ]
    alarms = [(n, f"{r['false_alarms']}", shown(r["false_alarm_rate"], "share"), shown(r["precision"], "share"), shown(r["recall"], "share"), shown(r["f1"], "share")) for n, r in sorted(rows, key=lambda i: -i[1]["false_alarms"])]
    return join([key, tag("div", *tracks, class_="rows"), more("All numbers, and false alarms on flawless posts", table(("Rule", "False alarms", "of flawless posts", "Precision", "Recall", "F1"), alarms, numbers=(1, 2, 3, 4, 5)))])


def verdicts(run: Run) -> Html:
    """Confusion of verdicts, and how each voice fares."""
    tables = run.figures["posts"]["tables"]
    voices = [row(f"{v} ({d['n']} posts)", bar(d["verdict_accuracy"] or 0), shown(d["verdict_accuracy"], "share")) for v, d in tables["voices"].items()]
    left = tag("div", matrix(tables["confusion"]["names"], tables["confusion"]["counts"], "expected ↓ got →"), tag("p", "Shades are shares of a row.", class_="note"))
    return tag("div", left, tag("div", tag("h3", "Verdict right, voice by voice"), tag("div", *voices, class_="rows")), class_="two")


def calibration(run: Run) -> Html:
    """Is a finding as sure as it says?"""
    values = run.figures["posts"]
    said = f"Findings of the judge, ten bins; on the dashed line, “80 % sure” is right eight times in ten. Calibration error {values['calibration_error_judge'] or 0:.3f}; with the word rules, which always say 100 %, {values['calibration_error'] or 0:.3f}."
    figure = tag("figure", reliability(values["tables"]["calibration"]), tag("figcaption", said))
    return tag("div", figure, tag("div", tag("h3", "All figures of the check"), figures_table(run, "posts")), class_="two")


def revisions(run: Run) -> Html:
    """What the revisions do."""
    sizes = run.figures["revisions"]["tables"]["edit_sizes"]
    edges = [i / 10 for i in range(11)]
    plot = tag("figure", histogram(sizes, edges, "words changed"), tag("figcaption", f"The {len(sizes)} changed posts, by how much of them was changed."))
    return tag("div", tag("div", figures_table(run, "revisions")), plot, class_="two")


def questions(run: Run) -> Html:
    """Decisions, and how risk falls when only the surest questions are answered."""
    values = run.figures["questions"]
    tables = values["tables"]
    left = tag("div", matrix(tables["confusion"]["names"], tables["confusion"]["counts"], "expected ↓ got →"), figures_table(run, "questions"))
    said = "Were only the surest decisions given, this share of them would be wrong. A lower curve is better; confidence is the judge's share for the decision given."
    return tag("div", left, tag("figure", risk_curve(tables["risk_coverage"]), tag("figcaption", said)), class_="two")


def functions(run: Run) -> Html:
    """Every contrast function, weakest first, with its failing posts folded under it."""
    named = run.figures["functions"]["tables"]["functions"]
    by_id = {r.id: r for r in run.results if r.part == "functions"}
    columns = []
    for finds, title in ((True, "Must be found"), (False, "Must be left alone")):
        rows = sorted(((f["score"], n) for n, f in named.items() if f["finds"] == finds))
        tracks = [_function(named[n], [by_id[i] for i in named[n]["failed"] if i in by_id]) for _, n in rows]
        columns.append(tag("div", tag("h3", title), tag("div", *tracks, class_="rows")))
    return tag("div", *columns, class_="two")


def _function(values: Mapping[str, Any], failed: Sequence[Result]) -> Html:
    score = values["score"]
    colour = "good" if score >= 0.8 else "bad" if score < 0.6 else "blue"
    passed = f"{values['n'] - len(values['failed'])} of {values['n']}"
    if not failed:
        return row(values["title"], bar(score, colour), passed)
    return row(values["title"], bar(score, colour), passed, join([tag("p", values["why"], class_="note"), contrast_cases(failed)]))


def bios(run: Run) -> Html:
    """Bios written and bios judged."""
    return figures_table(run, "bios")


def retrieval(run: Run) -> Html:
    """Recall at 1, 3 and 5."""
    values = run.figures["retrieval"]
    rows = [row(measure(f"retrieval.{n}").title, bar(values[n]), shown(values[n], "share")) for n in values if "@" in n]
    return join([tag("div", *rows, class_="rows"), tag("p", f"Over the {values['n']} questions that the guideline answers; mean reciprocal rank {values['reciprocal_rank']:.2f}.", class_="note")])


def speed(run: Run) -> Html:
    """How long calls take."""
    values = run.figures["speed"]
    calls = values["tables"]["calls"]
    scale = LogScale([v for durations in calls.values() for v in durations])
    rows = []
    for name, durations in calls.items():
        half, most = values[f"{name}_p50"], values[f"{name}_p95"]
        rows.append(row(name.replace("_", " "), scale.track(durations, half, most), f"{shown(half, 'ms')} / {shown(most, 'ms')}"))
    rows.append(row("", scale.ticks(), ""))
    firsts = ", ".join(f"{shown(v, 's')} for the first {n.split('_')[1]}" for n, v in values.items() if n.startswith("first"))
    said = f"Every call of this run ({run.about['system']}). Reading the models costs once: {firsts}."
    key = _key(("good", "half of the calls are faster"), ("bad", "95 % of the calls are faster"))
    return join([key, tag("div", *rows, class_="rows"), tag("p", said, class_="note"), cost(run)])


def cost(run: Run) -> Html:
    """Tokens and cost, when a model was asked."""
    values = run.figures.get("cost", {})
    return table(("With the model", ""), [(n.replace("_", " "), f"{v:,.0f}" if v == int(v) else f"{v:,.4f}") for n, v in values.items()], numbers=(1,)) if values else Html("")


def agreement(run: Run) -> Html:
    """Kappa per rule of the two labellings."""
    said = run.agreement
    rows = sorted(said["tables"]["kappa"].items(), key=lambda i: i[1]["kappa"] if i[1]["kappa"] is not None else 2)
    tracks = [row(n, bar(max(0.0, r["kappa"])), f"κ {r['kappa']:.2f} ({r['first']} / {r['second']})") for n, r in rows if r["kappa"] is not None]
    figures = f"{said['same_stop']:.1%} of {said['n']} posts were stopped, or not, by both readings, {said['same_labels']:.0%} got the very same labels; for the {said['questions_n']} questions, κ of the decision is {said['decision_kappa'] or 0:.2f} and {said['same_rules'] or 0:.0%} got the same entries."
    return join([tag("p", tag("b", said["method"])), tag("p", figures), tag("div", *tracks, class_="rows"), tag("p", "In brackets: how often each labelling used the rule.", class_="note")])


def peers(run: Run) -> Html:
    """Other tools on the same cases."""
    parts = [_key(("blue", "the peer"), ("good", "presend"))]
    for peer in run.peers:
        if not peer.get("rows"):
            continue
        hows = "; ".join(dict.fromkeys(r["how"] for r in peer["rows"]))
        parts.append(tag("h3", peer["name"], tag("span", f" {hows}", class_="note")))
        rows = []
        for r in peer["rows"]:
            numbers = f"{shown(r['peer'], 'share')} / {shown(r['ours'], 'share')}"
            rows.append(row(f"{r['what']}, {r['figure']}", dumbbell(r["peer"], r["ours"]), numbers))
        parts.append(tag("div", *rows, class_="rows"))
    missing = [f"{peer['name']}: {peer['missing']}" for peer in run.peers if peer.get("missing")]
    return join([*parts, tag("p", "Not available here: ", "; ".join(missing), ".") if missing else ""])


def public(run: Run) -> Html:
    """Public sets that the user brought."""
    parts = []
    for part in run.public:
        if part.get("rows"):
            rows = [(r["what"], r["shown"], r.get("beside", "")) for r in part["rows"]]
            parts += [tag("h3", part["name"]), table(("Figure", "Value", "Beside it"), rows, numbers=(1,))]
    missing = [p["missing"] for p in run.public if p.get("missing")]
    return join([*parts, tag("p", "Skipped: ", "; ".join(missing), ".", class_="note") if missing else ""])


def comparison(moves: Comparison) -> Html:
    """What got better and worse: figures that moved by half a point or more, then every case whose scores moved."""
    whole = [m for m in moves.figures if m.name.count(".") == 1 and not m.name.startswith("speed.")]
    big = sorted((m for m in whole if abs(m.gain) >= 0.005), key=lambda m: m.gain)
    small = sorted((m for m in whole if abs(m.gain) < 0.005), key=lambda m: m.gain)
    if len(big) > 16:
        big, small = big[:8] + big[-8:], big[8:-8] + small
    parts_of = [m for m in moves.figures if m.name.count(".") > 1 and m.name.endswith((".f1", ".score"))]
    then = f"{moves.about['made'][:16].replace('T', ' ')} UTC"
    said = f"Against the run of {then} ({moves.about['engine']}): {len(moves.better)} cases are better, {len(moves.worse)} are worse."
    if moves.only_before or moves.only_after:
        said += f" {moves.only_before} cases were only in that run, {moves.only_after} only in this one."
    return join(
        [
            tag("p", said),
            _figure_moves(big) if big else tag("p", "No figure moved by half a point."),
            more(f"{len(small)} more", _figure_moves(small)) if small else "",
            more("Rules and contrast functions that moved", _figure_moves(sorted(parts_of, key=lambda m: m.gain))) if parts_of else "",
            _case_moves("Worse", moves.worse, "bad"),
            _case_moves("Better", moves.better, "good"),
        ]
    )


def _figure_moves(moves: Iterable[Move]) -> Html:
    rows = []
    for move in moves:
        kind = measure(move.name)
        word = tag("b", "better" if move.gain > 0 else "worse", class_="good" if move.gain > 0 else "bad")
        rows.append((kind.title, shown(move.before, kind.unit), shown(move.after, kind.unit), word))
    return table(("Figure", "Then", "Now", ""), rows, numbers=(1, 2))


def _case_moves(title: str, moves: Sequence[CaseMove], colour: str) -> Html:
    if not moves:
        return Html("")
    items = [_case_move(m) for m in moves]
    folded = more(f"and {len(items) - 5} more", *items[5:]) if items[5:] else ""
    return join([tag("h3", f"{title} ", tag("span", str(len(moves)), class_="tag"), class_=colour), *items[:5], folded])


def _case_move(move: CaseMove) -> Html:
    lines = []
    for name in move.scores:
        then, now = move.before.scores[name], move.after.scores[name]
        colour = "good" if now.value > then.value else "bad"
        lines.append(tag("li", tag("b", f"{name} {then.value:.2f} → {now.value:.2f}", class_=colour), f" then: {then.why}; now: {now.why}"))
    parts = [tag("p", tag("b", move.after.id), f" · {move.after.part}", class_="head"), tag("div", move.after.text, class_="draft"), tag("ul", *lines)]
    if move.after.shown.get("changed") and move.after.shown["revision"] != move.before.shown.get("revision"):
        parts += [tag("p", "The revision now:", class_="note"), changes(move.after.text, move.after.shown["revision"])]
    return tag("article", *parts, class_="case miss" if move.gain < 0 else "case")


def floors(fallen: Sequence[Breach]) -> Html:
    """Floors that were broken, with the cases."""
    if not fallen:
        return tag("p", "Every figure keeps its bound.")
    return tag("ul", *(tag("li", tag("b", b.sentence), " ", tag("span", ", ".join(r.id for r in b.cases), class_="note")) for b in fallen))
