"""The offline engine's bios and handles: sentence patterns from the corpus, filled with what the person said."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence

from app.errors import CorpusError
from app.files import read_text
from app.guideline import Guideline
from app.records import Profile

HANDLE_LENGTH = 15  # https://help.x.com/en/managing-your-account/x-username-rules


def candidates(profile: Profile, guideline: Guideline, most: int | None = None) -> list[str]:
    """Give bios that fit, the most telling first. Raises CorpusError when bios.toml is broken."""
    patterns, allowed = _patterns(guideline)
    most = most or allowed
    role = _plain(profile.role)
    interests = [_plain(i) for i in profile.interests if _plain(i)]
    texts = []
    for pattern in patterns:
        for count in range(min(len(interests), 4), -1, -1):
            filled = _fill(pattern, role, interests[:count], guideline.organisation.main_handle)
            if filled and len(filled) <= most:
                texts.append(filled)
                break
    return list(dict.fromkeys(texts))


def bio_length(guideline: Guideline) -> int:
    """Give the number of characters that a bio may have."""
    return _patterns(guideline)[1]


def _patterns(guideline: Guideline) -> tuple[list[str], int]:
    path = guideline.folder / "bios.toml"
    try:
        table = tomllib.loads(read_text(path))
        return list(table["patterns"]), int(table["most"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{path} must hold 'patterns' (a list of texts) and 'most' (a number): {error}.") from None


def _plain(words: str) -> str:
    """Fold white space, drop what is no text, and the full stop at the end."""
    kept = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(kept.split()).strip(" .,;")


def _fill(pattern: str, role: str, interests: Sequence[str], handle: str) -> str:
    """Fill a pattern; empty when it names something that is not known."""
    if ("{interests}" in pattern or "{first}" in pattern) and not interests:
        return ""
    if "role}" in pattern.casefold() and not role:
        return ""
    small = " ".join(w if w[1:] != w[1:].lower() else w.lower() for w in role.split()) if role.istitle() else _small_start(role)
    article = "an" if small[:1].casefold() in "aeiou" and not small.casefold().startswith(("uni", "eu", "use")) else "a"
    return pattern.format(
        role=small,
        Role=role[:1].upper() + role[1:],
        a_role=small if small.casefold().startswith(("head of", "chief ", "the ", "a ", "an ")) else f"{article} {small}",
        interests=_list(interests),
        first=interests[0] if interests else "",
        handle=handle,
    )


def _small_start(role: str) -> str:
    """Give a role as it stands inside a sentence; an acronym or a name in front keeps its capitals."""
    first = role.split()[0] if role.split() else ""
    return role if first[1:] != first[1:].lower() else role[:1].lower() + role[1:]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def handles(name: str, role: str) -> list[str]:
    """Give handles made of a person's real name: letters a to z, digits and _, at most 15 characters, best first."""
    parts = [p for p in re.split(r"[\s\-–]+", latin(name)) if p]
    parts = [re.sub(r"[^A-Za-z0-9]", "", p) for p in parts]
    parts = [p[0].upper() + p[1:] for p in parts if p]
    if not parts:
        return []
    first, last = parts[0], parts[-1] if len(parts) > 1 else ""
    joined = "".join(parts)
    shapes = [joined, first + last, f"{first}_{last}", first[0] + last, last + first, first + last[:1], f"{first[0]}_{last}", f"{last}_{first[0]}"]
    if not last:
        field = next((w for w in re.findall(r"[A-Za-z]{3,}", latin(role)) if len(first) + len(w) <= HANDLE_LENGTH), "")
        shapes = [first, f"{first}Writes", f"Its{first}", f"{first}Here", f"{first}{field.capitalize()}"]
    shapes += [(first + last)[:HANDLE_LENGTH], first[:HANDLE_LENGTH], f"{first[:9]}Writes", (last or first)[:HANDLE_LENGTH], f"{first[:8]}Here"]
    fitting = [s.strip("_") for s in shapes if 3 < len(s.strip("_")) <= HANDLE_LENGTH]
    return list(dict.fromkeys("@" + s for s in fitting))


def latin(name: str) -> str:
    """Give a name in plain Latin letters: accents off, other scripts romanised."""
    from anyascii import anyascii

    return anyascii(unicodedata.normalize("NFC", name))


def wishes(text: str) -> Iterable[str]:
    """Cut free text into single wishes: by lines, semicolons, and sentences."""
    for piece in re.split(r"[;\n]|(?<=[.!?])\s+|,? and (?=(?:please|also|put|call|say|use|leave|hide|add|mention|include)\b)", text):
        if piece.strip(" .,"):
            yield piece.strip(" .,")
