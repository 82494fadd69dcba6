"""Word lists: terms of one or several words, looked up by tokens so that a long list costs no more than a short one.

A list is a TSV file under words/ with a header line naming its columns: term, better, exception, source. A term that
ends in `*` also matches longer words. `exception` is a pattern, <<names>> filled in: a sentence that holds it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import CorpusError
from app.files import read_text
from app.guideline import Guideline

COLUMNS = ("term", "better", "exception", "source")
_TOKEN = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")
_LEET = str.maketrans({"1": "i", "!": "i", "3": "e", "4": "a", "@": "a", "0": "o", "5": "s", "$": "s", "7": "t", "+": "t"})
_LEET_TOKEN = re.compile(r"[A-Za-z0-9@$!*#%]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a word list; `words` is the term folded to lower-case tokens."""

    words: tuple[str, ...]
    open_end: bool
    better: str
    exception: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found at [start, end)."""

    start: int
    end: int
    term: Term


def fold(word: str) -> str:
    """Give a token in the form that lists are compared in."""
    return word.casefold().replace("’", "'")


def read_list(guideline: Guideline, name: str, where: str) -> list[Term]:
    """Read words/<name>. Raises CorpusError naming the file and line that is wrong."""
    path = guideline.folder / "words" / name
    if not path.exists():
        raise CorpusError(f"{where}: there is no word list {path}.")
    lines = read_text(path).splitlines()
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered or not set(numbered[0][1].split("\t")) <= set(COLUMNS):
        raise CorpusError(f"{path}: the first line must name the columns: {', '.join(COLUMNS)} (tabs between).")
    columns = numbered[0][1].split("\t")
    terms = []
    for number, line in numbered[1:]:
        cells = line.split("\t")
        if len(cells) > len(columns):
            raise CorpusError(f"{path}, line {number}: {len(cells)} columns, but the first line names {len(columns)}.")
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        place = f"{path}, line {number}"
        exception = guideline.organisation.expand(row.get("exception", ""), place)
        terms.append(term(row.get("term", ""), row.get("better", ""), exception, place))
    return terms


def term(words: str, better: str = "", exception: str = "", where: str = "") -> Term:
    """Build a term. Raises CorpusError naming `where` for an empty term or a bad exception pattern."""
    tokens = tuple(fold(token) for token in _TOKEN.findall(words))
    if not tokens:
        raise CorpusError(f"{where}: the term is empty.")
    try:
        pattern = re.compile(exception, re.IGNORECASE) if exception else None
    except re.error as error:
        raise CorpusError(f"{where}: the exception is not a valid pattern: {error}.") from None
    return Term(tokens, words.rstrip().endswith("*"), better, pattern)


class Lexicon:
    """Many terms, searched together; the longest term wins where several begin at one word."""

    def __init__(self, terms: list[Term], disguised: bool = False):
        self._by_first: dict[str, list[Term]] = {}
        self._open: list[Term] = []
        self._single = {t.words[0]: t for t in terms if len(t.words) == 1} if disguised else {}
        self.disguised = disguised
        for one in sorted(terms, key=lambda t: -len(t.words)):
            if one.open_end and len(one.words) == 1:
                self._open.append(one)
            else:
                self._by_first.setdefault(one.words[0], []).append(one)

    def search(self, text: str) -> Iterator[Hit]:
        """Give the hits in a text, left to right, never overlapping. Terms do not reach over a line or sentence end."""
        tokens = [(fold(m[0]), m.start(), m.end()) for m in _TOKEN.finditer(text)]
        position = 0
        while position < len(tokens):
            hit = self._at(text, tokens, position)
            if hit:
                yield hit
                while position < len(tokens) and tokens[position][1] < hit.end:
                    position += 1
            else:
                position += 1
        if self.disguised:
            yield from self._search_disguised(text)

    def _at(self, text: str, tokens: list[tuple[str, int, int]], position: int) -> Hit | None:
        word, start, _ = tokens[position]
        for one in self._by_first.get(word, ()):
            last = position + len(one.words) - 1
            if last >= len(tokens):
                continue
            run = tokens[position : last + 1]
            fits = all(a[0] == b for a, b in zip(run[:-1], one.words[:-1], strict=True))
            end_fits = run[-1][0].startswith(one.words[-1]) if one.open_end else run[-1][0] == one.words[-1]
            joined = all(re.fullmatch(r"[ \t\-‑–/]{1,3}", text[a[2] : b[1]]) for a, b in zip(run, run[1:], strict=False))
            if fits and end_fits and joined:
                return Hit(start, run[-1][2], one)
        for one in self._open:
            if word.startswith(one.words[0]):
                return Hit(start, tokens[position][2], one)
        return None

    def _search_disguised(self, text: str) -> Iterator[Hit]:
        """Find single words hidden by digits, signs or stars: 1d10t, id*ot, @ss."""
        for found in _LEET_TOKEN.finditer(text):
            raw = found[0].rstrip("!")
            if len(raw) < 3 or raw.isalpha() or not re.search(r"[A-Za-z@$]", raw):
                continue
            plain = raw.translate(_LEET).casefold()
            if re.search(r"[*#%]", plain):
                if plain[0] in "*#%":
                    continue
                shape = re.compile(re.sub(r"[*#%]", r"\\w", re.escape(plain).replace(r"\*", "*").replace(r"\#", "#").replace(r"\%", "%")))
                one = next((t for word, t in self._single.items() if shape.fullmatch(word)), None)
            else:
                one = self._single.get(plain)
            if one:
                yield Hit(found.start(), found.start() + len(raw), one)
