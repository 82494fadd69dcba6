"""The many ways to ask for leave, put into one.

Retrieval and the judge weigh every word of a question, and so hear a yes in a "fine" or an "OK" that only asks.
"""

from __future__ import annotations

import re

_WELL = r"(?:(?:quite|perfectly|totally|really|at all|generally) )?(?:fine|ok|okay|o\.k\.|all ?right|alright|allowed|permitted|acceptable|admissible|cool|in order)"
_SOFTLY = r"(?:(?:even|really|actually|still|also|ever|not|then) )*"
_BAD = r"(?:(?:big|real|huge|great) )?(?:problems?|issues?|trouble|objections?|harm)"
# What follows is the deed: "to post it", "for me to post it", "if I post it".
_DEED = r"(?: (?:for (?P<for{0}>me|us) )?to (?!be\b)| (?:if|when|that) (?P<if{0}>I|we) )(?=\w)"
_FORMS = (
    rf"(?:is|isn['’]?t|would|wouldn['’]?t|will) it {_SOFTLY}(?:be )?{_WELL}{{0}}",
    rf"(?:is|would|wouldn['’]?t|will) it {_SOFTLY}(?:be )?(?:an? |any )?{_BAD}{{0}}",
    rf"(?:(?:is|are|would|will) there (?:be )?|do(?:es)? \w+ (?:have|see) |have you )?(?:any|an) {_BAD}{{0}}",
    r"(?:do|does|would|will) \w+ (?:really )?mind(?: it)?(?= (?:if|when)){0}",
)
_ASKED = "|".join(form.format(_DEED.format(number)) for number, form in enumerate(_FORMS, start=1))
_LEAVE = re.compile(
    rf"\b(?:{_ASKED}|(?:am|are) (?P<am>I|we) {_SOFTLY}(?:{_WELL}|free|entitled) to (?=\w)|(?<!why )(?:can['’]?t|cannot|can not|couldn['’]?t) (?P<can>I|we) (?=\w))",
    re.IGNORECASE,
)


def plainly(question: str) -> str:
    """Give the question with "Is it fine to", "Any objection if I", "Am I allowed to" and their like as "May I"."""
    return _LEAVE.sub(_may, question)


def _may(found: re.Match[str]) -> str:
    several = any(value and value.casefold() in ("we", "us") for value in found.groupdict().values())
    return f"{'May' if found[0][0].isupper() else 'may'} {'we' if several else 'I'} "
