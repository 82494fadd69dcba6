"""Names of people, bodies and products: runs of capitalised words that are not merely the start of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.text.sentences import sentences

_LETTERS = r"[\w\u0300-\u036f]"
_WORD = re.compile(rf"[^\W\d_]{_LETTERS}*+(?:['’\-]{_LETTERS}++)*+")
_POSSESSIVE = re.compile(r"['’]s?\Z")
# A word behind one of these marks may be capitalised only because something begins there.
_OPENING = re.compile(r"[:\"“‘«(\[•*>—–-]\s*\Z")
_PARTICLES = frozenset("de da do dos das du van von der den del della di la le bin ibn al el ter ten of the".split())
_LEADING = frozenset("van von der den de del della di da dos ter ten bin ibn".split())  # also before the first capital
_TITLES = frozenset("Mr Mrs Ms Mx Dr Prof St Rev Hon".split())
_PRONOUNS = frozenset("i i'm i'd i'll i've i’m i’d i’ll i’ve ok".split())
_MOST_PARTICLES = 3
_SHOUTING = 3  # so many words in capitals in a row are shouting, no acronyms
# Words that begin a sentence much more often than a name.
_OPENERS = frozenset(
    "the a an this that these those it it's it’s they he she we you i in on at to for from with by of as if when while after "
    "before since and but or so our my your his her their its all every no not yes most some any one two three what why how "
    "who where which there here happy thanks thank congratulations congrats great good new today yesterday tomorrow tonight "
    "last next please dear hello hi hey just now proud join read see did do does don't don’t is are was were has have had can "
    "can't can’t could will would should may might let let's let’s meet ask about over under only even still also more many "
    "few each both another such then than well oh ah sorry once first second finally maybe perhaps nobody everyone "
    "everybody somebody someone anyone anybody nothing everything something never always sometimes honestly actually "
    "looking big huge very really because though although until unless during between without within be been am".split()
)


def names(text: str) -> list[tuple[int, int]]:
    """(start, end) of each name in `text`, in order; a possessive 's is not part of it.

    A single capitalised word at the start of a sentence counts only when the text has it inside a sentence, too;
    of "Follow Anna Meyer" only the name stays when the text has that elsewhere.
    """
    sure, opening = [], []
    for start, end in sentences(text):
        for begin, stop, opens in _runs(text, start, end):
            (opening if opens else sure).append((begin, stop))
    known = {text[a:b] for a, b in sure}
    for start, end in opening:
        rest = text.find(" ", start, end) + 1
        if not rest:
            sure += [(start, end)] if text[start:end] in known else []
        else:
            sure.append((rest, end) if text[rest:end] in known else (start, end))
    return sorted(sure)


def _runs(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, whether it begins the sentence) for the runs of one sentence."""
    run: list[re.Match[str]] = []
    pending = 0  # particles at the end of the run, which only a further capitalised word makes part of it
    for word in _WORD.finditer(text, start, end):
        capitalised = _capitalised(word[0])
        if run and not (_joined(text, run[-1], word) and (capitalised or word[0] in _PARTICLES and pending < _MOST_PARTICLES)):
            yield from _name(text, run[: len(run) - pending], start)
            run, pending = [], 0
        if capitalised:
            run.append(word)
            pending = 0
        elif run or word[0] in _LEADING:
            run.append(word)
            pending += 1
    yield from _name(text, run[: len(run) - pending], start)


def _capitalised(word: str) -> bool:
    """Whether a word is written like a name: Anna, O'Brien, NATO, iPhone, d'Angelo."""
    return word.casefold() not in _PRONOUNS and not word.islower() and (word[0].isupper() or any(c.isupper() for c in word[1:]))


def _joined(text: str, one: re.Match[str], two: re.Match[str]) -> bool:
    gap = text[one.end() : two.start()]
    if gap in (" ", "\u00a0"):
        return _POSSESSIVE.search(one[0]) is None
    return gap in (". ", ".") and (len(one[0]) == 1 or one[0] in _TITLES)


def _name(text: str, run: list[re.Match[str]], sentence: int) -> Iterator[tuple[int, int, bool]]:
    if not run:
        return
    capitals = [word for word in run if len(word[0]) > 1 and word[0].isupper()]
    if len(capitals) >= _SHOUTING and len(capitals) == len(run):
        return
    opens = _at_start(text, run[0].start(), sentence)
    first = 0
    while first < len(run) and (opens or run[first][0].isupper()) and run[first][0].casefold() in _OPENERS:
        first, opens = first + 1, False
    while first < len(run) and run[first][0] in _PARTICLES - _LEADING:
        first += 1
    run = run[first:]
    if not any(word[0] not in _LEADING and len(word[0]) > 1 for word in run):
        return
    start, end = run[0].start(), run[-1].end()
    if possessive := _POSSESSIVE.search(text, start, end):
        end = possessive.start()
    acronym = len(run) == 1 and run[0][0].isupper()
    yield start, end, opens and not acronym


def _at_start(text: str, at: int, sentence: int) -> bool:
    before = text[max(sentence, at - 4) : at]
    return at - sentence < 4 and not any(c.isalnum() for c in before) or _OPENING.search(before) is not None
