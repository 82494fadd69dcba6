"""kind = "swap": words with a plainer wording, from a word list with a `better` column; keeps the capital letter."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CorpusError
from app.matching.base import Match, Matcher, Options, Text
from app.matching.lexicon import Lexicon, read_list


def build(options: Options) -> Matcher:
    """Read the list named by `file` and give the matcher. Raises CorpusError when a term has no better wording."""
    terms = [t for name in options.strings("file") for t in read_list(options.guideline, name, options.where)]
    lacking = next((t for t in terms if not t.better), None)
    if not terms or lacking:
        what = f"the term “{' '.join(lacking.words)}” has no better wording" if lacking else "give 'file'"
        raise CorpusError(f"{options.where}: {what}.")
    lexicon = Lexicon(terms)

    def match(text: Text, masked: str) -> Iterator[Match]:
        for hit in lexicon.search(masked):
            first, last = text.sentence_at(hit.start, hit.end)
            if hit.term.exception and hit.term.exception.search(text.text[first:last]):
                continue
            found, better = text.text[hit.start : hit.end], hit.term.better
            if found[0].isupper():
                better = better.upper() if found.isupper() and len(found) > 3 else better[0].upper() + better[1:]
            yield Match(hit.start, hit.end, replacement=better, suggestion=f"Write “{better}”.")

    return match
