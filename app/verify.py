"""The gate: what any engine proposes is shown as verified only when nothing here speaks against it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from app.guideline import Guideline
from app.manuscript import apply_edits
from app.records import ANSWERS, Answer, Bio, Draft, Edit, Fault, Finding, Review
from app.text.entities import Entity
from app.text.facts import facts, linked, same
from app.text.language import content_words, mixed_script, other_language
from app.text.polarity import turned
from app.text.readability import words
from app.text.sentences import sentences

_MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|javascript:|\]\(\s*\w+:|&#?\w+;|\*\*|```|^#{1,6} |^> ", re.I | re.M)
_HIDDEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")

# What an explanation or an answer may not hold unless its sources do.
_TOLD = ("url", "email", "handle", "hashtag", "phone", "number", "date", "time", "money", "percent", "reference")
MOST_PROSE = 2_000  # characters of an explanation or an answer
_TAGS = re.compile(r"[#@]\w+|https?://\S+")
LEAST_WORDS = 5  # of a revision; fewer are no post any more
SURPLUS = 1  # content words that a rewording may add beyond those it takes out; a mere insertion may add none
FOREIGN = (3, 0.7)  # content words, and their share, from which a sentence says something that the draft does not (all, always)


def licensed(draft: str, findings: Iterable[Finding], edits: Iterable[Edit]) -> list[tuple[int, int]]:
    """Give the spans whose facts may go: the words found; and the sentences around them, where one must be mended or goes whole."""
    spans = []
    lines = sentences(draft)
    edits = tuple(edits)
    cuts = [edit for edit in edits if not edit.replacement.strip()]
    for finding in findings:
        if finding.source == "llm" and not _mostly_gone(finding, edits):
            continue  # a model can't excuse the loss of one fact by finding fault with all that stands around it
        spans.append((finding.start, finding.end))
        for a, b in lines:
            touched = a < finding.end and finding.start < b
            if touched and (finding.level != "should" or any(cut.start <= a and b <= cut.end for cut in cuts)):
                spans.append((a, b))
    return spans


def _mostly_gone(finding: Finding, edits: Iterable[Edit]) -> bool:
    gone = sum(max(0, min(e.end, finding.end) - max(e.start, finding.start)) for e in edits)
    return 2 * gone >= finding.end - finding.start


def verify_revision(before: Review, edits: Sequence[Edit], after: Review, allowed: Iterable[str] = ()) -> list[Fault]:
    """Say what speaks against a revision; an empty list lets it pass.

    `before` and `after` are checks of the draft and of the revision; `allowed` are wordings that the program itself
    put in from the corpus (an acronym written out, say) and that are therefore no new facts.
    """
    draft, text = before.draft.text, after.draft.text
    faults = _edits_faults(draft, edits, text)
    if faults:
        return faults
    allowed = tuple(allowed)
    spans = licensed(draft, before.findings, edits)
    return [
        *_lost_facts(draft, text, edits, spans),
        *_new_facts(draft, text, " ".join(allowed)),
        *_new_claims(before, edits, text, allowed),
        *_turned(draft, edits, before.findings),
        *_new_findings(before, after),
        *_form_faults(before, after),
    ]


def _edits_faults(draft: str, edits: Sequence[Edit], text: str) -> list[Fault]:
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    for edit in ordered:
        if not 0 <= edit.start <= edit.end <= len(draft):
            return [Fault("edits", f"Edit {edit.id} lies outside the draft.")]
    for first, second in zip(ordered, ordered[1:], strict=False):
        if second.start < first.end:
            return [Fault("edits", f"Edits {first.id} and {second.id} overlap.")]
    if apply_edits(draft, ordered) != text:
        return [Fault("edits", "The edits do not lead to the revision.")]
    return []


def _lost_facts(draft: str, text: str, edits: Sequence[Edit], spans: list[tuple[int, int]]) -> list[Fault]:
    kept = Counter(same(e) for e in facts(text))
    lost = []
    for entity in facts(draft):
        key = same(entity)
        if kept[key] > 0:
            kept[key] -= 1
        elif key in " ".join(text.split()):
            continue
        elif not _licensed(entity, spans) and any(e.start < entity.end and entity.start < e.end for e in edits):
            lost.append(Fault("lost-fact", f"The {entity.kind} “{entity.text}” of the draft is gone."))
    return lost


def _licensed(entity: Entity, spans: list[tuple[int, int]]) -> bool:
    return any(a < entity.end and entity.start < b for a, b in spans)


def _new_facts(draft: str, text: str, allowed: str) -> list[Fault]:
    known = Counter(same(e) for e in facts(draft))
    folded = " ".join(draft.split()).casefold() + " " + allowed.casefold()
    new = []
    for entity in facts(text):
        key = same(entity)
        in_words = re.search(rf"(?<!\w){re.escape(key.casefold())}(?!\w)", folded)
        if not known[key] and not in_words:
            new.append(Fault("new-fact", f"The {entity.kind} “{entity.text}” was not in the draft."))
    return new


def _new_claims(before: Review, edits: Sequence[Edit], text: str, allowed: Sequence[str]) -> list[Fault]:
    """Find words that say more than the draft does, and than its findings ask to be said."""
    draft = before.draft.text
    asked = " ".join(f"{f.suggestion or ''} {f.explanation} {f.replacement or ''}" for f in before.findings)
    known = content_words(f"{draft} {asked} {' '.join(allowed)}")
    faults = []
    for edit in edits:
        added = content_words(edit.replacement) - known
        taken = len(content_words(draft[edit.start : edit.end]))
        if len(added) > (taken + SURPLUS if taken else 0):
            faults.append(Fault("new-claim", f"“{_short(edit.replacement)}” says something that the draft does not."))
    least, share = FOREIGN
    for start, end in sentences(text):
        said = content_words(text[start:end])
        foreign = said - known
        if foreign and (foreign == said or len(foreign) >= max(least, share * len(said))) and not faults:
            faults.append(Fault("new-claim", f"“{_short(text[start:end])}” says something that the draft does not."))
    return faults


def _turned(draft: str, edits: Sequence[Edit], findings: Sequence[Finding]) -> list[Fault]:
    """Find edits that turn a statement round."""
    lines = sentences(draft)
    faults = []
    for edit in edits:
        old, new = draft[edit.start : edit.end], edit.replacement
        if not new.strip() and _goes_whole(edit, lines, findings):
            continue
        if change := turned(old, new):
            kind, what = change
            faults.append(Fault(kind, f"“{_short(old)}” → “{_short(new)}” {what}."))
    return faults


def _goes_whole(edit: Edit, lines: Sequence[tuple[int, int]], findings: Sequence[Finding]) -> bool:
    """Does a deletion take out a whole sentence with a finding in it, or all the words that the check itself found?"""
    for finding in findings:
        if finding.source != "llm" and edit.start <= finding.start and finding.end <= edit.end and finding.start < finding.end:
            return True
        if any(edit.start <= a and b <= edit.end and a < finding.end and finding.start < b for a, b in lines):
            return True
    return False


def _new_findings(before: Review, after: Review) -> list[Fault]:
    """Find what the check finds in the revision and not in the draft; a model's own findings count on neither side."""
    local = [f for f in before.findings if f.source != "llm"]
    had = Counter(finding.rule for finding in local)
    blocking = Counter(f.rule for f in local if f.level != "should")
    suspected = {(f.rule, f.source) for f in local}
    faults = []
    for finding in after.findings:
        if finding.source == "llm" or (finding.source == "judge" and finding.level == "should"):
            continue  # a "worth a second look" says nothing broken
        had[finding.rule] -= 1
        found = after.draft.text[finding.start : finding.end]
        doubted = finding.source == "judge" and (finding.rule, "judge") in suspected  # it only became surer
        stronger = finding.level != "should" and blocking[finding.rule] == 0 and not doubted
        reworded = finding.level != "should" and finding.source == "rule" and found not in before.draft.text
        if had[finding.rule] < 0 or stronger or reworded:
            faults.append(Fault("new-finding", f"“{_short(found)}” breaks “{finding.rule}”, which the draft did not."))
    left = sum(f.level != "should" and f.source != "llm" for f in after.findings)
    if left > sum(blocking.values()) and not faults:
        faults.append(Fault("new-finding", "More stands against the revision than against the draft."))
    return faults


