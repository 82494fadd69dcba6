"""kind = "words": words that should not be there, listed in the rule (`words`) or in a file (`file`).

`disguised = true` also finds single words written with digits, signs or stars in them.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options, Text
from app.matching.lexicon import Lexicon, read_list, term


def build(options: Options) -> Matcher:
    """Read the list and give the matcher. Raises CorpusError for an empty or broken list."""
    terms = [term(words, where=options.where) for words in options.strings("words")]
    for name in options.strings("file"):
        terms += read_list(options.guideline, name, options.where)
    if not terms:
        raise CorpusError(f"{options.where}: give 'words' or 'file'.")
    lexicon = Lexicon(terms, disguised=bool(options.get("disguised", False, bool)))

    def match(text: Text, masked: str) -> Iterator[Match]:
        for hit in lexicon.search(masked):
            first, last = text.sentence_at(hit.start, hit.end)
            if not (hit.term.exception and hit.term.exception.search(text.text[first:last])):
                better = hit.term.better
                yield Match(hit.start, hit.end, suggestion=f"Write “{better}”." if better else None)

    return match
