"""Which language and script a text is in, roughly; which of its words carry content."""

from __future__ import annotations

import re
from collections import Counter

# The commonest function words: enough to tell which of these languages a post is written in.
_FUNCTION_WORDS = {
    "en": "the and of to in is that for it with on you this are was be have my we at not from your our",
    "fr": "le la les et des est une dans pour que qui sur avec pas nous vous ce sont je au du ne mais",
    "de": "der die das und ist nicht ein eine mit für auf den von zu wir ich sich dem sie auch im es",
    "es": "el la los las y es una en para que por con del se no su como más pero al este muy",
    "it": "il lo la gli e è una di per che con non del sono della nel più anche come si le",
    "pt": "o a os as e é uma em para que com não do da se por mais como no na ao",
    "nl": "de het een en van is dat niet op te voor met zijn die aan er ook als maar",
}
# English words that state no fact of their own.
_EMPTY = frozenset(
    "about above after again against also although always among another around away back because been before being below "
    "between both came cannot come could does doing done down during each either else even ever every everybody everyone from "
    "further gets give given gives goes going gone have having hear heard here hers herself himself hope however into itself "
    "just keep know known less like likely look made make makes many mine more most much must need never only onto other others "
    "ours over perhaps please rather really said same says seem seems seen shall should since some someone something still such "
    "take than thank thanks that their theirs them themselves then there these they thing things think this those though through "
    "together took under until upon very view want well went were what when where whether which while whom whose will with within "
    "without would your yours yourself opinion personal personally own myself".split()
)
# (where the next one begins, name)
_SCRIPTS = (
    (0x250, "latin"), (0x400, "greek"), (0x530, "cyrillic"), (0x600, "hebrew"), (0x780, "arabic"), (0x2E80, "other"), (0x3FFFF, "cjk"),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_STEM = 5  # letters that tell words apart well enough: audit, auditor and auditing are one


def scripts(text: str) -> Counter[str]:
    """Count letters by script, roughly: Latin, Greek, Cyrillic, Hebrew, Arabic, CJK, other."""
    return Counter(next(name for top, name in _SCRIPTS if ord(c) < top) for c in text if c.isalpha() and ord(c) < 0x3FFFF)


def language(text: str) -> str:
    """Guess the language from function words: a code, or '' when there are too few of them to tell."""
    found = Counter(_WORD.findall(text.casefold()))
    scores = {code: sum(found[w] for w in words.split()) for code, words in _FUNCTION_WORDS.items()}
    ranked = sorted(scores.values(), reverse=True)
    return max(scores, key=scores.__getitem__) if ranked[0] >= 3 and ranked[0] > 1.3 * ranked[1] else ""


def other_language(draft: str, text: str) -> bool:
    """Is the text in another script or (where both can be told) another language than the draft?"""
    old, new = scripts(draft), scripts(text)
    if old and new and new.most_common(1)[0][0] != old.most_common(1)[0][0]:
        return True
    first, second = language(draft), language(text)
    return bool(first and second and first != second)


def mixed_script(text: str) -> set[str]:
    """Give the words that mix Latin with Greek or Cyrillic letters, as look-alikes of other words do."""
    found = set()
    for word in _WORD.findall(text):
        if not word.isascii() and {"latin"} < (kinds := set(scripts(word))) and kinds & {"greek", "cyrillic"}:
            found.add(word)
    return found


def content_words(text: str) -> set[str]:
    """Give the stems of the words that can state something: four letters or more, function words left out."""
    words = (w for w in _WORD.findall(text.casefold()) if len(w) > 3)
    return {w[:_STEM] for w in words if w not in _EMPTY}
