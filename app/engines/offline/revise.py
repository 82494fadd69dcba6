"""The offline engine's revision: every finding is mended in the way its rule names, on the author's own words.

It works in rounds: mend what can be mended, check again, mend what is left by taking the sentence out. It stops
before too little of the draft is left: handing a draft back beats changing what it means.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from app.engines.offline.mending import ROUNDS, drop_sentence, mend
from app.engines.proposal import Proposal
from app.manuscript import Manuscript
from app.records import Draft, Finding, Review
from app.text.readability import words
from app.text.sentences import sentences
from app.verify import as_draft, too_little

PASSES = 4
OPENING = 2  # words by which the opening of a post is known again
LEAST_OPENED = 0.2  # share of the words that must be left when sentences have gone, and the opening stands
LEAST_BEHEADED = 0.5  # … and when it is the opening that went: what follows leans on it


def revise(review: Review, check: Callable[[Draft], Review], keep_terms: bool) -> Proposal:
    """Propose edits for a reviewed draft.

    review: the check of the draft; check: checks a changed text; keep_terms: the readers know the jargon, so plain
    words and written-out acronyms are left alone. Gives a Proposal whose text may be the draft itself.
    """
    check = lru_cache(maxsize=None)(check)  # attempts begin alike: no text is checked twice
    left: set[str] = set()
    too_much = False
    while True:
        state = _attempt(review, check, keep_terms, frozenset(left))
        # A sentence is worth losing when the post may then go out on that account, and is still a post; on a mere
        # impression, only when it may go out altogether.
        blocking = {f.rule for f in state.review.findings if f.level != "should"}
        vain = (state.dropped & blocking) | (state.guessed if blocking else set())
        if state.refused:  # all that must go, or nothing: else a revision revised again would lose a little more
            vain |= state.dropped
        too_much = too_much or state.stuck or bool(state.refused)
        more = (vain | state.refused) - left
        if not more:
            break
        left |= more
    edits = state.manuscript.edits()
    if not left and not state.stuck:
        return Proposal(state.manuscript.text, edits, tuple(state.for_author), (), tuple(state.wording))
    if not too_much:
        reason = "What is left needs your hand; no sentence was taken out, since the post could not go out even so."
    elif edits:
        reason = "The rest of what was found cannot be taken out without losing the post; it is yours to rewrite."
    else:
        reason = "So much of the draft would have to go that it is better written afresh by you; it is handed back unchanged."
    asks = tuple(dict.fromkeys([*state.for_author, *_asks(state.review)]))
    return Proposal(state.manuscript.text, edits, asks, (reason,), tuple(state.wording))


@dataclass
class _State:
    """The work so far: the text under revision, its latest check, what to ask of the author, wordings put in.

    `left` are rules whose sentences stay. `dropped` are rules for which a sentence or clause went, `guessed` those for
    which the text was changed on the judge's impression, `refused` those for which a sentence would have to go that
    leaves too little; `stuck` says that some other change would have left too little.
    """

    manuscript: Manuscript
    review: Review
    left: frozenset[str]
    for_author: list[str] = field(default_factory=list)
    wording: list[str] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    stuck: bool = False


def _attempt(review: Review, check: Callable[[Draft], Review], keep_terms: bool, left: frozenset[str]) -> _State:
    """Mend all that can be mended without taking out a sentence for the rules in `left`."""
    state = _State(Manuscript(review.draft.text), review, left)
    for _ in range(PASSES):  # until a fresh look at the result would change nothing: so a revision revised stays
        before = state.manuscript.text
        _mend_in_rounds(state, check, keep_terms)
        if state.manuscript.text == before:
            break
    return state


def _mend_in_rounds(state: _State, check: Callable[[Draft], Review], keep_terms: bool) -> None:
    """Mend round by round, and stop before the change that would leave too little."""
    draft, begun = state.review.draft, state.manuscript.text
    tried: set[str] = set()  # rules that a gentler change did not satisfy
    for _ in range(ROUNDS):
        trial = copy.deepcopy(state.manuscript)
        trial.settle()
        mended: set[str] = set()
        dropped: set[str] = set()
        guessed: set[str] = set()
        wording: list[str] = []
        for finding in _this_round(state.review):
            known = keep_terms and finding.rule == "plain-language" and finding.replacement is not None
            if known or finding.end > trial.touched:  # the words have changed meanwhile; the next round sees
                continue
            had = trial.text
            asked = _mend(trial, finding, state, harder=finding.rule in tried and _touched(trial, finding))
            mended.add(finding.rule)
            if len(sentences(trial.text)) < len(sentences(had)) or (finding.fix == "drop-sentence" and trial.text != had):
                dropped.add(finding.rule)
            if finding.source == "judge" and trial.text != had:
                guessed.add(finding.rule)
            if asked and asked not in state.for_author:
                state.for_author.append(asked)
            if finding.replacement:
                wording.append(finding.replacement)
        tried |= mended
        if trial.text == state.manuscript.text:
            break
        if too_little(trial.original, trial.text) or (dropped and _torso(begun, trial.text)):
            state.refused |= dropped
            state.stuck = state.stuck or not dropped
            break
        state.manuscript = trial
        state.dropped |= dropped
        state.guessed |= guessed
        state.wording += wording
        state.review = check(as_draft(draft, trial.text))


def _torso(before: str, text: str) -> bool:
    """Is what a lost sentence leaves so short that it no longer says what the post was for?"""
    opened = text.split()[:OPENING] == before.split()[:OPENING]
    return len(words(text)) < (LEAST_OPENED if opened else LEAST_BEHEADED) * len(words(before))


def _this_round(review: Review) -> list[Finding]:
    """Give the findings to mend now, from the end of the text on.

    Of those that the judge alone makes out and that stop the post, only the surest: with its sentence gone, the judge
    often finds nothing in the rest.
    """
    impressions = [f for f in review.findings if f.source == "judge" and f.level != "should"]
    surest = max(impressions, key=lambda f: f.confidence, default=None)
    ready = [f for f in review.findings if f not in impressions or f is surest]
    # Advice changes words, never sentences: those are the author's.
    ready = [f for f in ready if f.level != "should" or f.replacement is not None or f.fix not in ("drop-sentence", "opinion")]
    ready = [f for f in ready if f.level != "should" or f.source != "judge"]
    # Hashtags carry no statement: what the judge makes of a row of them is no reason to drop the row.
    ready = [f for f in ready if f.source != "judge" or words(re.sub(r"#\w+", "", review.draft.text[f.start : f.end]))]
    return sorted(ready, key=lambda f: (-f.start, -f.end))


def _touched(manuscript: Manuscript, finding: Finding) -> bool:
    """Was the sentence of the finding changed already?"""
    lines = [(a, b) for a, b in sentences(manuscript.text) if a < finding.end and finding.start < b]
    return bool(lines) and manuscript.changed(lines[0][0], lines[-1][1])


def _mend(manuscript: Manuscript, finding: Finding, state: _State, harder: bool) -> str | None:
    """Mend one finding on the text as it stands; gives what only the author can supply, if that is what it takes."""
    harder = harder and finding.level != "should" and finding.fix not in ("ask-author", "")
    if finding.rule in state.left and (harder or finding.fix == "drop-sentence" or finding.source == "judge"):
        return finding.suggestion
    if harder:
        drop_sentence(manuscript, finding)
        return None
    return mend(manuscript, finding, state.review.draft)


def _asks(review: Review) -> list[str]:
    """What the author can do about each finding that must be mended, said once."""
    return list(dict.fromkeys(f.suggestion for f in review.findings if f.suggestion and f.level != "should"))
