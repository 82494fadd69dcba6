"""A rule's [[find]] table as a finder: which kind looks, where, and under which conditions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import app.matching
from app.errors import CorpusError
from app.guideline import APPLIES_TO, FIXES, Entry, Guideline
from app.matching.base import PROTECTED, Match, Matcher, Options, Text
from app.records import ACCOUNTS, FIELDS, LEVELS, Finding
from app.text.length import PLATFORMS

_HELPERS = {"base", "finder", "lexicon", "prefilter"}


def kinds() -> list[str]:
    """Name every matcher kind: one module of this package each, found by its file name."""
    names = (module.name for module in pkgutil.iter_modules(app.matching.__path__))
    return sorted(name.replace("_", "-") for name in names if name not in _HELPERS)


class Finder:
    """One [[find]] table, ready to run. Settings common to all kinds:

    fields, account, platforms: where it looks (default: the rule's `applies_to` without `question`, any account, any
    platform); what a table with `question` finds in a question makes the answer no, or ask where that is the level;
    see: protected kinds of entity that it looks into; unless / needs: patterns on the sentence of a match;
    unless_post / needs_post: patterns on the whole text; widen = "sentence": report the whole sentence;
    explain, suggest, fix, level, confidence: say it differently than the rule does.
    """

    def __init__(self, table: dict[str, object], number: int, entry: Entry, guideline: Guideline):
        options = Options(table, number, entry, guideline)
        kind = str(options.get("kind", "", str))
        if kind not in kinds():
            raise CorpusError(f"{options.where}: unknown kind '{kind}'. Known are: {', '.join(kinds())}.")
        self.entry = entry
        self._matcher: Matcher = importlib.import_module(f"app.matching.{kind.replace('-', '_')}").build(options)
        self._read_conditions(options)
        options.refuse_unknown()

    def _read_conditions(self, options: Options) -> None:
        entry = self.entry
        own_fields = tuple(f for f in entry.applies_to if f in FIELDS)
        self.fields = _among(options, "fields", APPLIES_TO) or own_fields
        self.accounts = _among(options, "account", ACCOUNTS) or ACCOUNTS
        self.platforms = _among(options, "platforms", tuple(PLATFORMS)) or tuple(PLATFORMS)
        seen = _among(options, "see", PROTECTED)
        self.hidden = {
            # In a wish the quoted words are what the author asks for.
            field: tuple(kind for kind in PROTECTED if kind not in seen and not (field == "wish" and kind == "quotation"))
            for field in APPLIES_TO
        }
        self.unless, self.needs = options.regex("unless"), options.regex("needs")
        self.unless_post, self.needs_post = options.regex("unless_post"), options.regex("needs_post")
        self.widen = (_among(options, "widen", ("match", "sentence")) or ("match",))[0]
        self.explain = str(options.get("explain", entry.explain, str))
        self.suggest = str(options.get("suggest", entry.suggest, str))
        self.fix = (_among(options, "fix", FIXES) or (entry.fix,))[0]
        self.level = (_among(options, "level", LEVELS) or (None,))[0]
        self.confidence = float(options.get("confidence", 0.9, (int, float)))

    def find(self, text: Text) -> Iterator[Finding]:
        """Give the findings of this table in the text, in order of the matcher."""
        draft = text.draft
        if text.field not in self.fields or draft.account not in self.accounts or draft.platform not in self.platforms:
            return
        if self.unless_post and self.unless_post.search(text.text):
            return
        if self.needs_post and not self.needs_post.search(text.text):
            return
        for match in self._matcher(text, text.masked(self.hidden[text.field])):
            finding = self._finding(text, match)
            if finding:
                yield finding

    def _finding(self, text: Text, match: Match) -> Finding | None:
        first, last = text.sentence_at(match.start, match.end)
        sentence = text.text[first:last]
        if (self.unless and self.unless.search(sentence)) or (self.needs and not self.needs.search(sentence)):
            return None
        start, end = (first, last) if self.widen == "sentence" else (match.start, match.end)
        explanation = match.explanation or self.explain or self.entry.title
        return Finding(
            rule=self.entry.id,
            level=self.level or self.entry.level_for(text.field),
            start=start,
            end=end,
            explanation=explanation.replace("{words}", text.quoted(match.start, match.end)),
            passage=self.entry.passages[0],
            suggestion=match.suggestion or self.suggest or None,
            source="rule",
            confidence=self.confidence,
            fix=self.fix,
            replacement=match.replacement,
            field=None if text.field == "post" else text.field,
        )


def _among(options: Options, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    values = options.strings(key)
    for value in values:
        if value not in allowed:
            raise CorpusError(f"{options.where}: '{key}' is '{value}', and must be one of: {', '.join(filter(None, allowed))}.")
    return values


def find_all(text: Text, finders: list[Finder]) -> list[Finding]:
    """Run finders over a text; findings of one rule that overlap are kept once (the longer, then the surer)."""
    found = [finding for finder in finders for finding in finder.find(text)]
    found.sort(key=lambda f: (f.rule, f.start - f.end, -f.confidence, f.start))
    kept: list[Finding] = []
    for finding in found:
        if not any(k.rule == finding.rule and k.start < finding.end and finding.start < k.end for k in kept):
            kept.append(finding)
    return sorted(kept, key=lambda f: (f.start, f.end, f.rule))
