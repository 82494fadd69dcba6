"""kind = "account-name": the organisation's name inside a personal account's name.

On a handle or display name it reads the whole field; elsewhere it reads handles and words written like one (the.acme.baker,
Pedro_Acme), those that the author calls their own: `own` is a pattern on the words before, `unless_own` one that must not
fit them. Official handles and the letters inside an ordinary word (the name inside a longer one) are left alone. `joined` lists
words that, stuck to the name, show that it is the organisation's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.matching.base import Match, Matcher, Options, Text

_LIKE_A_HANDLE = re.compile(r"(?<![\w@./-])[^\W\d_][\w-]*(?:[._]\w[\w-]*)+|(?<![\w@./-])\w+_\w+")
REACH = 80  # code points before a handle in which `own` is looked for


def build(options: Options) -> Matcher:
    """Give the matcher."""
    organisation = options.guideline.organisation
    official = {h.casefold().lstrip("@") for h in organisation.handles}
    name = re.escape(organisation.name)
    own, unless_own = options.regex("own"), options.regex("unless_own")
    joined = "|".join(re.escape(word) for word in options.strings("joined")) or r"(?!)"
    parts = [
        re.compile(rf"(?<![A-Z]){name}(?![A-Z]{{2}})"),  # capitals beside other letters: SmithACME
        re.compile(rf"(?<![^\W\d_]){name}(?![^\W\d_])", re.IGNORECASE),  # parted by signs, digits or the ends: acme_jane
        re.compile(rf"(?<![^\W\d_]){name}(?:{joined})", re.IGNORECASE),
        *(re.compile(re.escape(h), re.IGNORECASE) for h in official),
        *(re.compile(re.escape(a), re.IGNORECASE) for a in organisation.aliases if " " in a),
    ]

    def breaks(words: str) -> bool:
        return words.casefold().lstrip("@") not in official and any(part.search(words) for part in parts)

    def match(text: Text, masked: str) -> Iterator[Match]:
        if text.field in ("handle", "display_name"):
            words = text.text.strip()
            if words and breaks(words):
                at = text.text.index(words)
                yield Match(at, at + len(words))
            return
        handles = [(e.start, e.end) for e in text.entities if e.kind == "handle"]
        for start, end in handles + [found.span() for found in _LIKE_A_HANDLE.finditer(masked)]:
            before = text.text[max(0, start - REACH) : start]
            if not breaks(text.text[start:end]):
                continue
            if (own is None or own.search(before)) and not (unless_own and unless_own.search(before)):
                yield Match(start, end)

    return match
