"""`presend eval`: runs the cases, scores them, writes a run file and a report, prints a summary."""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import PresendError, UsageError
from app.files import data_folder
from app.settings import Settings
from evals.agreement import agreement
from evals.cases import Cases, load_cases, sample
from evals.metrics import percentile
from evals.record import Run, find_run, read_run, save_run
from evals.score import PARTS, Result
from evals.work import Bar, each

if TYPE_CHECKING:
    from app.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: parts, how many cases, with which engine, and where things go."""

    parts: tuple[str, ...]
    limit: int | None
    seed: int
    engine: str
    jobs: int


def main(argv: Sequence[str], settings: Settings, assistant: Assistant | None = None) -> int:
    """Run an evaluation; gives the exit status: 0, or 1 when a figure is beyond its floor or ceiling.

    `argv` are the words after `presend eval`; `assistant` stands in for the product in tests.
    Raises PresendError (exit status 3, or 2 for UsageError) for wrong options, broken cases or an unusable engine.
    """
    from evals.compare import compare
    from evals.floors import breaches, read_floors
    from evals.peers import run_peers
    from evals.public import run_public
    from evals.report import write_report
    from evals.summary import summary

    options = _parser().parse_args(list(argv))
    folder = data_folder("evals")
    out = Path(options.out)
    earlier = read_run(find_run(options.compare, out)) if options.compare else None
    floors_file = Path(options.floors) if options.floors else folder / "floors.toml"
    floors = read_floors(floors_file)
    if assistant is None:
        from app.assistant import Assistant

        assistant = Assistant(settings, engine=options.engine)
    engine = assistant.engine_name(options.engine)
    parts = _parts(options.only)
    jobs = options.jobs or (4 if engine == "llm" else 1)
    cases = load_cases(Path(options.cases) if options.cases else folder / "cases", list(assistant.guideline.entries))
    plan = Plan(parts, options.limit, options.seed, engine, jobs)
    run = measure_all(cases, assistant, plan, Bar())
    if options.peers:
        run = replace(run, peers=run_peers(sample(cases, options.limit, options.seed), run.figures, assistant, Bar()))
    if options.public:
        run = replace(run, public=run_public(Path(options.public), assistant, options.limit, options.seed, Bar()))
    comparison = compare(earlier, run) if earlier else None
    # a sample is too small to hold against floors that were set on all cases
    fallen = breaches(floors, run.figures, run.results, floors_file) if options.limit is None and engine == "offline" else None
    stem = f"{run.about['made'].replace(':', '').replace('-', '')[:15]}-{engine}"
    save_run(run, out / f"{stem}.json")
    write_report(run, out / f"{stem}.html", comparison, fallen)
    print(summary(run, comparison, fallen, colour=sys.stdout.isatty(), files=(out / f"{stem}.html", out / f"{stem}.json")))
    return 1 if fallen else 0


def measure_all(cases: Cases, assistant: Assistant, plan: Plan, bar: Bar) -> Run:
    """Run the parts of a plan and give the run with its figures."""
    from evals.bios import bio_figures, run_existing, run_profile
    from evals.functions import function_figures, run_contrast
    from evals.posts import post_figures, run_post
    from evals.questions import question_figures, run_question
    from evals.retrieval import in_scope, retrieval_figures, run_search
    from evals.revisions import revision_figures

    began = time.perf_counter()
    first = _first_calls(assistant, plan.parts)
    drawn = sample(cases, plan.limit, plan.seed)
    rules = list(assistant.guideline.rules)

    def go(part: str, items: Sequence, one: Callable, text: Callable[[Any], str]) -> list[Result]:
        return each(part, items, lambda case: one(case, assistant), text, bar, plan.jobs) if part.split()[0] in plan.parts else []

    posts = go("posts", drawn.posts, run_post, lambda c: c.text)
    asked = go("questions", drawn.questions, run_question, lambda c: c.question)
    bios = go("bios", drawn.profiles, run_profile, lambda c: c.name) + go("bios existing", drawn.bios, run_existing, lambda c: c.bio)
    contrasts = go("functions", [c for f in drawn.functions for c in f.cases], run_contrast, lambda c: c.text)
    searches = go("retrieval", in_scope(drawn.questions), run_search, lambda c: c.question)
    results = posts + asked + bios + contrasts + searches
    figures = {
        "posts": post_figures(posts, rules),
        "revisions": revision_figures(posts),
        "questions": question_figures(asked),
        "bios": bio_figures(bios, rules) if bios else {},
        "functions": function_figures(contrasts, drawn.functions),
        "retrieval": retrieval_figures(searches),
        "speed": speed_figures(results) | first,
        "cost": cost_figures(assistant),
    }
    about = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": plan.engine,
        "model": assistant.settings.model if plan.engine == "llm" else "",
        "parts": list(plan.parts),
        "limit": plan.limit,
        "seed": plan.seed,
        "seconds": round(time.perf_counter() - began, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "corpus": fingerprint(assistant.guideline.folder),
        "crashed": sum("runs" in r.scores for r in results),
    }
    return Run(about, {k: v for k, v in figures.items() if v}, results, agreement(cases, rules, {r.id: r.level for r in assistant.guideline.rules.values()}))


def _first_calls(assistant: Assistant, parts: Sequence[str]) -> dict[str, float]:
    """Time the first calls, which read the models; so no case pays for them."""
    from app.records import Draft

    seconds = {}
    began = time.perf_counter()
    assistant.check(Draft("Good morning, everyone."))
    seconds["first_check"] = time.perf_counter() - began
    if {"questions", "retrieval"} & set(parts):
        began = time.perf_counter()
        assistant.retriever.search("May I post this?", 1)
        seconds["first_search"] = time.perf_counter() - began
    return seconds


def speed_figures(results: Sequence[Result]) -> dict[str, Any]:
    """Give the 50th and 95th percentile of each kind of call, in milliseconds, and all durations for the plot."""
    calls: dict[str, list[float]] = {}
    for result in results:
        for name, seconds in result.seconds.items():
            calls.setdefault(name, []).append(1000 * seconds)
    figures: dict[str, Any] = {}
    for name, values in calls.items():
        figures |= {f"{name}_p50": percentile(values, 0.5), f"{name}_p95": percentile(values, 0.95)}
    return figures | {"tables": {"calls": {k: sorted(round(v, 2) for v in values) for k, values in calls.items()}}}


def cost_figures(assistant: Assistant) -> dict[str, float]:
    """Give the requests, tokens and cost that the model's engine has counted; empty when no model was asked."""
    engine = vars(assistant).get("_model")
    if engine is None:
        return {}
    used, prices = engine.usage, assistant.settings
    figures = {"requests": used.requests, "tokens_read": used.tokens_in, "tokens_written": used.tokens_out}
    cost = used.cost(prices.price_in, prices.price_out)
    return figures if cost is None else figures | {"cost": cost}