def _form_faults(before: Review, after: Review) -> list[Fault]:
    draft, text, limit = before.draft.text, after.draft.text, after.figures.limit
    faults = []
    if draft.strip() and not text.strip():
        faults.append(Fault("empty", "Nothing of the draft is left."))
    elif too_little(draft, text):
        faults.append(Fault("too-little", "So little of the draft is left that it is another text."))
    if limit and after.figures.length > max(limit, before.figures.length):
        faults.append(Fault("too-long", f"{after.figures.length} characters; {limit} fit."))
    if Counter(_MARKUP.findall(text)) - Counter(_MARKUP.findall(draft)):
        faults.append(Fault("markup", "The revision holds markup that the draft did not."))
    if Counter(_HIDDEN.findall(text)) - Counter(_HIDDEN.findall(draft)):
        faults.append(Fault("hidden-characters", "The revision holds invisible characters that the draft did not."))
    if strange := mixed_script(text) - mixed_script(draft):
        faults.append(Fault("look-alike", f"“{_short(min(strange))}” mixes letters of two scripts."))
    if other_language(draft, text):
        faults.append(Fault("language", "The revision is in another language than the draft."))
    return faults


def too_little(draft: str, text: str) -> bool:
    """Is too little left of the draft to be a post, links, hashtags and handles aside?

    The bound is a number of words rather than a share, so that a revision revised again meets the same one.
    """
    had, left = (len(words(_TAGS.sub("", one))) for one in (draft, text))
    return left < min(had, LEAST_WORDS)


