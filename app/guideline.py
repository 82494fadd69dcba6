"""A corpus folder as a Guideline: its text, passages, rules, advice and the facts of the organisation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.errors import CorpusError
from app.files import read_text
from app.records import FIELDS, LEVELS, Passage

APPLIES_TO = (*FIELDS, "question")
RULE_KEYS = {"title", "level", "level_on", "applies_to", "quotes", "ask_model", "explain", "suggest", "fix", "answer", "find"}
FIXES = ("", "swap", "drop-sentence", "drop-words", "trim", "own-voice", "soften", "opinion", "lower-case", "shorten", "ask-author")
ANSWER_KEYS = {"yes", "yes-if", "no", "ask", "conditions"}


@dataclass(frozen=True, slots=True)
class Example:
    """A post in a rule file. `spans` are the marked words (none in a fine example), offsets into `text`."""

    text: str
    spans: tuple[tuple[int, int], ...]
    platform: str = "linkedin"
    account: str = "personal"
    field: str = "post"


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule or an advice: one file of the corpus.

    `level` is empty for an advice. `find` holds the matcher tables as written; `path` names the file in errors.
    """

    id: str
    title: str
    level: str
    applies_to: tuple[str, ...]
    passages: tuple[str, ...]
    ask_model: str
    explain: str
    suggest: str
    fix: str
    help: str
    level_on: Mapping[str, str]
    answer: Mapping[str, object]
    find: tuple[Mapping[str, object], ...]
    breaks: tuple[Example, ...]
    fine: tuple[Example, ...]
    path: Path

    def level_for(self, field: str) -> str:
        """Give the level that the rule has on a field, for instance 'must' on a bio."""
        return self.level_on.get(field, self.level)


