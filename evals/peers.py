"""Other tools on the same cases, each on the rules that it can speak to. One that is not installed is named, not faked.

A tool that gives a score is asked twice: at its own threshold, and at the threshold that is best in hindsight on
these very cases, which flatters it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evals.cases import Cases, Post
from evals.metrics import best_f1, f1
from evals.work import Bar

if TYPE_CHECKING:
    from app.assistant import Assistant

# Automated readability index (Senter and Smith 1967): 12 is the last grade of school.
SCHOOL_GRADE = 12.0
# "negative sentiment: compound score <= -0.05", https://github.com/cjhutto/vaderSentiment
NEGATIVE = 0.05


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: how it is loaded, and which rules its reading of a post speaks to.

    `load` gives a function from text to {rule: yes or score}; `threshold` is the tool's own, None for yes or no.
    """

    name: str
    how: str
    rules: tuple[str, ...]
    load: Callable[[Assistant], Callable[[str], Mapping[str, float | bool]]]
    threshold: float | None = None


def run_peers(cases: Cases, figures: Mapping[str, Any], assistant: Assistant, bar: Bar) -> list[dict[str, Any]]:
    """Run every peer on the posts, and bare retrieval on the questions; `figures` are presend's own on the same cases.

    Gives {"name", "rows"} or {"name", "missing"} for each; a row is {"what", "figure", "peer", "ours", "how"}.
    """
    found: list[dict[str, Any]] = []
    if "posts" in figures:
        ours = figures["posts"]["tables"]["rules"]
        found += [_ask(peer, cases.posts, ours, assistant, bar) for peer in PEERS]
    if "retrieval" in figures:
        found.append(_bare_retrieval(cases, figures["retrieval"], assistant))
    return found


def _ask(peer: Peer, posts: Sequence[Post], ours: Mapping[str, Mapping], assistant: Assistant, bar: Bar) -> dict[str, Any]:
    try:
        read = peer.load(assistant)
        read("A first word.")
    except ImportError as error:
        return {"name": peer.name, "missing": f"not installed ({error.name or error}); pip install 'presend[peers]'"}
    except (LookupError, OSError) as error:
        return {"name": peer.name, "missing": " ".join(str(error).split())[:120]}
    bar.start(peer.name[:12], len(posts))
    said = []
    for post in posts:
        said.append(read(post.text))
        bar.step()
    bar.end()
    rows = []
    for rule in peer.rules:
        judged = [(float(s[rule]), rule in p.violations) for s, p in zip(said, posts, strict=True) if rule in p.violations or rule not in p.acceptable]
        least = 0.5 if peer.threshold is None else peer.threshold
        rows.append(_row(rule, "F1", _f1_at(judged, least), ours[rule]["f1"], peer.how))
        if peer.threshold is not None:
            rows.append(_row(rule, "F1, best in hindsight", best_f1(judged)[1], ours[rule]["f1"], "the threshold that suits these cases best"))
    return {"name": peer.name, "rows": rows}


def _row(what: str, figure: str, peer: float, ours: float, how: str) -> dict[str, Any]:
    return {"what": what, "figure": figure, "peer": peer, "ours": ours, "how": how}


def _f1_at(judged: Sequence[tuple[float, bool]], threshold: float) -> float:
    said = [score >= threshold for score, _ in judged]
    return f1(sum(s and right for s, (_, right) in zip(said, judged, strict=True)), sum(said), sum(right for _, right in judged))


def _proselint(assistant: Assistant) -> Callable[[str], Mapping[str, bool]]:
    from proselint.checks import __register__
    from proselint.registry import CheckRegistry
    from proselint.tools import LintFile

    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many(__register__)
    slips = ("spelling", "misc.capitalization", "lexical_illusions", "industrial_language.chatspeak")
    wordy = ("cliches", "industrial_language", "redundancy", "weasel_words", "archaism", "hedging", "needless_variants", "misc.illogic")

    def read(text: str) -> Mapping[str, bool]:
        paths = [result.check_result.check_path for result in LintFile(source="post", content=text).lint()]
        return {"spell-check": any(p.startswith(slips) for p in paths), "plain-language": any(p.startswith(wordy) for p in paths)}

    return read


def _harper(assistant: Assistant) -> Callable[[str], Mapping[str, bool]]:
    import harper

    linter = harper.Linter(dialect=harper.Dialect.BRITISH)
    return lambda text: {"spell-check": any(linter.lint(text))}


def _profanity(assistant: Assistant) -> Callable[[str], Mapping[str, float]]:
    from profanity_check import predict_prob

    return lambda text: {"no-offence": float(predict_prob([text])[0])}


def _vader(assistant: Assistant) -> Callable[[str], Mapping[str, float]]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def read(text: str) -> Mapping[str, float]:
        return dict.fromkeys(("no-offence", "no-criticism", "be-positive"), -analyser.polarity_scores(text)["compound"])

    return read


def _textstat(assistant: Assistant) -> Callable[[str], Mapping[str, float]]:
    # Flesch-Kincaid of the newest textstat wants a download; this index needs none
    import textstat

    return lambda text: {"plain-language": float(textstat.automated_readability_index(text))}


_LISTS = {"no-offence": "insults.tsv", "remain-impartial": "puffery.tsv", "separate-fact-from-opinion": "absolutes.tsv", "plain-language": "jargon.tsv"}


def _word_lists(assistant: Assistant) -> Callable[[str], Mapping[str, bool]]:
    import re

    from app.files import read_text

    patterns = {}
    for rule, name in _LISTS.items():
        rows = [line.split("\t")[0].strip() for line in read_text(assistant.guideline.folder / "words" / name).splitlines()[1:]]
        terms = sorted((re.escape(t) for t in rows if t and not t.startswith("#")), key=len, reverse=True)
        patterns[rule] = re.compile(rf"(?<!\w)(?:{'|'.join(terms)})(?!\w)", re.IGNORECASE)
    return lambda text: {rule: bool(pattern.search(text)) for rule, pattern in patterns.items()}


def _bare_retrieval(cases: Cases, ours: Mapping[str, Any], assistant: Assistant) -> dict[str, Any]:
    from app.files import model_folder
    from app.judge.encoder import Encoder
    from evals.retrieval import DEPTHS, by_meaning, in_scope, retrieval_figures

    encoder = Encoder(model_folder("encoder"))
    passages = [(p.id.rsplit(".", 1)[0], p.text) for p in assistant.guideline.passages.values()]
    theirs = retrieval_figures(by_meaning(encoder.encode, passages, in_scope(cases.questions)))
    how = "cosine of the question with each passage of the guideline"
    return {"name": "bare MiniLM retrieval", "rows": [_row("questions", f"recall@{k}", theirs[f"recall@{k}"], ours[f"recall@{k}"], how) for k in DEPTHS]}


PEERS = (
    Peer("proselint", "any advice on spelling and slips; on clichés, jargon and wordiness", ("spell-check", "plain-language"), _proselint),
    Peer("harper-py", "anything it says, as it comes, British", ("spell-check",), _harper),
    Peer("alt-profanity-check", "probability of 0.5 or more", ("no-offence",), _profanity, 0.5),
    Peer("vaderSentiment", "compound score of -0.05 or less", ("no-offence", "no-criticism", "be-positive"), _vader, NEGATIVE),
    Peer("textstat", "automated readability index of 12 or more", ("plain-language",), _textstat, SCHOOL_GRADE),
    Peer("bare word lists", "a listed word occurs, no exceptions", tuple(_LISTS), _word_lists),
)
