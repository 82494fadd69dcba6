"""The report: one HTML file that asks for nothing else, made to be read by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evals import sections
from evals.compare import Comparison
from evals.failures import section as failure_section
from evals.floors import Breach
from evals.markup import Html, join, tag
from evals.measures import flatten, measure, shown
from evals.record import Run
from evals.score import Result

TILES = (
    "posts.verdict_accuracy",
    "posts.macro_f1",
    "revisions.mended",
    "revisions.kept",
    "questions.decision_accuracy",
    "questions.cited",
    "bios.constraints",
    "functions.score",
    "retrieval.recall@3",
    "speed.check_p95",
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_report(run: Run, path: Path, comparison: Comparison | None, fallen: Sequence[Breach] | None) -> None:
    """Write the report of a run; `fallen` is None when floors were not checked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(run, comparison, fallen), encoding="utf-8")


def page(run: Run, comparison: Comparison | None, fallen: Sequence[Breach] | None) -> str:
    """Give the report as HTML."""
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    chapters = _chapters(run, comparison, fallen)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", f"presend, measured: {run.about['engine']}, {run.about['made'][:10]}"),
        tag("style", Html(style)),
    )
    links = tag("nav", *(tag("a", title, href=f"#{name}") for name, title, _, _ in chapters), aria_label="Contents")
    body = [tag("section", tag("h2", title), tag("p", said, class_="soft") if said else "", content, id=name) for name, title, said, content in chapters]
    return "<!doctype html>\n" + tag("html", head, tag("body", tag("header", *_summary(run, comparison, fallen), links), tag("main", *body), tag("footer", _how(run))), lang="en")


def _summary(run: Run, comparison: Comparison | None, fallen: Sequence[Breach] | None) -> list[Html]:
    about = run.about
    who = "the offline engine" if about["engine"] == "offline" else f"the model {about['model']}"
    when = f"{about['made'][:16].replace('T', ' ')} UTC · {len(run.results):,} cases in {about['seconds']:.0f} s · corpus {about['corpus']}"
    if about["limit"]:
        when += f" · a sample of at most {about['limit']} of a kind (seed {about['seed']})"
    parts = [tag("h1", f"How good is presend with {who}?"), tag("p", when, class_="note")]
    posts = [r for r in run.results if r.part == "posts" and "verdict" in r.scores]
    if posts:
        parts += [_lead(run, posts), _walls(posts)]
    moves = {m.name: m for m in comparison.figures} if comparison else {}
    parts.append(_tiles(run, moves))
    if fallen:
        parts.append(tag("p", tag("b", f"{len(fallen)} figures are beyond their bounds", class_="bad"), " (", tag("a", "which", href="#floors"), ")."))
    if about["crashed"]:
        parts.append(tag("p", tag("b", f"{about['crashed']} cases raised an error.", class_="bad")))
    return parts


def _lead(run: Run, posts: Sequence[Result]) -> Html:
    bad = [r for r in posts if r.shown["expected"]["verdict"] != "ready"]
    good = [r for r in posts if r.shown["expected"]["verdict"] == "ready"]
    through = sum(r.shown["verdict"] == "ready" for r in bad)
    stopped = sum(r.shown["verdict"] != "ready" for r in good)
    parts: list[object] = ["Of ", tag("b", len(bad)), " drafts that must not go out as they are, presend stopped ", tag("b", len(bad) - through), " and let ", tag("b", through, class_="bad"), " through. Of ", tag("b", len(good)), " that may go out, it stopped ", tag("b", stopped, class_="warn"), "."]
    asked = run.figures.get("questions")
    if asked:
        right = round(asked["decision_accuracy"] * asked["n"])
        parts += [" It decided ", tag("b", right), " of ", tag("b", asked["n"]), " questions as a careful reader of the guideline would."]
    return tag("p", *parts, class_="lead")


