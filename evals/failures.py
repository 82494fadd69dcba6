"""The failures of a run, worst first, each in full: the draft, what was expected, what came, and why it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.records import LEVELS
from evals.markup import Html, changes, h, join, marked, more, tag
from evals.score import Result

OPEN = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure: its title, what it means, which results are of it, and how bad each is (most first)."""

    id: str
    title: str
    means: str
    part: str
    failed: Callable[[Result], bool]
    badness: Callable[[Result], tuple]
    tone: str = "miss"


def _expected(result: Result, name: str, default: object = None) -> object:
    return result.shown.get("expected", {}).get(name, default)


def _below(result: Result, name: str) -> bool:
    return name in result.scores and result.scores[name].value < 1


def _surest(result: Result) -> float:
    return max((f["confidence"] for f in result.shown.get("findings", ()) if f["level"] != LEVELS[0]), default=0.0)


def _let_through(result: Result) -> bool:
    return "verdict" in result.scores and _expected(result, "verdict") != "ready" and result.shown["verdict"] == "ready"


def _stopped(result: Result) -> bool:
    return "verdict" in result.scores and _expected(result, "verdict") == "ready" and result.shown["verdict"] != "ready"


KINDS = (
    Kind("crash", "Errors", "The program raised an error.", "", lambda r: "runs" in r.scores, lambda r: (r.id,)),
    Kind("let-through", "Let through", "The draft must not go out as it is, and presend said “ready”. Plain cases and those a person must be asked about come first.", "posts", _let_through, lambda r: (_expected(r, "verdict") == "ask", not r.shown["hard"], -len(r.shown["findings"]))),
    Kind("stopped", "Stopped for nothing", "The draft may go out, and presend stopped it. The surest mistakes come first.", "posts", _stopped, lambda r: (not _expected(r, "violations"), _surest(r)), "stop"),
    Kind("kind", "Stopped, but with the wrong verdict", "“Revise” where a person must be asked, or the other way round.", "posts", lambda r: _below(r, "verdict") and not _let_through(r) and not _stopped(r), lambda r: (_expected(r, "verdict") == "ask",), "stop"),
    Kind("lost", "Facts lost in a revision", "The revision took out words that it had to keep.", "posts", lambda r: _below(r, "kept"), lambda r: (1 - r.scores["kept"].value, len(r.text)), "lost"),
    Kind("answered", "Wrong decisions", "Forbidden things allowed come first, then the surest mistakes.", "questions", lambda r: _below(r, "decision"), lambda r: (_expected(r, "answer") in ("no", "ask") and r.shown["answer"] in ("yes", "yes-if"), r.shown["confidence"])),
    Kind("bios", "Profiles", "Bios that break a constraint, wishes misjudged, existing profiles misread.", "bios", lambda r: any(_below(r, n) for n in ("constraints", "handles", "declines", "verdict")), lambda r: (_below(r, "constraints"), _let_through(r), _stopped(r)), "stop"),
)


def failures(results: Sequence[Result], kind: Kind) -> list[Result]:
    """Give the results that failed in this way, worst first."""
    chosen = [r for r in results if (r.part == kind.part or not kind.part) and kind.failed(r)]
    return sorted(chosen, key=lambda r: (kind.badness(r), r.id), reverse=True)


def section(results: Sequence[Result]) -> Html:
    """Give all failures: of each kind the worst ones open, the others folded away."""
    parts = []
    for kind in KINDS:
        failed = failures(results, kind)
        if not failed:
            continue
        parts.append(tag("h3", f"{kind.title} ", tag("span", str(len(failed)), class_="tag"), id=f"fail-{kind.id}"))
        parts.append(tag("p", kind.means, class_="note"))
        parts += [card(r, kind) for r in failed[:OPEN]]
        if failed[OPEN:]:
            parts.append(more(f"and {len(failed) - OPEN} more", *(card(r, kind) for r in failed[OPEN:])))
    return join(parts) or tag("p", "Nothing failed.")


def card(result: Result, kind: Kind) -> Html:
    """Give one case in full."""
    shown = result.shown
    about = [result.id, shown.get("voice"), shown.get("platform"), shown.get("account") if shown.get("account") == "official" else None]
    head = [tag("b", about[0]), *(f" · {a}" for a in about[1:] if a), " · hard" if shown.get("hard") else ""]
    # the wall of posts links to the card of the verdict; a post can also stand under another kind
    own = kind.part == "posts" and kind.id != "lost"
    return tag(
        "article",
        tag("p", *head, class_="head"),
        tag("p", _why(result, kind), class_="why"),
        _text(result),
        _body(result),
        tag("p", "Labelled so because: ", shown["note"], class_="note") if shown.get("note") else "",
        class_=f"case {kind.tone}",
        id=f"case-{result.id}" if own else None,
    )


def _why(result: Result, kind: Kind) -> str:
    if kind.id == "crash":
        return result.scores["runs"].why
    if kind.id == "lost":
        return _sentence(result.scores["kept"].why)
    if kind.id == "answered":
        return _sentence(result.scores["decision"].why) + f" ({result.shown['confidence']:.0%} sure)"
    names = ("verdict",) if kind.part == "posts" else ("constraints", "handles", "declines", "verdict")
    said = [result.scores[n].why for n in names if _below(result, n)]
    if _below(result, "rules"):
        said.append(result.scores["rules"].why)
    return _sentence("; ".join(said))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _text(result: Result) -> Html:
    evidence = _expected(result, "evidence") or {}
    spans = [(result.text.index(words), result.text.index(words) + len(words)) for words in evidence.values() if words in result.text]
    found = [(f["start"], f["end"], f["rule"], f["soft"]) for f in result.shown.get("findings", ())] if result.part != "bios" else []
    return marked(result.text, spans, found)


def _body(result: Result) -> Html:
    shown = result.shown
    parts: list[Html] = []
    if shown.get("findings"):
        items = [tag("li", tag("b", f["rule"]), f" ({f['level']}, {f['confidence']:.0%}, {'judge' if f['source'] == 'judge' else f['source']}): {f['explanation']}") for f in shown["findings"]]
        parts.append(tag("ul", *items))
    if shown.get("changed"):
        parts.append(tag("p", "The revision:", class_="note"))
        parts.append(changes(result.text, shown["revision"]))
    if result.part == "questions" and "said" in shown:
        parts.append(tag("p", "It said: ", shown["said"]))
        parts.append(tag("p", f"Entries named: {', '.join(shown['rules']) or 'none'}. Expected: {', '.join(shown['expected']['rules']) or 'none'}.", class_="note"))
    if shown.get("kind") == "profile":
        parts.append(tag("ul", *(tag("li", b) for b in shown["bios"])))
        declined = ", ".join(f"{d['wish']} ({d['rule']})" for d in shown["declined"]) or "none"
        parts.append(tag("p", f"Handles: {', '.join(shown['handles']) or 'none'}. Wishes declined: {declined}.", class_="note"))
    return join(parts)


def contrast_cases(results: Sequence[Result]) -> Html:
    """Give the failing posts of a contrast function, short."""
    items = []
    for r in results:
        why = (r.scores.get("function") or r.scores["runs"]).why
        items.append(tag("li", h(r.text), tag("br"), tag("span", why, f" · {r.shown['note']}" if r.shown.get("note") else "", class_="note")))
    return tag("ul", *items)


