"""Links, hashtags and mentions as X (Twitter) recognises them, and the weighted length of a post.

An own implementation of the rules that the twitter-text conformance suite pins down
(https://github.com/twitter/twitter-text, configuration v3). Every scan runs in time linear in the text.
All spans are (start, end) code-point offsets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

LIMIT = 280
URL_LENGTH = 23
EMOJI_LENGTH = 2
# Code points that weigh 1; every other one weighs 2 (configuration v3, `ranges`).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

_MAX_URL = 4096
_MAX_DOMAIN = 253  # RFC 1035
_MAX_LABEL = 63
_MAX_TCO_SLUG = 40

_SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NONCHARS = "\ufffe\ufeff\uffff"
_LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263"
    "\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_PATH_LETTERS = rf"a-zA-Z\u0400-\u04ff0-9{_LATIN}"
_PATH_CHARS = rf"{_PATH_LETTERS}!*';:=+,.$/%#\[\]\-\u2013_~@|&"
_QUERY_CHARS = r"a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|"

# A run of characters that domains are made of: anything but punctuation, spaces and direction marks, and ". _ -".
_RUN = re.compile(rf"[^!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~$。！？{_SPACES}{_DIRECTION}{_NONCHARS}]+")
_LABEL = re.compile(r"[^._-](?:[^.]*[^._-])?\Z")
_PROTOCOL = re.compile(r"https?://\Z", re.IGNORECASE)
_PORT = re.compile(r":[0-9]+")
_BALANCED = rf"\([{_PATH_CHARS}]*+(?:\([{_PATH_CHARS}]++\)[{_PATH_CHARS}]*+)?\)"
_PATH = re.compile(rf"/(?:[{_PATH_CHARS}]++|{_BALANCED})*+")
_PATH_END = re.compile(rf"[{_PATH_LETTERS}=_#/+\-)]")
_QUERY = re.compile(rf"\?[{_QUERY_CHARS}]*+")
_QUERY_END = re.compile(r"[a-zA-Z0-9\-_&=#/]")
_TCO = re.compile(
    rf"https?://t\.co/([a-z0-9]+)(?:\?[{_QUERY_CHARS}]*[a-zA-Z0-9\-_&=#/])?",
    re.IGNORECASE,
)
_ASCII_TAIL = re.compile(rf"[\-a-zA-Z0-9{_LATIN}]+\Z")
_ASCII_TLD = re.compile(r"[a-z0-9]+(?:-[a-z0-9-]*)?", re.IGNORECASE)

# Where a mention may begin, with its @, and what may not follow one.
MENTION_START = (
    r"(?:(?<![a-zA-Z0-9_!#$%&*@\uff20])|(?<=^[Rr][Tt])|(?<=^[Rr][Tt]:)|(?<=[^a-zA-Z0-9_+~.\-][Rr][Tt])"
    r"|(?<=[^a-zA-Z0-9_+~.\-][Rr][Tt]:))[@\uff20]"
)
MENTION_END = rf"(?![@\uff20{_LATIN}]|://)"
_MENTION = re.compile(rf"{MENTION_START}([a-zA-Z0-9_]{{1,20}})(?![a-zA-Z0-9_])(/[a-zA-Z][a-zA-Z0-9_\-]{{0,24}})?{MENTION_END}")
_HASH = re.compile("[#\uff03](?!\ufe0f|\u20e3)")
_TAG_SPECIAL = frozenset("_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7")


@cache
def _tlds() -> tuple[frozenset[str], dict[str, list[str]]]:
    """The top-level domains: all that are ASCII, and the others by first letter with the longest first."""
    lines = resources.files("app.text").joinpath("data/tlds.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    wide: dict[str, list[str]] = {}
    for name in sorted((n for n in names if not n.isascii()), key=len, reverse=True):
        wide.setdefault(name[0], []).append(name)
    return frozenset(n for n in names if n.isascii()), wide


def _tld_length(label: str, following: str) -> int:
    """How many characters at the start of `label` are a top-level domain; `following` is what comes after the label."""
    narrow, wide = _tlds()
    length = 0
    if match := _ASCII_TLD.match(label):
        word = match.group().lower()
        if word in narrow or (word.startswith("xn--") and len(word) > 4):
            length = match.end()
    else:
        length = next((len(name) for name in wide.get(label[:1], ()) if label.startswith(name)), 0)
    after = label[length : length + 1] or following
    return 0 if after and after in "@+-" or after.isascii() and after.isalnum() else length


def _fits_dns(label: str) -> bool:
    if len(label) > _MAX_LABEL:
        return False
    if label.isascii():
        return True
    return label[:4].lower() != "xn--" and len(label.encode("punycode")) + 4 <= _MAX_LABEL


def _domain_end(run: str, start: int, following: str) -> tuple[int, int]:
    """The longest domain name that begins at `start` in a run of domain characters.

    Gives its end, -1 where there is none, and the offset behind which another may begin when there is none.
    """
    end = -1
    limit = start + _MAX_DOMAIN
    while start < len(run):
        dot = run.find(".", start, limit)
        if dot < 0:
            break
        label = run[start:dot]
        if not _fits_dns(label) or not _LABEL.match(label):
            break
        start = dot + 1
        stop = run.find(".", start, start + _MAX_LABEL + 1)
        final = run[start:stop] if stop >= 0 else run[start : start + _MAX_LABEL + 1]
        after = "." if stop >= 0 else run[start + len(final) : start + len(final) + 1] or following
        if "_" not in label and (length := _tld_length(final, after)):
            end = start + length
    return end, start


def _ascii_domains(run: str, start: int, end: int, following: str) -> list[tuple[int, int]]:
    """The ASCII domains inside a domain that was written without a protocol, as in "例example.com"."""
    found = []
    at = start
    while at < end:
        dot = run.find(".", at, end)
        if dot < 0:
            break
        first = _ASCII_TAIL.search(run, at, dot)
        at = dot + 1
        if not first:
            continue
        last = -1
        while True:
            stop = run.find(".", at, end)
            label = run[at : stop if stop >= 0 else end]
            if length := _tld_length(label, "." if stop >= 0 else following if end == len(run) else run[end]):
                last = at + length
            whole = _ASCII_TAIL.match(label) is not None
            if stop < 0 or not whole:
                break
            at = stop + 1
        if last >= 0:
            found.append((first.start(), last))
            at = max(at, last)
    return found


def _tail_end(text: str, end: int) -> tuple[int, bool]:
    """End of the port, path and query that follow a domain, and whether there is a path."""
    if match := _PORT.match(text, end):
        end = match.end()
    has_path = False
    if match := _PATH.match(text, end):
        has_path = True
        stop = match.end()
        while not _PATH_END.match(text, stop - 1):
            stop -= 1
        end = stop
    if match := _QUERY.match(text, end):
        stop = match.end()
        while stop > end + 1 and not _QUERY_END.match(text, stop - 1):
            stop -= 1
        if stop > end + 1:
            end = stop
    return end, has_path


def _barred(char: str) -> bool:
    """Whether no link may begin right after this character."""
    return char in "@\uff20$#\uff03" or char in _NONCHARS or char.isascii() and char.isalnum()


def _links(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while match := _RUN.search(text, at):
        run, base = match.group(), match.start()
        # A link never begins right behind another one: the character between them belongs to neither.
        first = 1 if at and base == at else 0
        at = match.end()
        if "." not in run:
            continue
        following = text[at : at + 1]
        protocol = None if first else _PROTOCOL.search(text, max(0, base - 8), base)
        if protocol and not (protocol.start() and _barred(text[protocol.start() - 1])):
            end, _ = _domain_end(run, 0, following)
            if end >= 0:
                start = protocol.start()
                at, _ = _tail_end(text, base + end)
                if tco := _TCO.match(text, start, at):
                    if len(tco.group(1)) > _MAX_TCO_SLUG:
                        continue
                    at = tco.end()
                if at - start <= _MAX_URL:
                    yield start, at
                continue
        at = yield from _bare_links(text, base, run, first)


def _bare_links(text: str, base: int, run: str, at: int) -> Iterator[tuple[int, int]]:
    """Links without a protocol in one run, from its offset `at` on; returns where the search goes on."""
    following = text[base + len(run) : base + len(run) + 1]
    while at < len(run):
        before = run[at - 1] if at else text[base - 1 : base]
        if before and _barred(before):
            at += 1
            continue
        end, failed = _domain_end(run, at, following)
        if end < 0:
            # What failed at one label fails from every label before it; a label is at most 63 long.
            dot = run.find(".", failed)
            if dot < 0:
                break
            at = max(at + 1, failed, dot - _MAX_LABEL)
            continue
        if before and before in "-_./":
            at = end + 1
            continue
        domains = _ascii_domains(run, at, end, following)
        tail, has_path = _tail_end(text, base + end)
        for number, (start, stop) in enumerate(domains, 1):
            final = has_path and number == len(domains)
            yield base + start, tail if final else base + stop
        if tail >= base + len(run):
            return tail
        at = max(end, tail - base) + 1
    return base + len(run)


@lru_cache(maxsize=8)
def urls(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the links in `text`, with or without a protocol, in order."""
    return tuple(_links(text)) if "." in text else ()


