"""The gate: what any engine proposes is shown as verified only when nothing here speaks against it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from app.guideline import Guideline
from app.manuscript import apply_edits
from app.records import ANSWERS, Answer, Bio, Draft, Edit, Fault, Finding, Review
from app.text.entities import Entity, entities
from app.text.sentences import sentences

# What a revision must keep, and what it must not invent.
FACTS = ("url", "email", "handle", "hashtag", "phone", "quotation", "number", "date", "time", "money", "percent", "name", "reference")
_NEGATION = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly)\b|n['’]t\b", re.I)
_MODAL = re.compile(r"\b(?:must|shall|should|may|might|can|could|would|will|need to|have to)\b", re.I)
_MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|javascript:|\]\(\s*\w+:|&#?\w+;", re.I)
_HIDDEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")


def same(entity: Entity) -> str:
    """Give the form in which two facts are compared: white space and typographic variants aside."""
    text = " ".join(entity.text.split()).replace("’", "'").replace("\u00a0", " ")
    if entity.kind in ("handle", "hashtag", "email"):
        return text.casefold()
    if entity.kind == "quotation":
        return text[1:-1].strip(" .,!?") if len(text) > 2 else text
    return text


def facts(text: str) -> list[Entity]:
    """Give the entities of a text that count as facts."""
    return [entity for entity in entities(text) if entity.kind in FACTS]


def licensed(draft: str, findings: Iterable[Finding]) -> list[tuple[int, int]]:
    """Give the spans that findings allow an edit to take out: the words found and the sentences that hold them."""
    spans = []
    lines = sentences(draft)
    for finding in findings:
        touching = [(a, b) for a, b in lines if a < finding.end and finding.start < b]
        spans.append((min([finding.start, *(a for a, _ in touching)]), max([finding.end, *(b for _, b in touching)])))
    return spans


def verify_revision(before: Review, edits: Sequence[Edit], after: Review, allowed: Iterable[str] = ()) -> list[Fault]:
    """Say what speaks against a revision; an empty list lets it pass.

    `before` and `after` are checks of the draft and of the revision; `allowed` are wordings that the program itself
    put in from the corpus (an acronym written out, say) and that are therefore no new facts.
    """
    draft, text = before.draft.text, after.draft.text
    faults = _edits_faults(draft, edits, text)
    if faults:
        return faults
    spans = licensed(draft, before.findings)
    return [
        *_lost_facts(draft, text, edits, spans),
        *_new_facts(draft, text, " ".join(allowed)),
        *_turned(draft, edits, spans),
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


def _turned(draft: str, edits: Sequence[Edit], spans: list[tuple[int, int]]) -> list[Fault]:
    """Find edits that turn a statement round: a negation or a modal verb dropped, added or exchanged."""
    faults = []
    for edit in edits:
        if any(a <= edit.start and edit.end <= b for a, b in spans) and not edit.replacement.strip():
            continue
        old, new = draft[edit.start : edit.end], edit.replacement
        if len(_NEGATION.findall(old)) != len(_NEGATION.findall(new)):
            faults.append(Fault("negation", f"“{_short(old)}” → “{_short(new)}” changes a negation."))
        elif sorted(m.lower() for m in _MODAL.findall(old)) != sorted(m.lower() for m in _MODAL.findall(new)) and not _softer(old, new):
            faults.append(Fault("modality", f"“{_short(old)}” → “{_short(new)}” changes what must, may or can be."))
    return faults


def _softer(old: str, new: str) -> bool:
    """Is the only change that a claim became more careful (will -> may)?"""
    gone = Counter(m.lower() for m in _MODAL.findall(old)) - Counter(m.lower() for m in _MODAL.findall(new))
    come = Counter(m.lower() for m in _MODAL.findall(new)) - Counter(m.lower() for m in _MODAL.findall(old))
    return set(come) <= {"may", "might", "can", "could"} and set(gone) <= {"will", "would"}


def _new_findings(before: Review, after: Review) -> list[Fault]:
    had = Counter(finding.rule for finding in before.findings)
    blocking = Counter(f.rule for f in before.findings if f.level != "should")
    faults = []
    for finding in after.findings:
        had[finding.rule] -= 1
        stronger = finding.level != "should" and blocking[finding.rule] == 0
        if had[finding.rule] < 0 or stronger:
            words = after.draft.text[finding.start : finding.end]
            faults.append(Fault("new-finding", f"“{_short(words)}” breaks “{finding.rule}”, which the draft did not."))
    return faults


def _form_faults(before: Review, after: Review) -> list[Fault]:
    draft, text, limit = before.draft.text, after.draft.text, after.figures.limit
    faults = []
    if draft.strip() and not text.strip():
        faults.append(Fault("empty", "Nothing of the draft is left."))
    if limit and after.figures.length > max(limit, before.figures.length):
        faults.append(Fault("too-long", f"{after.figures.length} characters; {limit} fit."))
    if Counter(_MARKUP.findall(text)) - Counter(_MARKUP.findall(draft)):
        faults.append(Fault("markup", "The revision holds markup that the draft did not."))
    if Counter(_HIDDEN.findall(text)) - Counter(_HIDDEN.findall(draft)):
        faults.append(Fault("hidden-characters", "The revision holds invisible characters that the draft did not."))
    if other_language(draft, text):
        faults.append(Fault("language", "The revision is in another language than the draft."))
    return faults


def _scripts(text: str) -> Counter[str]:
    """Count letters by script, roughly: Latin, Greek, Cyrillic, Hebrew, Arabic, CJK, other."""
    bounds = ((0x250, "latin"), (0x400, "greek"), (0x530, "cyrillic"), (0x600, "hebrew"), (0x780, "arabic"), (0x2E80, "other"), (0x3FFFF, "cjk"))
    return Counter(next(name for top, name in bounds if ord(c) < top) for c in text if c.isalpha() and ord(c) < 0x3FFFF)


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


def language(text: str) -> str:
    """Guess the language from function words: a code, or '' when there are too few of them to tell."""
    found = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    scores = {code: sum(found[w] for w in words.split()) for code, words in _FUNCTION_WORDS.items()}
    ranked = sorted(scores.values(), reverse=True)
    return max(scores, key=scores.__getitem__) if ranked[0] >= 3 and ranked[0] > 1.3 * ranked[1] else ""


def other_language(draft: str, text: str) -> bool:
    """Is the text in another script or (where both can be told) another language than the draft?"""
    old, new = _scripts(draft), _scripts(text)
    if old and new and new.most_common(1)[0][0] != old.most_common(1)[0][0]:
        return True
    first, second = language(draft), language(text)
    return bool(first and second and first != second)


def verify_answer(answer: Answer, guideline: Guideline) -> list[Fault]:
    """Say what speaks against an answer: an unknown decision or rule, a citation that the guideline does not hold."""
    faults = []
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
    if not answer.text.strip() or _MARKUP.search(answer.text) or _HIDDEN.search(answer.text):
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
