"""The offline engine's revision: every finding is mended in the way its rule names, on the author's own words.

It works in rounds: mend what can be mended, check again, mend what is left by taking the sentence out. When too
little of the draft would survive, it proposes nothing: handing a draft back beats changing what it means.
"""

from __future__ import annotations

from collections.abc import Callable

from app.engines.offline.mending import ROUNDS, drop_sentence, mend
from app.engines.proposal import Proposal
from app.manuscript import Manuscript
from app.records import Draft, Finding, Review
from app.verify import as_draft, too_little


def revise(review: Review, check: Callable[[Draft], Review], keep_terms: bool) -> Proposal:
    """Propose edits for a reviewed draft.

    review: the check of the draft; check: checks a changed text; keep_terms: the readers know the jargon, so plain
    words and written-out acronyms are left alone. Gives a Proposal whose text may be the draft itself.
    """
    draft = review.draft
    manuscript = Manuscript(draft.text)
    now, notes, for_author, wording = review, [], [], []
    for turn in range(ROUNDS):
        before = manuscript.text
        for finding in _this_round(now):
            if keep_terms and finding.rule == "plain-language" and finding.replacement is not None:
                continue
            asked = _mend(manuscript, finding, draft, turn)
            if asked and asked not in for_author:
                for_author.append(asked)
            if finding.replacement:
                wording.append(finding.replacement)
        if manuscript.text == before:
            break
        now = check(as_draft(draft, manuscript.text))
    if too_little(draft.text, manuscript.text):
        reason = "So much of the draft would have to go that it is better written afresh by you; it is handed back unchanged."
        return Proposal(draft.text, (), tuple(_asks(review)), (reason,))
    return Proposal(manuscript.text, manuscript.edits(), tuple(for_author), tuple(notes), tuple(wording))


def _this_round(review: Review) -> list[Finding]:
    """Give the findings to mend now, from the end of the text on.

    Of those that the judge alone makes out and that stop the post, only the surest: with its sentence gone, the judge
    often finds nothing in the rest.
    """
    impressions = [f for f in review.findings if f.source == "judge" and f.level != "should"]
    surest = max(impressions, key=lambda f: f.confidence, default=None)
    ready = [f for f in review.findings if f not in impressions or f is surest]
    return sorted(ready, key=lambda f: (-f.start, -f.end))


def _mend(manuscript: Manuscript, finding: Finding, draft: Draft, turn: int) -> str | None:
    """Mend one finding on the text as it stands; gives what only the author can supply, if that is what it takes."""
    text = manuscript.text
    if not 0 <= finding.start <= finding.end <= len(text):
        return None
    if turn and finding.level != "should" and finding.fix not in ("ask-author", ""):
        drop_sentence(manuscript, finding)
        return None
    return mend(manuscript, finding, draft)


def _asks(review: Review) -> list[str]:
    """What the author can do about each finding that must be mended, said once."""
    return list(dict.fromkeys(f.suggestion for f in review.findings if f.suggestion and f.level != "should"))
