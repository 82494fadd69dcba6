"""What turns a statement round: negations, modal verbs, opposites; and numbers in words."""

from __future__ import annotations

import re
from collections import Counter

_NEGATION = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly)\b|n['’]t\b", re.I)
_MODAL = re.compile(r"\b(?:must|shall|should|may|might|can|could|would|will|need to|have to)\b", re.I)

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DIGITS = {
    **{word: str(n) for n, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)},
    **{word: str(n) for n, word in zip(range(20, 100, 10), _TENS, strict=True)},
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000",
}
NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_DIGITS)}|dozen|half|third|quarter|double|twice)\b", re.I)
_PAIRS = (
    "passed failed,approved rejected,accepted refused,accept refuse,won lost,win lose,increase decrease,increased decreased,rise fall,"
    "rose fell,more less,more fewer,before after,all some,open closed,start stop,started stopped,for against,agree disagree,"
    "support oppose,supports opposes,true false,good bad,better worse,best worst,safe dangerous,like hate,love hate,up down,"
    "public secret,higher lower,early late,first last,allowed forbidden"
)
_OPPOSITES = {tuple(pair.split()) for pair in _PAIRS.split(",")}
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "mis")


def digits_of(number: str) -> str:
    """Give a number in words as digits ("two" as "2"); anything else as it is."""
    return _DIGITS.get(number.casefold(), number)


def turned(old: str, new: str) -> tuple[str, str] | None:
    """Does putting `new` for `old` turn a statement round? Gives (kind of fault, what it does), or None."""
    if len(_NEGATION.findall(old)) != len(_NEGATION.findall(new)):
        return "negation", "changes a negation"
    gone, come = _modals(old) - _modals(new), _modals(new) - _modals(old)
    # a claim may become more careful: will -> may
    if (gone or come) and not (set(come) <= {"may", "might", "can", "could"} and set(gone) <= {"will", "would"}):
        return "modality", "changes what must, may or can be"
    if _reversed(old, new):
        return "reversed", "says the opposite"
    return None


def _modals(text: str) -> Counter[str]:
    return Counter(m.lower() for m in _MODAL.findall(text))


def _reversed(old: str, new: str) -> bool:
    before, after = (set(re.findall(r"[a-z]+", text.casefold())) for text in (old, new))
    gone, come = before - after, after - before
    return any(_opposed(a, b) or _opposed(b, a) for a in gone for b in come)


def _opposed(one: str, two: str) -> bool:
    return (one, two) in _OPPOSITES or any(two == prefix + one for prefix in _PREFIXES)
