"""Teaching examples for the judge: labelled posts and questions of a corpus, read into plain records.

A post's labels: `violations` must be found, `acceptable` may be found or not (they count neither way),
everything else is fine. A post is to be stopped when its verdict is not "ready". Voices (the letter of the
brief that a post was written from) are what is held out: posts of one voice share too much to test each other.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import CorpusError
from app.guideline import Entry

STOP = "stop"
RULES = "rule files"
WISH = "wish"  # the platform of wishes for a bio, which are taught and read like posts
MASKED = -1.0


@dataclass(frozen=True, slots=True)
class Post:
    """A labelled post. `evidence` maps a violated rule to the (start, end) of the words that break it."""

    id: str
    voice: str
    text: str
    platform: str
    account: str
    violations: tuple[str, ...]
    acceptable: tuple[str, ...]
    evidence: dict[str, tuple[int, int]]
    stop: bool
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A labelled question: its five-way answer and the entries that carry it, most important first."""

    id: str
    voice: str
    text: str
    answer: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The order of the judge's outputs. `blocking` are the rules that stop a post."""

    rules: tuple[str, ...]
    blocking: tuple[str, ...]
    entries: tuple[str, ...]
    answers: tuple[str, ...]


def spelled(text: str) -> tuple[str, list[int]]:
    """The text with emoji and other symbols written as their Unicode names, which the encoder's vocabulary has words for.

    Below U+2190 stand the signs of ordinary print (©, °, ™), which say nothing of a mood.

    Gives also, for each character of the result, the offset in `text` that it comes from (never falling).
    """
    parts, origins = [], []
    for offset, character in enumerate(text):
        part = character
        if character > "\u2190" and unicodedata.category(character) == "So":
            part = f" {unicodedata.name(character, '').lower()} "
        parts.append(part)
        origins.extend([offset] * len(part))
    return "".join(parts), origins


def post_input(text: str, platform: str, account: str) -> str:
    """What the encoder reads for a post: where it goes and who speaks, then its words."""
    return f"{account} {platform}: {text}"


def question_input(text: str) -> str:
    """What the encoder reads for a question."""
    return f"question: {text}"


def read_posts(folder: Path) -> list[Post]:
    """All posts of `folder`/posts-*.jsonl, then the wishes of wishes-*.jsonl, in file order, near duplicates left out.

    Raises CorpusError naming file and line when a line is not a labelled post or its evidence is not in its text.
    """
    posts: list[Post] = []
    seen: set[str] = set()
    for path in (*sorted(folder.glob("posts-*.jsonl")), *sorted(folder.glob("wishes-*.jsonl"))):
        for number, row in _rows(path):
            try:
                post = _post(row, path.stem.split("-", 1)[1])
            except (KeyError, TypeError, ValueError) as error:
                raise CorpusError(f"{path.name} line {number}: not a labelled post ({error}).") from error
            key = "".join(c for c in post.text.casefold() if c.isalnum())
            if key not in seen:
                seen.add(key)
                posts.append(post)
    if not posts:
        raise CorpusError(f"{folder} holds no posts-*.jsonl with labelled posts.")
    return posts


def _post(row: dict, voice: str) -> Post:
    text = row["text"]
    if not isinstance(text, str):
        raise TypeError("the text is not a string")
    evidence = {}
    for rule, words in row.get("evidence", {}).items():
        start = text.index(words)
        evidence[rule] = (start, start + len(words))
    return Post(row["id"], row.get("voice") or voice, text, row["platform"], row["account"],
                tuple(row["violations"]), tuple(row.get("acceptable", ())), evidence,
                row["verdict"] != "ready", row.get("pair"))


def rule_posts(rules: Iterable[Entry]) -> list[Post]:
    """The posts among the rule files' own examples, as voice RULES.

    What breaks one rule may break others, so these are masked; what is fine is taken to be fine altogether.
    """
    rules = list(rules)
    names, posts = [rule.id for rule in rules], []
    for rule in rules:
        for number, example in enumerate((*rule.breaks, *rule.fine)):
            if example.field == "post":
                broken = number < len(rule.breaks)
                others = tuple(name for name in names if name != rule.id) if broken else ()
                posts.append(Post(f"{rule.id}-{number}", RULES, example.text, example.platform, example.account,
                                  (rule.id,) if broken else (), others, {rule.id: example.spans[0]} if broken else {},
                                  broken and rule.level != "should"))
    return posts


def read_questions(paths: Iterable[Path]) -> list[Question]:
    """All questions of the given .jsonl files.

    Raises CorpusError naming file and line when a line lacks a field.
    """
    questions: list[Question] = []
    for path in paths:
        for number, row in _rows(path):
            try:
                questions.append(Question(row["id"], row.get("voice", ""), row["question"], row["answer"],
                                          tuple(row["rules"])))
            except (KeyError, TypeError) as error:
                raise CorpusError(f"{path.name} line {number}: not a labelled question ({error}).") from error
    return questions


def _rows(path: Path) -> Iterable[tuple[int, dict]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise CorpusError(f"{path.name} line {number}: not JSON ({error}).") from error


def labels(posts: Sequence[Post], questions: Sequence[Question]) -> Labels:
    """The outputs that these examples can teach, in a fixed order.

    A rule blocks when no post that is ready violates it.
    """
    rules = sorted({rule for post in posts for rule in post.violations})
    mild = {rule for post in posts if not post.stop for rule in post.violations}
    return Labels(tuple(rules), tuple(r for r in rules if r not in mild),
                  tuple(sorted({e for q in questions for e in q.entries})),
                  tuple(sorted({q.answer for q in questions})))


def post_targets(post: Post, known: Labels) -> list[float]:
    """One target per rule, then "stop": 1, 0, or MASKED where either reading is accepted."""
    row = [1.0 if rule in post.violations else MASKED if rule in post.acceptable else 0.0 for rule in known.rules]
    return [*row, float(post.stop)]


def question_targets(question: Question, known: Labels) -> list[float]:
    """One target per entry, then one per answer."""
    return [float(e in question.entries) for e in known.entries] + [float(a == question.answer) for a in known.answers]


def data_hash(posts: Sequence[Post], questions: Sequence[Question]) -> str:
    """Twelve hex digits that change with any text or label of the teaching material."""
    digest = hashlib.sha256()
    for item in (*posts, *questions):
        digest.update(repr(item).encode())
    return digest.hexdigest()[:12]
