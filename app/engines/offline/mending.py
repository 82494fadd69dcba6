"""How a finding is mended, by the name that its rule gives under `fix`."""

from __future__ import annotations

import re

from app.manuscript import Manuscript
from app.records import Draft, Finding
from app.text.entities import entities
from app.text.length import limit, post_length
from app.text.sentences import sentences

ROUNDS = 8
_OPINION = "In my view, "
_LEAST_CLAUSE = 4  # words; a shorter rest of a sentence says nothing by itself
_SWEEPING = re.compile(r"\b(?:all|every\w*|any\w*|never|always|nobody|no one|no|none|only|best|worst|most|least|can(?:'|’|no)t|ever)\b", re.I)
_DECLARATIVE = re.compile(r"^(?:the|a|an|this|that|these|those|it|they|he|she|there|[A-Z][\w'’-]*|our|their|its|all|every|no|most|some|one)\b", re.I)


def mend(manuscript: Manuscript, finding: Finding, draft: Draft) -> str | None:
    """Mend one finding on the manuscript. Gives the request to the author when only they can mend it, else None."""
    if finding.fix == "ask-author":
        return finding.suggestion
    if finding.fix == "drop-sentence":
        if finding.level == "ask" or finding.source != "rule" or not _drop_clause(manuscript, finding):
            drop_sentence(manuscript, finding)
    elif finding.fix == "drop-words":
        _drop(manuscript, finding.start, finding.end, finding)
    elif finding.fix == "trim":
        _trim(manuscript, finding)
    elif finding.fix == "shorten":
        return _shorten(manuscript, finding, draft)
    elif finding.fix == "opinion":
        return _mark_opinion(manuscript, finding)
    elif finding.replacement is not None:
        if finding.replacement:
            manuscript.replace(finding.start, finding.end, finding.replacement, finding.rule, finding.explanation)
        else:
            _drop(manuscript, finding.start, finding.end, finding)
    elif finding.level != "should":
        return finding.suggestion
    return None


def drop_sentence(manuscript: Manuscript, finding: Finding) -> None:
    """Take out the sentence or sentences that hold the finding, with the space that parts them from their neighbours."""
    lines = sentences(manuscript.text)
    touching = [(a, b) for a, b in lines if a < finding.end and finding.start < b]
    if touching and finding.level == "ask":
        touching += _hanging(manuscript.text, [line for line in lines if line[0] >= touching[-1][1]])
    if touching:
        _drop(manuscript, touching[0][0], touching[-1][1], finding, certain=finding.source == "rule" and finding.level != "ask")


