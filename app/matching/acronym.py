"""kind = "acronym": capital letters that the reader may not know and that the post does not write out.

`file` lists known expansions (term, better, exception); `most` unexplained ones are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text
from app.matching.lexicon import read_list

_ACRONYM = re.compile(r"(?<![\w@#/.-])(?:[A-Z][A-Za-z]?[A-Z][A-Za-z]*|[A-Z]{2,})s?(?:[ /]\d+)?(?![\w-])")


def build(options: Options) -> Matcher:
    """Read the expansions and give the matcher."""
    terms = [t for name in options.strings("file") for t in read_list(options.guideline, name, options.where)]
    listed = {"".join(t.words).upper(): t for t in terms}
    most = int(options.get("most", 0, int))
    only_listed = bool(options.get("only_listed", False, bool))
    organisation = options.guideline.organisation
    groups = {w for words in organisation.groups.values() for w in words}

    def match(text: Text, masked: str) -> Iterator[Match]:
        seen: dict[str, Match] = {}
        loud = _is_shouted(masked)
        for found in _ACRONYM.finditer(masked):
            word = re.sub(r"[ /]\d+$", "", found[0])
            bare = word[:-1] if word.endswith("s") and len(word) > 2 else word
            entry = listed.get(bare.upper())
            expansion = entry.better if entry else None
            first, last = text.sentence_at(*found.span())
            if entry and entry.exception and entry.exception.search(text.text[first:last]):
                continue
            known = bare in organisation.known_acronyms or word in organisation.known_acronyms or bare in groups
            if known or bare in seen or _explained(text.text, bare, expansion) or (not expansion and (only_listed or loud)):
                continue
            if not bare.isupper() and not expansion:
                continue
            start, end = found.start(), found.start() + len(word)
            written = _plural(expansion) if expansion and word != bare else expansion
            full = f"{written} ({word})" if written else None
            seen[bare] = Match(
                start,
                end,
                replacement=full,
                suggestion=f"Write “{full}”." if full else f"Write out what {bare} stands for.",
            )
        yield from list(seen.values())[most:]

    return match


def _is_shouted(masked: str) -> bool:
    letters = [c for c in masked if c.isalpha()]
    return len(letters) > 0 and sum(c.isupper() for c in letters) > len(letters) / 2


def _explained(text: str, acronym: str, expansion: str | None) -> bool:
    """Is the acronym written out: "(ABC)" after words with its initials, "ABC (…)", or its expansion anywhere?"""
    if expansion and expansion.casefold() in text.casefold():
        return True
    if re.search(rf"{re.escape(acronym)}s?\s*\((?=[^)]*[a-z]{{2}})[^)]{{4,}}\)|{re.escape(acronym)}s?,? (?:which is|stands for|meaning|short for|i\.e\.|that is)\b|\b(?:calls?|called) (?:it|this|that|them) (?:an? |the )?{re.escape(acronym)}\b", text):
        return True
    return re.search(rf"\(\s*(?:the |or |aka )?{re.escape(acronym)}s?\s*\)", text) is not None


def _plural(words: str) -> str:
    """Give the plural of a name: heads of delegation, national standards bodies, working groups."""
    head, of, rest = words.partition(" of ")
    ending = "ies" if re.search(r"[^aeiou]y$", head) else "es" if re.search(r"(?:s|x|ch|sh)$", head) else "s"
    return (head[:-1] if ending == "ies" else head) + ending + of + rest
