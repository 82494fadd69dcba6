"""Records as JSON (the contract of the interface) and as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from app.guideline import Entry, Guideline
from app.records import LEVELS, Answer, Bios, Edit, Figures, Finding, Review, Revision

VERDICTS = {
    "ready": "Ready to post.",
    "revise": "Not ready: something must be changed first.",
    "ask": "Not ready: ask a person first.",
}
ANSWERS = {"yes": "Yes.", "yes-if": "Yes, if …", "no": "No.", "ask": "Ask first.", "out-of-scope": "The guideline does not say."}
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_LEVEL_COLOURS = {"ask": "red", "must": "red", "should": "yellow"}


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Give findings in the order in which a reader should see them: by level, then by place."""
    return sorted(findings, key=lambda f: (-LEVELS.index(f.level), f.start))


def finding_json(finding: Finding, text: str, guideline: Guideline) -> dict:
    """Give a finding's fields; `text` is the checked text. The quote is printed from the guideline, by offset."""
    passage = guideline.passages[finding.passage]
    fields = {
        "rule": finding.rule,
        "level": finding.level,
        "start": finding.start,
        "end": finding.end,
        "text": text[finding.start : finding.end],
        "explanation": finding.explanation,
        "quote": guideline.text[passage.start : passage.end],
        "passage": finding.passage,
        "suggestion": finding.suggestion,
        "source": finding.source,
        "confidence": round(finding.confidence, 3),
    }
    return fields | ({"field": finding.field} if finding.field else {})


def figures_json(figures: Figures) -> dict:
    """Give the measurements' fields."""
    return {"length": figures.length, "limit": figures.limit, "reading_grade": figures.reading_grade, "words": figures.words}


def review_json(review: Review, guideline: Guideline) -> dict:
    """Give what `check` prints."""
    findings = [finding_json(f, review.draft.text, guideline) for f in review.findings]
    return {"verdict": review.verdict, "findings": findings, "figures": figures_json(review.figures)}


def edit_json(edit: Edit) -> dict:
    """Give an edit's fields."""
    return {
        "id": edit.id,
        "start": edit.start,
        "end": edit.end,
        "replacement": edit.replacement,
        "rule": edit.rule,
        "why": edit.why,
        "certain": edit.certain,
    }


def revision_json(revision: Revision, guideline: Guideline) -> dict:
    """Give what `revise` prints."""
    return {
        **review_json(revision.before, guideline),
        "edits": [edit_json(e) for e in revision.edits],
        "revision": revision.text,
        "revised": review_json(revision.after, guideline),
        "for_author": list(revision.for_author),
        "engine": revision.made_by,
        "verified": revision.verified,
        "notes": list(revision.notes),
    }


def answer_json(answer: Answer, guideline: Guideline) -> dict:
    """Give what `ask` prints."""
    return {
        "answer": answer.answer,
        "text": answer.text,
        "conditions": list(answer.conditions),
        "rules": list(answer.rules),
        "citations": [{"passage": p.id, "quote": guideline.text[p.start : p.end]} for p in answer.citations],
        "check": review_json(answer.check, guideline) if answer.check else None,
        "engine": answer.made_by,
        "notes": list(answer.notes),
    }


def bios_json(bios: Bios, guideline: Guideline) -> dict:
    """Give what `bio` prints."""
    current = None
    if bios.current:
        # The findings of `current` may lie in the bio or in the handle: the words come with each finding's own text.
        current = {"verdict": bios.current.verdict, "findings": [_current_finding(f, bios, guideline) for f in bios.current.findings]}
    return {
        "bios": [
            {"text": b.text, "length": len(b.text), "check": {k: v for k, v in review_json(b.check, guideline).items() if k != "figures"}} for b in bios.bios
        ],
        "handles": list(bios.handles),
        "current": current,
        "declined": [{"wish": d.wish, "rule": d.rule, "quote": guideline.passages[d.passage].text} for d in bios.declined],
        "engine": bios.made_by,
        "notes": list(bios.notes),
    }


