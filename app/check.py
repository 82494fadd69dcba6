"""Draft -> Review: the matchers and the judge read, their findings are merged, the verdict follows from the levels."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from app.guideline import Entry, Guideline
from app.judge.data import WISH
from app.judge.judge import Judge
from app.matching.base import Text
from app.matching.finder import Finder, find_all
from app.records import LEVELS, Draft, Figures, Finding, Review
from app.text.length import limit, post_length
from app.text.readability import reading_grade, words

JUDGES = 2  # texts that the judge may read at once
JUDGED = ("post", "wish")  # the fields that it was taught
# Of a rule's weight in the words of a post. On 1,180 findings in posts of voices that the network had not read, marking
# these sentences rather than the weightiest alone touched the labelled words in 89 % instead of 85 %, and the
# characters shared with them (F1) rose from 0.63 to 0.65.
CARRIES, NEIGHBOUR = 0.6, 0.15


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
        # The judge reads on the other core while the matchers look: it lets go of Python's lock.
        self._pool = ThreadPoolExecutor(JUDGES, "judge")

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

    def prepare(self) -> None:
        """Load everything that a check needs, without starting a thread: the process may be forked afterwards."""
        find_all(Text(Draft("Nothing is the matter with this plain sentence."), "post"), self.finders)
        if self.judge:
            self.judge.open()

    def review(self, draft: Draft, field: str = "post") -> Review:
        """Check a text as a post, bio, handle, display name or wish."""
        text = Text(draft, field)
        judged = self._pool.submit(self._judged, text) if self.judge and field in JUDGED and text.text.strip() else None
        findings = find_all(text, self.finders)
        if judged:
            # A wish is declined with one reason: where its words give one, the judge need not guess another.
            findings = findings if findings and field == "wish" else merge(findings, judged.result())
        return Review(draft, tuple(findings), verdict_of(findings), figures_of(draft))

    def _judged(self, text: Text) -> list[Finding]:
        """Give what the judge finds: one finding a rule, at the sentences that carry it; for a wish the likeliest rule."""
        draft, spans, wish = text.draft, text.sentences, text.field == "wish"
        reading = self.judge.read(draft.text, WISH if wish else draft.platform, draft.account, spans)
        bound = [rule.id for rule in self.guideline.rules.values() if text.field in rule.applies_to]
        decided = self.judge.refuse(reading, bound) if wish else self.judge.decide(reading)
        found = []
        for name, strength in decided.items():
            if name not in bound:
                continue
            rule = self.guideline.rules[name]
            place = carrying(spans, [shares.get(name, 0.0) for shares in reading.spans])
            found.append(_judge_finding(rule, text, place, reading.rules[name], strength == "surely"))
        return found


def carrying(spans: Sequence[tuple[int, int]], weights: Sequence[float]) -> tuple[int, int]:
    """Give the (start, end) of the sentences in a row that carry a finding, by the weight of each of `spans`.

    It begins with the weightiest sentence; while that holds less than CARRIES of the weight, the weightier neighbour
    joins, when it has NEIGHBOUR of it: a hint often lies in two sentences, and half of it explains nothing.
    """
    first = last = max(range(len(spans)), key=weights.__getitem__)
    total = sum(weights)
    while sum(weights[first : last + 1]) < CARRIES * total:
        before = weights[first - 1] if first else 0.0
        after = weights[last + 1] if last + 1 < len(spans) else 0.0
        if max(before, after) < NEIGHBOUR * total:
            break
        first, last = (first - 1, last) if before > after else (first, last + 1)
    return spans[first][0], spans[last][1]


def _judge_finding(rule: Entry, text: Text, span: tuple[int, int], probability: float, certain: bool) -> Finding:
    """Word a finding of the judge: it knows that the sentence reads like others that break the rule, and no more."""
    level = rule.level_for(text.field)
    explanation = rule.explain.replace("{words}", text.quoted(*span)) if certain else f"Worth a second look: {rule.ask_model}"
    return Finding(
        rule=rule.id,
        level=level if certain else LEVELS[0],
        start=span[0],
        end=span[1],
        explanation=explanation or rule.title,
        passage=rule.passages[0],
        suggestion=rule.suggest or None,
        source="judge",
        confidence=round(probability, 3),
        fix=rule.fix if certain else "",
        field=None if text.field == "post" else text.field,
    )


def merge(findings: list[Finding], judged: list[Finding]) -> list[Finding]:
    """Add the judge's findings for rules that no matcher has found at that level; words outrank impressions."""
    named: dict[str, int] = {}
    for finding in findings:
        named[finding.rule] = max(named.get(finding.rule, -1), LEVELS.index(finding.level))
    more = [f for f in judged if LEVELS.index(f.level) > named.get(f.rule, -1)]
    return sorted(findings + more, key=lambda f: (f.start, f.end, f.rule))