def mentions(text: str) -> list[tuple[int, int]]:
    """Spans of the mentions in `text`, each with its @ and, where one is named, its list ("@name/list")."""
    return [(m.start(), m.end()) for m in _MENTION.finditer(text)]


def hashtags(text: str) -> list[tuple[int, int]]:
    """Spans of the hashtags in `text`, each with its #. A # inside a link is none."""
    found = []
    inside = iter(urls(text))
    link = next(inside, None)
    end = 0
    for match in _HASH.finditer(text):
        start = match.start()
        if start < end:
            continue
        while link and link[1] <= start:
            link = next(inside, None)
        if link and link[0] <= start or start and (text[start - 1] == "&" or _is_tag_char(text[start - 1], boundary=True)):
            continue
        end = start + 1
        while end < len(text) and _is_tag_char(text[end]):
            end += 1
        tag = text[start + 1 : end]
        if any(unicodedata.category(c)[0] in "LM" for c in tag) and not text.startswith(("#", "\uff03", "://"), end):
            found.append((start, end))
    return found


def _is_tag_char(char: str, boundary: bool = False) -> bool:
    category = unicodedata.category(char)
    if boundary and char in "\ufe0e\ufe0f":
        return False
    return category[0] in "LM" or category == "Nd" or char in _TAG_SPECIAL


def weighted_length(text: str) -> int:
    """Length of `text` as X counts it: a link 23, an emoji 2, Latin letters 1, most other characters 2; in NFC."""
    from app.text.emojis import emoji_spans

    text = unicodedata.normalize("NFC", text)
    links = urls(text)
    length = URL_LENGTH * len(links)
    at = 0
    for start, stop in [*links, (len(text), len(text))]:
        piece = text[at:start]
        faces = emoji_spans(piece)
        length += EMOJI_LENGTH * len(faces)
        length += _weight(piece) - sum(_weight(piece[a:b]) for a, b in faces)
        at = stop
    return length


def _weight(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(1 if any(a <= ord(c) <= b for a, b in _LIGHT) else 2 for c in text)