def _current_finding(finding: Finding, bios: Bios, guideline: Guideline) -> dict:
    return finding_json(finding, bios.current_texts[finding.field or "bio"], guideline)


class Painter:
    """Colours words when the output is a terminal that wants colour, and wraps paragraphs."""

    def __init__(self, colour: bool, width: int = 88):
        self.colour = colour
        self.width = width

    def paint(self, text: str, *names: str) -> str:
        """Give the text in the named colours, or plain."""
        if not self.colour or not text:
            return text
        return "\033[" + ";".join(_COLOURS[n] for n in names) + "m" + text + "\033[0m"

    def wrap(self, text: str, indent: str = "") -> str:
        """Wrap a paragraph to the width; line breaks of the text stay."""
        lines = text.split("\n")
        return "\n".join(textwrap.fill(line, self.width, initial_indent=indent, subsequent_indent=indent, break_long_words=False) if line else "" for line in lines)


def review_text(review: Review, guideline: Guideline, colour: bool = False) -> str:
    """Give a check for a reader at a terminal."""
    painter = Painter(colour)
    figures = review.figures
    of = f" of {figures.limit}" if figures.limit else ""
    lines = [painter.paint(VERDICTS[review.verdict], "bold", "green" if review.verdict == "ready" else "red")]
    for finding in gravest_first(review.findings):
        lines += ["", *_finding_lines(finding, review.draft.text, guideline, painter)]
    lines += ["", painter.paint(f"{figures.length}{of} characters, {figures.words} words, reading grade {figures.reading_grade:g}.", "dim")]
    return "\n".join(lines)


def _finding_lines(finding: Finding, text: str, guideline: Guideline, painter: Painter) -> Iterable[str]:
    words = " ".join(text[finding.start : finding.end].split())
    words = words if len(words) <= 120 else words[:117].rsplit(" ", 1)[0] + " …"
    yield painter.paint(f"{finding.level:6} ", "bold", _LEVEL_COLOURS[finding.level]) + painter.paint(f"{finding.rule}", "bold") + f"  “{words}”"
    yield painter.wrap(finding.explanation, "       ")
    if finding.suggestion and finding.suggestion not in finding.explanation:
        yield painter.wrap(finding.suggestion, "       ")
    passage = guideline.passages[finding.passage]
    yield painter.paint(painter.wrap(f"The guideline: “{' '.join(passage.text.split())}”", "       "), "cyan")


def revision_text(revision: Revision, guideline: Guideline, colour: bool = False) -> str:
    """Give a revision for a reader at a terminal: the check, the changes with their reasons, the text to post."""
    painter = Painter(colour)
    parts = [review_text(revision.before, guideline, colour)]
    if revision.edits:
        parts.append(painter.paint("Changes", "bold"))
        parts += [_edit_line(e, revision.before.draft.text, painter) for e in revision.edits]
        state = VERDICTS[revision.after.verdict]
        parts.append(painter.paint(f"Revision ({revision.made_by}, {'verified' if revision.verified else 'not verified'}): {state}", "bold"))
        parts.append(revision.text)
    elif not revision.notes:
        parts.append("Nothing was changed." if revision.before.verdict == "ready" else "Nothing was changed: what is left to do is yours.")
    if revision.for_author:
        parts.append(painter.paint("Only you can do this", "bold"))
        parts += [painter.wrap(f"- {item}") for item in revision.for_author]
    parts += [painter.wrap(f"Note: {note}") for note in revision.notes]
    return "\n\n".join(parts)


def _edit_line(edit: Edit, draft: str, painter: Painter) -> str:
    old, new = " ".join(draft[edit.start : edit.end].split()), " ".join(edit.replacement.split())
    shown = f"{painter.paint(f'− {old}', 'red')}\n  {painter.paint(f'+ {new}', 'green')}" if old and new else painter.paint(f"− {old}", "red") if old else painter.paint(f"+ {new}", "green")
    return f"{edit.id}. {shown}\n" + painter.wrap(f"{edit.rule}: {edit.why}", "   ")


