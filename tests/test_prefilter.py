"""The filter in front of the patterns never changes what they find."""

import re

import pytest
from support import the_assistant

from app.matching.base import Options
from app.matching.prefilter import may_fit, required


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bfailed by (?:two|three) votes", ("failed by t",)),
        (r"(?:alpha|beta) \w+", ("alpha", "beta")),
        (r"(?:alpha|\d+)", None),
        (r"(?:secret)?x", None),
        (r"(?:secret )+x", ("secret ",)),
        (r"[abc]+", None),
    ],
)
def test_required_words(pattern, words):
    assert required(re.compile(pattern, re.I)) == words


def test_no_pattern_of_the_corpus_fits_a_text_that_its_filter_refuses():
    guideline = the_assistant().guideline
    texts = [example.text for rule in guideline.rules.values() for example in (*rule.breaks, *rule.fine)]
    filtered = 0
    for rule in guideline.rules.values():
        for number, table in enumerate(rule.find, start=1):
            for regex in Options(table, number, rule, guideline).regexes("pattern"):
                words = required(regex)
                filtered += words is not None
                for text in texts:
                    assert may_fit(words, text.casefold()) or not regex.search(text), (rule.id, regex.pattern[:80], text)
    assert filtered > 50