def fingerprint(folder: Path) -> str:
    """Give eight hex digits that change with the corpus."""
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _parts(only: str) -> tuple[str, ...]:
    named = [p.strip() for p in only.split(",") if p.strip()]
    for part in named:
        if part not in PARTS:
            raise UsageError(f"'{part}' is no part of the evaluation. The parts are: {', '.join(PARTS)}.")
    return tuple(p for p in PARTS if p in named or not named)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise UsageError(f"presend eval: {message}.")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="presend eval", description="Measure presend on its held-out cases, offline and in minutes.")
    parser.add_argument("--only", default="", metavar="PARTS", help=f"some of: {','.join(PARTS)}")
    parser.add_argument("--limit", type=_count, metavar="N", help="at most N cases of a kind (floors are then not checked)")
    parser.add_argument("--seed", type=int, default=0, help="which N cases --limit draws")
    parser.add_argument("--engine", choices=("offline", "llm"), help="default: llm when a model is configured")
    parser.add_argument("--jobs", type=_count, help="cases at a time (default 1, with a model 4)")
    parser.add_argument("--compare", metavar="RUN", help="an earlier run file, or 'last'")
    parser.add_argument("--peers", action="store_true", help="run other tools on the same cases")
    parser.add_argument("--public", metavar="DIR", help="a folder of public sets (see evals/README.md)")
    parser.add_argument("--cases", metavar="DIR", help="a folder of cases of your own")
    parser.add_argument("--floors", metavar="FILE", help="bounds of the figures (default evals/floors.toml)")
    parser.add_argument("--out", default="runs", metavar="DIR", help="where the run file and the report go (default runs)")
    return parser


if __name__ == "__main__":
    from app.settings import load_settings

    try:
        raise SystemExit(main(sys.argv[1:], load_settings()))
    except PresendError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2 if isinstance(error, UsageError) else 3) from None
