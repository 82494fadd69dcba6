"""The cases of an evaluation: typed records read from JSON lines, every error with its file and line."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from app.errors import CorpusError
from app.records import ACCOUNTS, ANSWERS, VERDICTS

EXPECTATIONS = ("found", "not-found")


@dataclass(frozen=True, slots=True)
class Post:
    """A draft with its labels; see cases/SCHEMA-posts.md for what each field means."""

    id: str
    voice: str
    platform: str
    account: str
    audience: str
    text: str
    violations: tuple[str, ...]
    acceptable: tuple[str, ...]
    verdict: str
    evidence: Mapping[str, str]
    keep: tuple[str, ...]
    gone: tuple[str, ...]
    hard: bool
    pair: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the decision, the entries that carry it (`rules`), and further ones that may be cited (`also`)."""

    id: str
    voice: str
    question: str
    answer: str
    rules: tuple[str, ...]
    also: tuple[str, ...]
    conditions: tuple[str, ...]
    draft: str | None
    note: str


@dataclass(frozen=True, slots=True)
class ProfileCase:
    """Somebody who wants a bio, and the rules for which a wish of theirs must be declined."""

    id: str
    name: str
    role: str
    interests: tuple[str, ...]
    wishes: str
    declines: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ExistingBio:
    """A profile that exists already: the rules it breaks, and the field (bio, handle, display_name) that breaks each."""

    id: str
    bio: str
    handle: str
    display_name: str
    violations: tuple[str, ...]
    field: Mapping[str, str]
    verdict: str
    note: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """One post of a contrast function: `rule` is to be found or not; without a rule only the verdict is asked."""

    function: str
    id: str
    platform: str
    account: str
    text: str
    rule: str | None
    expect: str
    verdict: str
    note: str


@dataclass(frozen=True, slots=True)
class Function:
    """A contrast function after HateCheck (Röttger et al. 2021): one skill, and the posts that test it."""

    name: str
    title: str
    why: str
    cases: tuple[Contrast, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases of a folder. The second labellings map a case's id to what the second reading said."""

    posts: tuple[Post, ...]
    questions: tuple[Question, ...]
    profiles: tuple[ProfileCase, ...]
    bios: tuple[ExistingBio, ...]
    functions: tuple[Function, ...]
    posts_second: Mapping[str, tuple[str, ...]]
    questions_second: Mapping[str, tuple[str, tuple[str, ...]]]


def load_cases(folder: Path, known: Sequence[str]) -> Cases:
    """Read a folder of cases; `known` are the guideline's entries.

    Raises CorpusError, naming file and line, for a file that is missing, a field that is absent, unknown or of the
    wrong kind, an id used twice, a rule that the guideline lacks, or evidence that is not in the text.
    """
    reader = _Reader(set(known))
    functions = tuple(reader.function(path) for path in sorted((folder / "functions").glob("*.jsonl")))
    return Cases(
        posts=reader.records(folder / "posts.jsonl", Post),
        questions=reader.records(folder / "questions.jsonl", Question),
        profiles=reader.records(folder / "profiles.jsonl", ProfileCase),
        bios=reader.records(folder / "bios.jsonl", ExistingBio),
        functions=functions,
        posts_second={r["id"]: tuple(r["violations"]) for _, r in lines(folder / "posts-second.jsonl")},
        questions_second={r["id"]: (r["answer"], tuple(r["rules"])) for _, r in lines(folder / "questions-second.jsonl")},
    )


def sample(cases: Cases, limit: int | None, seed: int) -> Cases:
    """Draw at most `limit` cases of every kind (of every function, one in ten of that, at least one), in file order."""
    if limit is None:
        return cases

    def draw(items: tuple, most: int) -> tuple:
        picked = sorted(random.Random(seed).sample(range(len(items)), min(most, len(items))))
        return tuple(items[i] for i in picked)

    few = max(1, limit // 10)
    functions = tuple(Function(f.name, f.title, f.why, draw(f.cases, few)) for f in cases.functions)
    drawn = [draw(getattr(cases, name), limit) for name in ("posts", "questions", "profiles", "bios")]
    return Cases(*drawn, functions, cases.posts_second, cases.questions_second)


def lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give ("file:line", object) for each line of a JSON-lines file. Raises CorpusError naming file and line."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read ({error}). The evaluation needs it.") from None
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{where} is not JSON: {error.msg} at column {error.colno}.") from None
        if not isinstance(record, dict):
            raise CorpusError(f"{where} must be a JSON object.")
        yield where, record


class _Reader:
    """Builds typed records and remembers the ids that it has seen."""

    def __init__(self, known: set[str]):
        self._known = known
        self._seen: dict[str, str] = {}

    def records(self, path: Path, kind: type) -> tuple:
        return tuple(self._record(where, record, kind) for where, record in lines(path))

    def function(self, path: Path) -> Function:
        rows = list(lines(path))
        if not rows or set(rows[0][1]) != {"function", "title", "why"}:
            raise CorpusError(f"{path}:1 must hold exactly: function, title, why.")
        head = rows[0][1]
        cases = tuple(self._record(where, record, Contrast) for where, record in rows[1:])
        return Function(head["function"], head["title"], head["why"], cases)

    def _record(self, where: str, record: dict[str, Any], kind: type):
        built = build(kind, record, where)
        if built.id in self._seen:
            raise CorpusError(f"{where}: the id '{built.id}' is already used at {self._seen[built.id]}.")
        self._seen[built.id] = where
        self._check(built, where)
        return built

    def _check(self, case, where: str) -> None:
        named: list[str] = []
        for name in ("violations", "acceptable", "rules", "also", "declines", "evidence"):
            named += list(getattr(case, name, ()))
        if getattr(case, "rule", None):
            named.append(case.rule)
        for rule in named:
            if rule not in self._known:
                raise CorpusError(f"{where}: '{rule}' is no rule or advice of the guideline.")
        allowed = {"verdict": VERDICTS, "answer": ANSWERS, "account": ACCOUNTS, "expect": EXPECTATIONS}
        for name, values in allowed.items():
            value = getattr(case, name, values[0])
            if value not in values:
                raise CorpusError(f"{where}: {name} is '{value}'; it must be one of: {', '.join(values)}.")
        if isinstance(case, Post):
            for words in (*case.evidence.values(), *case.keep, *case.gone):
                if words not in case.text:
                    raise CorpusError(f"{where}: “{words}” is not in the text.")


def build(kind: type, record: Mapping[str, Any], where: str):
    """Make a dataclass from a JSON object. Raises CorpusError naming `where` and the field that does not fit."""
    hints = get_type_hints(kind)
    names = {f.name for f in fields(kind)}
    for name in sorted(names ^ set(record)):
        raise CorpusError(f"{where}: the field '{name}' is {'missing' if name in names else 'unknown'}.")
    values = {}
    for name, value in record.items():
        wanted, test = _KINDS[str(hints[name])]
        if not test(value):
            raise CorpusError(f"{where}: '{name}' must be {wanted}, not {json.dumps(value, ensure_ascii=False)[:60]}.")
        values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_KINDS = {
    str(str): ("a text", _is_text),
    str(bool): ("true or false", lambda v: isinstance(v, bool)),
    str(str | None): ("a text or null", lambda v: v is None or _is_text(v)),
    str(tuple[str, ...]): ("a list of texts", lambda v: isinstance(v, list) and all(map(_is_text, v))),
    str(Mapping[str, str]): ("an object of texts", lambda v: isinstance(v, dict) and all(map(_is_text, v.values()))),
}