@dataclass(frozen=True)
class Organisation:
    """The facts of organisation.toml."""

    title: str
    name: str
    full_name: str
    aliases: tuple[str, ...]
    handles: tuple[str, ...]
    main_handle: str
    domains: tuple[str, ...]
    spokespersons: tuple[str, ...]
    contacts: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    vocabulary: tuple[str, ...]
    known_acronyms: frozenset[str]
    licence: str
    patterns: Mapping[str, str]

    def expand(self, pattern: str, where: str) -> str:
        """Replace <<name>> in a rule's pattern by the organisation's names or by a named pattern of patterns.toml.

        Raises CorpusError naming `where` for an unknown name.
        """

        def one(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self._named:
                raise CorpusError(f"{where}: <<{name}>> is unknown. Known are: {', '.join(sorted(self._named))}.")
            inner = self._named[name]
            return inner if "<<" not in inner else self.expand(inner, where)

        return re.sub(r"<<([\w-]+)>>", one, pattern)

    @cached_property
    def _named(self) -> dict[str, str]:
        lists = {"org": self.aliases, "handles": self.handles, **self.groups}
        return {name: _alternatives(words) for name, words in lists.items()} | dict(self.patterns)


def _alternatives(words: tuple[str, ...]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(rf"(?<!\w){re.escape(w)}(?!\w)" for w in ordered) + ")"


@dataclass(frozen=True)
class Guideline:
    """The whole corpus folder. `entries` are rules, then advice, each keyed by its id (the file's name)."""

    folder: Path
    text: str
    organisation: Organisation
    passages: Mapping[str, Passage]
    rules: Mapping[str, Entry]
    advice: Mapping[str, Entry]

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Rules and advice together."""
        return {**self.rules, **self.advice}

    def locate(self, quote: str) -> tuple[int, int]:
        """Give the offsets of `quote` in the text, white space aside. Raises CorpusError when it is not there."""
        return locate(self.text, quote)

    def passages_of(self, entry: str) -> list[Passage]:
        """Give the passages that an entry quotes."""
        return [self.passages[p] for p in self.entries[entry].passages]


def locate(text: str, quote: str) -> tuple[int, int]:
    """Give (start, end) of `quote` in `text`, any white space equal to any other. Raises CorpusError if absent."""
    words = quote.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    if not found:
        raise CorpusError(f"The quote is not in the guideline: “{quote}”")
    return found.span()


def load_guideline(folder: Path) -> Guideline:
    """Read a corpus folder. Raises CorpusError naming the file and the key or line that is wrong."""
    text = read_text(folder / "guideline.md")
    passages: dict[str, Passage] = {}
    loaded: dict[str, dict[str, Entry]] = {"rules": {}, "advice": {}}
    for part, entries in loaded.items():
        for path in sorted((folder / part).glob("*.md")):
            entry, quotes = _read_entry(path, is_rule=part == "rules")
            if entry.id in loaded["rules"]:
                raise CorpusError(f"{path}: '{entry.id}' is already the name of a rule. Rename this file.")
            for name, quote in zip(entry.passages, quotes, strict=True):
                passages[name] = _passage(text, name, quote, path)
            entries[entry.id] = entry
    if not loaded["rules"]:
        raise CorpusError(f"{folder / 'rules'} holds no rule file (*.md).")
    return Guideline(folder, text, _read_organisation(folder), passages, loaded["rules"], loaded["advice"])


def _passage(text: str, name: str, quote: str, path: Path) -> Passage:
    try:
        start, end = locate(text, quote)
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from None
    headings = re.findall(r"(?m)^#+ (.+)$", text[:start])
    return Passage(name, headings[-1] if headings else "", text[start:end], start, end)


def _read_toml(text: str, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path}: the settings at the top are not valid TOML: {error}.") from None


def _read_entry(path: Path, is_rule: bool) -> tuple[Entry, list[str]]:
    parts = re.split(r"(?m)^\+\+\+[ \t]*\n", read_text(path) + "\n", maxsplit=2)
    if len(parts) != 3 or parts[0].strip():
        raise CorpusError(f"{path} must begin with a line '+++', settings, and a second line '+++'.")
    head = _read_toml(parts[1], path)
    unknown = set(head) - RULE_KEYS
    if unknown:
        raise CorpusError(f"{path}: unknown setting '{sorted(unknown)[0]}'. Known are: {', '.join(sorted(RULE_KEYS))}.")
    for key, kind in (("applies_to", list), ("find", list), ("answer", dict), ("level_on", dict)):
        if not isinstance(head.get(key, kind()), kind):
            raise CorpusError(f"{path}: '{key}' must be a {'list' if kind is list else 'table'}.")
    level = _one_of(head.get("level", ""), LEVELS if is_rule else ("",), f"{path}: level")
    applies = tuple(head.get("applies_to", ["post", "question"] if is_rule else ["question"]))
    for field in applies:
        _one_of(field, APPLIES_TO, f"{path}: applies_to")
    quotes = head.get("quotes")
    if not isinstance(quotes, list) or not quotes or not all(isinstance(q, str) for q in quotes):
        raise CorpusError(f"{path}: 'quotes' must be a list with at least one sentence of the guideline.")
    answer = head.get("answer", {})
    for key in answer:
        _one_of(key, tuple(sorted(ANSWER_KEYS)), f"{path}: [answer]")
    level_on = head.get("level_on", {})
    for field, value in level_on.items():
        _one_of(field, APPLIES_TO, f"{path}: level_on")
        _one_of(value, LEVELS, f"{path}: level_on.{field}")
    body = parts[2]
    helptext, breaks, fine = _read_body(body, path)
    entry = Entry(
        id=path.stem,
        title=str(head.get("title") or path.stem),
        level=level,
        applies_to=applies,
        passages=tuple(f"{path.stem}.{n}" for n in range(1, len(quotes) + 1)),
        ask_model=str(head.get("ask_model", "")),
        explain=str(head.get("explain", "")),
        suggest=str(head.get("suggest", "")),
        fix=_one_of(head.get("fix", ""), FIXES, f"{path}: fix"),
        help=helptext,
        level_on=level_on,
        answer=answer,
        find=tuple(head.get("find", ())),
        breaks=breaks,
        fine=fine,
        path=path,
    )
    return entry, quotes


def _one_of(value: object, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise CorpusError(f"{where} is '{value}', and must be one of: {', '.join(a or '(nothing)' for a in allowed)}.")
    return str(value)


def _read_body(body: str, path: Path) -> tuple[str, tuple[Example, ...], tuple[Example, ...]]:
    sections = re.split(r"(?m)^## (.+)\n", body)
    found: dict[str, tuple[Example, ...]] = {"Breaks it": (), "Fine": ()}
    for title, content in zip(sections[1::2], sections[2::2], strict=True):
        _one_of(title.strip(), tuple(found), f"{path}: the heading")
        found[title.strip()] = tuple(_example(line[2:], path) for line in content.splitlines() if line.startswith("- "))
    for example in found["Breaks it"]:
        if not example.spans:
            raise CorpusError(f"{path}: mark the words that break the rule with « » in “{example.text}”.")
    return sections[0].strip(), found["Breaks it"], found["Fine"]


def _example(line: str, path: Path) -> Example:
    """Read one bullet: optional [platform, account, field] in front, « » around the words, \\n for a new line."""
    where: dict[str, str] = {}
    tag = re.match(r"\[([a-z_, ]+)\] ", line)
    if tag:
        line = line[tag.end() :]
        for word in tag[1].split(","):
            word = word.strip()
            key = "account" if word in ("personal", "official") else "field" if word in APPLIES_TO else "platform"
            where[key] = word
    line = line.strip().replace("\\n", "\n")
    spans, text, opened = [], "", None
    for char in line:
        if char == "«":
            opened = len(text)
        elif char == "»" and opened is not None:
            spans.append((opened, len(text)))
            opened = None
        else:
            text += char
    if opened is not None:
        raise CorpusError(f"{path}: a « without its » in “{line}”.")
    return Example(text, tuple(spans), **where)


def _read_organisation(folder: Path) -> Organisation:
    path = folder / "organisation.toml"
    facts = _read_toml(read_text(path), path)
    patterns_path = folder / "words" / "patterns.toml"
    patterns = _read_toml(read_text(patterns_path), patterns_path) if patterns_path.exists() else {}
    try:
        language = facts["language"]
        return Organisation(
            title=facts["title"],
            name=facts["name"],
            full_name=facts["full_name"],
            aliases=tuple(facts["aliases"]),
            handles=tuple(facts["handles"]),
            main_handle=facts["main_handle"],
            domains=tuple(facts["domains"]),
            spokespersons=tuple(facts["spokespersons"]),
            contacts=facts["contacts"],
            groups={name: tuple(words) for name, words in facts["groups"].items()},
            vocabulary=tuple(language["vocabulary"]),
            known_acronyms=frozenset(language["known_acronyms"]),
            licence=facts["licence"],
            patterns=patterns,
        )
    except (KeyError, TypeError) as error:
        raise CorpusError(f"{path}: {error} is missing or has the wrong form.") from None