def _hanging(text: str, following: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give the sentence after a secret when it only goes on about it ("It gets announced next week.")."""
    if not following:
        return []
    start, end = following[0]
    goes_on = re.match(r"(?:it|this|that|they|he|she|you(?:'|’)ll read it)\b", text[start:end], re.I)
    bare = not any(e.kind not in ("emoji", "hashtag") for e in entities(text[start:end]))
    return [(start, end)] if goes_on and bare else []


def _drop_clause(manuscript: Manuscript, finding: Finding) -> bool:
    """Take out only the bracket or the last clause that holds the finding; False when it is not so placed."""
    text = manuscript.text
    for start, end in sentences(text):
        if not (start <= finding.start and finding.end <= end):
            continue
        for bracket in re.finditer(r"\([^()]*\)", text[start:end]):
            if start + bracket.start() < finding.start and finding.end < start + bracket.end():
                _drop(manuscript, start + bracket.start(), start + bracket.end(), finding)
                return True
        cut = max((m.start() for m in re.finditer(r"\s*(?:[,;:–—]|\s-)\s", text[start : finding.start])), default=-1)
        body = len(re.sub(r"[\s.!?…)\"”’]+$", "", text[start:end]))
        tail = text[finding.end : start + body]
        if cut > 0 and len(text[start : start + cut].split()) >= _LEAST_CLAUSE and not re.search(r"[,;:–—]\s", tail):
            closing = text[start + body : end]
            manuscript.replace(start + cut, end, "." if set(closing) <= set("!?") and closing else closing, finding.rule, finding.explanation)
            return True
    return False


def _drop(manuscript: Manuscript, start: int, end: int, finding: Finding, certain: bool = True) -> None:
    """Take [start, end) out and leave the spacing, the comma and the capital letter around it in order."""
    text = manuscript.text
    left, right = text[:start], text[end:]
    at_line_start = not left.strip(" \t") or left.rstrip(" \t").endswith("\n")
    if at_line_start and (right.startswith("\n") or not right):
        gap = re.match(r"\n*", right)[0]
        end += len(gap)
        if not text[end:] and left:
            start = len(left.rstrip())
    elif right[:1] == " " and (at_line_start or left[-1:] in " \n("):
        end += len(right) - len(right.lstrip(" "))
    elif left[-1:] == " " and (not right or right[0] in "\n.,;:!?)"):
        start -= len(left) - len(left.rstrip(" "))
    fresh = ""
    rest = text[end:]
    begins = not text[:start].strip() or text[:start].rstrip(" ")[-1:] in ".!?\n"
    if begins and text[start : start + 1].isupper() and rest[:1].islower():
        fresh, end = rest[0].upper(), end + 1
    manuscript.replace(start, end, fresh, finding.rule, finding.explanation, certain)


def _trim(manuscript: Manuscript, finding: Finding) -> None:
    """Thin out surplus hashtags, mentions, emoji or repeats; a hashtag inside a sentence only loses its sign."""
    inside = [e for e in entities(manuscript.text) if finding.start <= e.start and e.end <= finding.end]
    tags = [e for e in inside if e.kind in ("hashtag", "handle", "emoji")]
    if not tags:
        repeated = re.match(r"(\w+)(?:\W{1,3}\1\b)+", manuscript.text[finding.start : finding.end], re.I)
        if repeated and repeated.end() == finding.end - finding.start:
            manuscript.replace(finding.start, finding.end, repeated[1], finding.rule, finding.explanation)
        elif re.fullmatch(r"[!！?？\s]+", manuscript.text[finding.start : finding.end]):
            _drop(manuscript, finding.start, finding.end, finding)
        elif "!" in manuscript.text[finding.start : finding.end]:
            _calm(manuscript, finding)
        else:
            _drop(manuscript, finding.start, finding.end, finding)
        return
    for tag in reversed(tags):
        around = manuscript.text
        tail = re.fullmatch(r"(?:\s|[#@][\w.@]+|[^\w\s])*", around[tag.end :])
        next_word = re.match(r"[ \t]*([#@\w])", around[tag.end :])
        in_sentence = tag.kind == "hashtag" and not tail and next_word and next_word[1] not in "#@"
        if in_sentence:
            manuscript.replace(tag.start, tag.start + 1, "", finding.rule, finding.explanation)
        else:
            _drop(manuscript, tag.start, tag.end, finding)


def _calm(manuscript: Manuscript, finding: Finding) -> None:
    """Turn surplus exclamation marks into full stops, one by one from the end."""
    for mark in reversed(list(re.finditer(r"[!！]+", manuscript.text[finding.start : finding.end]))):
        start, end = finding.start + mark.start(), finding.start + mark.end()
        before = manuscript.text[:start].rstrip()[-1:]
        manuscript.replace(start, end, "" if before in "!?.！" else ".", finding.rule, finding.explanation)


def _mark_opinion(manuscript: Manuscript, finding: Finding) -> str | None:
    """Put "In my view," before a plain statement; other kinds of sentence are the author's to mark."""
    if finding.replacement is not None:
        manuscript.replace(finding.start, finding.end, finding.replacement, finding.rule, finding.explanation)
        return None
    text = manuscript.text
    touching = [(a, b) for a, b in sentences(text) if a < finding.end and finding.start < b]
    if not touching:
        return finding.suggestion
    start, end = touching[0]
    sentence = text[start:end]
    if sentence.startswith(_OPINION) or sentence.endswith("?") or not _DECLARATIVE.match(sentence):
        return finding.suggestion
    if finding.source == "judge" and not _SWEEPING.search(sentence):  # it may be a rumour, which no "in my view" mends
        return finding.suggestion
    first = re.match(r"[\w'’-]+", sentence)
    word = first[0] if first else ""
    named = any(e.start == start for e in entities(text) if e.kind in ("name", "reference", "hashtag", "handle"))
    common = re.split("['’]", word.lower())[0] in _COMMON
    lower = word[:1].lower() + word[1:] if common and not named else word
    manuscript.replace(start, start + len(word), _OPINION + lower, finding.rule, finding.explanation)
    return None


_COMMON = frozenset(
    "the a an this that these those it they he she there our their its all every no most some one my we you his her many few "
    "nobody everybody everyone anyone nothing everything people only such each both either if when while since because as although "
    "today tomorrow yesterday now here then still".split()
)


def _shorten(manuscript: Manuscript, finding: Finding, draft: Draft) -> str | None:
    """Bring an over-long post within its limit by taking out whole sentences that carry no fact; else ask the author."""
    allowed = limit(draft.platform)
    if not allowed or post_length(manuscript.text, draft.platform) <= allowed:
        return finding.suggestion
    trial = manuscript.text
    cuts: list[tuple[int, int]] = []
    lines = sentences(trial)
    carried = [e for e in entities(trial) if e.kind not in ("emoji", "hashtag", "code")]
    spare = [(a, b) for a, b in lines[1:] if not any(a < e.end and e.start < b for e in carried)]
    for start, end in sorted(spare, key=lambda s: s[1] - s[0]):
        cuts.append((start, end))
        left = "".join(c for i, c in enumerate(trial) if not any(a <= i < b for a, b in cuts))
        if post_length(re.sub(r" {2,}", " ", left).strip(), draft.platform) <= allowed:
            for a, b in sorted(cuts, reverse=True):
                _drop(manuscript, a, b, finding, certain=False)
            return None
    return finding.suggestion