def verify_findings(draft: str, findings: Iterable[Finding], guideline: Guideline) -> list[Fault]:
    """Say what speaks against findings: a rule or passage that does not exist, words that are not in the draft."""
    faults = []
    for finding in findings:
        rule = guideline.rules.get(finding.rule)
        if rule is None:
            faults.append(Fault("unknown-rule", f"There is no rule “{_short(finding.rule)}”."))
        elif finding.passage not in rule.passages:
            faults.append(Fault("unknown-passage", f"“{_short(finding.passage)}” is no passage of “{finding.rule}”."))
        if not 0 <= finding.start < finding.end <= len(draft):
            faults.append(Fault("evidence", f"The words shown for “{_short(finding.rule)}” are not in the draft."))
    return faults


def verify_prose(text: str, sources: Iterable[str]) -> list[Fault]:
    """Say what speaks against a text written for the reader: words in quotation marks, and facts, that no source holds."""
    folded = " ".join(" ".join(sources).split()).replace("’", "'").casefold()
    faults = []
    for entity in linked(text):
        key = same(entity).replace("’", "'").casefold()
        if entity.kind == "quotation" and key not in folded:
            faults.append(Fault("misquote", f"“{_short(entity.text[1:-1])}” is quoted and is in no source."))
        elif entity.kind in _TOLD and not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", folded):
            faults.append(Fault("new-fact", f"The {entity.kind} “{_short(entity.text)}” is in no source."))
        elif entity.kind == "name" and " " in key and key not in folded:
            faults.append(Fault("new-fact", f"The name “{_short(entity.text)}” is in no source."))
    if not text.strip() or len(text) > MOST_PROSE or _MARKUP.search(text) or _HIDDEN.search(text) or mixed_script(text):
        faults.append(Fault("text", "A text is empty, over-long, or holds markup or look-alike letters."))
    return faults


def verify_answer(answer: Answer, guideline: Guideline) -> list[Fault]:
    """Say what speaks against an answer: an unknown decision or rule, a citation that the guideline does not hold.

    An answer can't say yes to a quoted draft that the check would stop.
    """
    faults = []
    stopped = {"revise": ("yes",), "ask": ("yes", "yes-if")}.get(answer.check.verdict if answer.check else "", ())
    if answer.answer in stopped:
        faults.append(Fault("silenced", f"The quoted draft has findings, so the answer can't be “{answer.answer}”."))
    if answer.answer not in ANSWERS:
        faults.append(Fault("answer", f"“{_short(answer.answer)}” is none of the five answers."))
    faults += [Fault("unknown-rule", f"There is no rule “{_short(r)}”.") for r in answer.rules if r not in guideline.entries]
    for passage in answer.citations:
        known = guideline.passages.get(passage.id)
        if known != passage or guideline.text[passage.start : passage.end] != passage.text:
            faults.append(Fault("misquote", f"The passage “{_short(passage.id)}” is not in the guideline."))
    if answer.answer == "out-of-scope" and (answer.citations or answer.rules):
        faults.append(Fault("citation", "An answer that the guideline does not give can cite nothing."))
    if answer.answer not in ("out-of-scope", "") and not answer.citations:
        faults.append(Fault("citation", "An answer needs the guideline's own words."))
    quoted = answer.check.draft.text if answer.check else ""  # an explanation may show the draft's own words
    if not answer.text.strip() or any(set(kind.findall(answer.text)) - set(kind.findall(quoted)) for kind in (_MARKUP, _HIDDEN)):
        faults.append(Fault("text", "The answer's text is empty or holds markup."))
    return faults


def verify_bio(bio: Bio, most: int) -> list[Fault]:
    """Say what speaks against a bio of at most `most` characters."""
    faults = [Fault("finding", f"It breaks “{f.rule}”.") for f in bio.check.findings if f.level != "should"]
    if not bio.text.strip():
        faults.append(Fault("empty", "The bio is empty."))
    if bio.check.figures.length > most or len(bio.text) > most:
        faults.append(Fault("too-long", f"{len(bio.text)} characters; {most} fit."))
    if _MARKUP.search(bio.text) or _HIDDEN.search(bio.text):
        faults.append(Fault("markup", "The bio holds markup or invisible characters."))
    return faults


def as_draft(draft: Draft, text: str) -> Draft:
    """Give the same draft with another text."""
    return Draft(text, draft.platform, draft.account, draft.audience)


def _short(words: str) -> str:
    folded = " ".join(words.split())
    return folded if len(folded) <= 60 else folded[:57] + "…"
