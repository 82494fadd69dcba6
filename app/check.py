"""Draft -> Review: the matchers and the judge read, their findings are merged, the verdict follows from the levels."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from app.guideline import Entry, Guideline
from app.judge.judge import Judge
from app.matching.base import Text
from app.matching.finder import Finder, find_all
from app.records import LEVELS, Draft, Figures, Finding, Review
from app.text.length import limit, post_length
from app.text.readability import reading_grade, words


def verdict_of(findings: Iterable[Finding]) -> str:
    """Give 'ask' when a finding has that level, else 'revise' when one is a must, else 'ready'."""
    levels = {finding.level for finding in findings}
    return "ask" if "ask" in levels else "revise" if "must" in levels else "ready"


def figures_of(draft: Draft) -> Figures:
    """Measure a text: length and limit as its platform counts, Flesch-Kincaid grade, words."""
    return Figures(
        post_length(draft.text, draft.platform),
        limit(draft.platform),
        round(reading_grade(draft.text), 1),
        len(words(draft.text)),
    )


class Checker:
    """Checks texts against one guideline. `judge` may be None: then only the matchers read."""

    def __init__(self, guideline: Guideline, judge: Judge | None):
        self.guideline = guideline
        self.judge = judge
        self._finders: list[Finder] | None = None
        self._lock = threading.Lock()

    @property
    def finders(self) -> list[Finder]:
        """The finders of all rules, compiled at first use. Raises CorpusError for a broken [[find]] table."""
        with self._lock:
            if self._finders is None:
                self._finders = [
                    Finder(table, number, rule, self.guideline)
                    for rule in self.guideline.rules.values()
                    for number, table in enumerate(rule.find, start=1)
                ]
            return self._finders

    def review(self, draft: Draft, field: str = "post") -> Review:
        """Check a text as a post, bio, handle, display name or wish."""
        text = Text(draft, field)
        findings = find_all(text, self.finders)
        if self.judge and field == "post" and text.text.strip():
            findings = merge(findings, self._judged(text))
        return Review(draft, tuple(findings), verdict_of(findings), figures_of(draft))