def _walls(posts: Sequence[Result]) -> Html:
    """One square a post: what it should get, and whether it did."""

    def square(result: Result) -> Html:
        expected, got = result.shown["expected"]["verdict"], result.shown["verdict"]
        said = f"{result.id}: expected {expected}, got {got}"
        if expected == got:
            return tag("i", title=said)
        kind = "miss" if got == "ready" else "stop" if expected == "ready" else "kind"
        return tag("a", title=said, href=f"#case-{result.id}", class_=kind, tabindex="-1")

    def wall(title: str, chosen: list[Result]) -> Html:
        ordered = sorted(chosen, key=lambda r: (r.scores["verdict"].value == 1, r.shown["verdict"] != "ready", r.id))
        return tag("div", tag("p", title, class_="soft"), tag("div", *map(square, ordered)), class_="wall")

    bad = [r for r in posts if r.shown["expected"]["verdict"] != "ready"]
    good = [r for r in posts if r.shown["expected"]["verdict"] == "ready"]
    key = tag("p", *(tag("span", tag("i", class_=c), words) for c, words in (("", "right"), ("miss", "let through"), ("kind", "stopped with the wrong verdict"), ("stop", "stopped for nothing"))), " A coloured square leads to its post.", class_="key")
    return join([tag("div", wall(f"{len(bad)} drafts that must not go out", bad), wall(f"{len(good)} drafts that may", good), class_="walls"), key])


def _tiles(run: Run, moves: dict) -> Html:
    flat = flatten(run.figures)
    items = []
    for name in TILES:
        if name not in flat:
            continue
        kind = measure(name)
        title = "95 % of checks take less than this" if name == "speed.check_p95" else kind.title
        below = ""
        if name in moves:
            better = moves[name].gain > 0
            below = tag("small", f"{'better' if better else 'worse'}, was {shown(moves[name].before, kind.unit)}", class_="good" if better else "bad")
        if "accuracy" in name:
            low, high = run.figures[name.split(".")[0]][name.split(".")[1].replace("accuracy", "interval")]
            below = join([below, tag("small", f"95 % interval {100 * low:.0f}–{100 * high:.0f}")])
        items.append(tag("li", tag("b", shown(flat[name], kind.unit)), tag("span", title), below))
    return tag("ul", *items, class_="tiles")


def _chapters(run: Run, comparison: Comparison | None, fallen: Sequence[Breach] | None) -> list[tuple[str, str, str, Html]]:
    """(id, title, a sentence, content) of each chapter that this run has something for."""
    figures = run.figures
    offered: list[tuple[bool, str, str, str, Callable[[], Html]]] = [
        (comparison is not None, "changes", "What changed", "", lambda: sections.comparison(comparison)),
        (bool(fallen), "floors", "Bounds broken", "", lambda: sections.floors(fallen or ())),
        ("posts" in figures, "rules", "Rule by rule", "An extra rule that a label calls acceptable counts neither way. Best rules first.", lambda: sections.rules(run)),
        ("posts" in figures, "verdicts", "Verdicts", "", lambda: sections.verdicts(run)),
        ("posts" in figures, "calibration", "Is it as sure as it says?", "", lambda: sections.calibration(run)),
        ("revisions" in figures, "revisions", "Revisions", "Facts and bad words were marked by the writer of the posts, so the gate cannot mark its own work here.", lambda: sections.revisions(run)),
        ("questions" in figures, "questions", "Questions", "", lambda: sections.questions(run)),
        ("retrieval" in figures, "retrieval", "Finding the right words", "", lambda: sections.retrieval(run)),
        ("bios" in figures, "bios", "Bios", "", lambda: sections.bios(run)),
        ("functions" in figures, "functions", "Contrast functions", "One skill each, after HateCheck; weakest first. Open a row to read what failed.", lambda: sections.functions(run)),
        ("speed" in figures, "speed", "Speed", "", lambda: sections.speed(run)),
        (bool(run.peers), "peers", "Peers on the same cases", "Each only on the rules that it can speak to. F1 of finding the rule in the same posts; recall for retrieval.", lambda: sections.peers(run)),
        (bool(run.public), "public", "Public sets", "", lambda: sections.public(run)),
        (True, "failures", "Failures in full", "Marked words are what presend pointed at (dotted: worth a second look); the wavy line is under the words that the label means.", lambda: failure_section(run.results)),
        (bool(run.agreement.get("n")), "agreement", "How firm are the labels?", "", lambda: sections.agreement(run)),
    ]
    return [(name, title, said, make()) for wanted, name, title, said, make in offered if wanted]


def _how(run: Run) -> Html:
    about = run.about
    words = f"presend eval --engine {about['engine']} --seed {about['seed']}" + (f" --limit {about['limit']}" if about["limit"] else "")
    if len(about["parts"]) < 5:
        words += f" --only {','.join(about['parts'])}"
    return join([tag("p", "Made by ", tag("code", words), f" with Python {about['python']}. The same seed gives the same figures, speed aside. The method, every field of the cases and their limits are described in evals/README.md.")])