def answer_text(answer: Answer, guideline: Guideline, colour: bool = False) -> str:
    """Give an answer for a reader at a terminal."""
    painter = Painter(colour)
    tone = {"yes": "green", "yes-if": "green", "no": "red", "ask": "yellow", "out-of-scope": "dim"}[answer.answer]
    parts = [painter.paint(ANSWERS[answer.answer], "bold", tone), painter.wrap(answer.text)]
    parts += [painter.wrap(f"- {c}") for c in answer.conditions]
    parts += [painter.paint(painter.wrap(f"The guideline: “{' '.join(p.text.split())}”"), "cyan") for p in answer.citations]
    if answer.check:
        parts.append("The draft in your question:\n" + review_text(answer.check, guideline, colour))
    parts += [painter.wrap(f"Note: {note}") for note in answer.notes]
    return "\n\n".join(parts)


def bios_text(bios: Bios, guideline: Guideline, colour: bool = False) -> str:
    """Give bios and handles for a reader at a terminal."""
    painter = Painter(colour)
    parts = [painter.paint("Bios", "bold")]
    parts += [f"{b.text}\n" + painter.paint(f"{len(b.text)} characters, {b.check.verdict}", "dim") for b in bios.bios]
    if bios.handles:
        parts.append(painter.paint("Handles", "bold") + "\n" + "  ".join(bios.handles))
    if bios.current:
        lines = [painter.paint("Your present profile: " + VERDICTS[bios.current.verdict], "bold")]
        for finding in bios.current.findings:
            lines += _finding_lines(finding, bios.current_texts[finding.field or "bio"], guideline, painter)
        parts.append("\n".join(lines))
    for wish in bios.declined:
        parts.append(painter.wrap(f"Not done: “{wish.wish}”. {guideline.rules[wish.rule].title}.") + "\n" + painter.paint(painter.wrap(f"The guideline: “{guideline.passages[wish.passage].text}”"), "cyan"))
    parts += [painter.wrap(f"Note: {note}") for note in bios.notes]
    return "\n\n".join(parts)


def rules_text(guideline: Guideline, colour: bool = False) -> str:
    """Give the catalogue: a line a rule, then the advice."""
    painter = Painter(colour)
    width = max(len(name) for name in guideline.entries)
    lines = [painter.paint("Rules", "bold")]
    lines += [f"{name:{width}}  {rule.level:6}  {rule.title}" for name, rule in guideline.rules.items()]
    lines += ["", painter.paint("Advice", "bold"), *(f"{name:{width}}  {'':6}  {entry.title}" for name, entry in guideline.advice.items())]
    return "\n".join(lines)


def rule_json(entry: Entry, guideline: Guideline) -> dict:
    """Give one rule or advice: its words in the guideline, what it means, examples."""
    return {
        "id": entry.id,
        "title": entry.title,
        "level": entry.level or None,
        "applies_to": list(entry.applies_to),
        "quotes": [p.text for p in guideline.passages_of(entry.id)],
        "help": entry.help,
        "breaks": [e.text for e in entry.breaks],
        "fine": [e.text for e in entry.fine],
    }


def rule_text(entry: Entry, guideline: Guideline, colour: bool = False) -> str:
    """Give the help page of one rule or advice."""
    painter = Painter(colour)
    level = {"ask": "Stops a post until a person was asked.", "must": "Stops a post until it is mended.", "should": "Advice; it never stops a post alone.", "": "Advice."}
    parts = [painter.paint(f"{entry.id}: {entry.title}", "bold"), level[entry.level]]
    parts += [painter.paint(painter.wrap(f"The guideline: “{' '.join(p.text.split())}”"), "cyan") for p in guideline.passages_of(entry.id)]
    if entry.help:
        parts.append(painter.wrap(" ".join(entry.help.split())))
    for title, examples in (("Breaks it", entry.breaks), ("Fine", entry.fine)):
        if examples:
            parts.append(painter.paint(title, "bold") + "\n" + "\n".join(painter.wrap("- " + e.text.replace("\n", " ")) for e in examples))
    return "\n\n".join(parts)
