"""Records as HTML for the page. Every text is escaped here, and only here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from app.guideline import Guideline
from app.present import ANSWERS, VERDICTS, gravest_first
from app.records import Answer, Bios, Edit, Finding, Review, Revision

LEVEL_WORDS = {"ask": "ask a person", "must": "must change", "should": "advice"}
SOURCE_WORDS = {"rule": "found by its words", "judge": "the judge's reading", "llm": "the language model's reading"}


def verdict_html(review: Review, heading: str = "") -> str:
    """Give the verdict as a banner with the figures."""
    figures = review.figures
    of = f" of {figures.limit:,}" if figures.limit else ""
    line = f"{figures.length:,}{of} characters · {figures.words:,} words · reading grade {figures.reading_grade:g}"
    title = f"<span class='ps-kicker'>{escape(heading)}</span>" if heading else ""
    return f"<div class='ps-verdict ps-{review.verdict}' role='status'>{title}<strong>{VERDICTS[review.verdict]}</strong><span>{line}</span></div>"


def marked_html(review: Review) -> str:
    """Give the draft with the words found in marks; where findings overlap, the graver one colours the words."""
    text = review.draft.text
    if not review.findings:
        return ""
    bounds = sorted({0, len(text), *(f.start for f in review.findings), *(f.end for f in review.findings)})
    rank = {"ask": 0, "must": 1, "should": 2}
    parts = []
    for start, end in zip(bounds, bounds[1:], strict=False):
        over = sorted((f for f in review.findings if f.start <= start and end <= f.end), key=lambda f: (rank[f.level], f.end - f.start))
        piece = escape(text[start:end])
        if over:
            names = ", ".join(dict.fromkeys(f.rule for f in over))
            piece = f"<mark class='ps-{over[0].level}' title='{escape(names)}'>{piece}</mark>"
        parts.append(piece)
    return f"<div class='ps-draft' aria-label='What was found, marked'>{''.join(parts)}</div>"


def cards_html(findings: Iterable[Finding], text: str, guideline: Guideline) -> str:
    """Give a card per finding, the gravest first: the words, what is wrong, what to do, the guideline's sentence."""
    return "".join(_card(f, text, guideline) for f in gravest_first(findings))


def _card(finding: Finding, text: str, guideline: Guideline) -> str:
    words = " ".join(text[finding.start : finding.end].split())
    words = words if len(words) <= 160 else words[:157].rsplit(" ", 1)[0] + " …"
    passage = guideline.passages[finding.passage]
    rule = guideline.rules[finding.rule]
    suggestion = f"<p class='ps-suggest'>{escape(finding.suggestion)}</p>" if finding.suggestion else ""
    where = f" · {escape(finding.field.replace('_', ' '))}" if finding.field else ""
    return (
        f"<article class='ps-card ps-{finding.level}'><header><b>{escape(rule.title)}</b>"
        f"<span class='ps-level'>{LEVEL_WORDS[finding.level]}{where}</span></header>"
        f"<p class='ps-words'>“{escape(words)}”</p><p>{escape(finding.explanation)}</p>{suggestion}"
        f"<blockquote>“{escape(' '.join(passage.text.split()))}”<cite>{escape(guideline.organisation.title)}, “{escape(passage.heading)}”</cite></blockquote>"
        f"<footer>{escape(finding.rule)} · {SOURCE_WORDS[finding.source]} · {_sure(finding)}</footer></article>"
    )


def _sure(finding: Finding) -> str:
    return f"{finding.confidence:.0%} sure" if finding.confidence >= 0.5 else "not sure"


def changes_html(revision: Revision) -> str:
    """Give the draft with its changes: what goes struck out, what comes underlined."""
    if not revision.edits:
        return ""
    text, at, parts = revision.before.draft.text, 0, []
    for edit in sorted(revision.edits, key=lambda e: e.start):
        parts.append(escape(text[at : edit.start]))
        parts.append(_change(text, edit))
        at = edit.end
    parts.append(escape(text[at:]))
    return f"<div class='ps-draft ps-changes' aria-label='The changes'>{''.join(parts)}</div>"


def _change(text: str, edit: Edit) -> str:
    why = escape(f"{edit.rule}: {edit.why}")
    old, new = escape(text[edit.start : edit.end]), escape(edit.replacement)
    gone = f"<del title='{why}'>{old}</del>" if old.strip() else ""
    come = f"<ins title='{why}'>{new}</ins>" if new.strip() else new
    return gone + come


def edit_label(edit: Edit, text: str) -> str:
    """Say an edit in one line, for the list in which it can be taken or left."""
    old, new = " ".join(text[edit.start : edit.end].split()), " ".join(edit.replacement.split())
    short = [part if len(part) <= 60 else part[:57] + "…" for part in (old, new)]
    shown = f"“{short[0]}” → “{short[1]}”" if old and new else f"take out “{short[0]}”" if old else f"add “{short[1]}”"
    return f"{shown} ({edit.rule})"


def notes_html(for_author: Iterable[str], notes: Iterable[str]) -> str:
    """Give what only the author can supply, and the notes."""
    asked = "".join(f"<li>{escape(item)}</li>" for item in for_author)
    said = "".join(f"<p class='ps-note'>{escape(note)}</p>" for note in notes)
    return (f"<div class='ps-author'><b>Only you can do this</b><ul>{asked}</ul></div>" if asked else "") + said


def answer_html(answer: Answer, guideline: Guideline) -> str:
    """Give an answer: the decision, why, conditions, the guideline's words, the check of a quoted draft."""
    tone = {"yes": "ready", "yes-if": "ready", "no": "revise", "ask": "ask", "out-of-scope": "none"}[answer.answer]
    conditions = "".join(f"<li>{escape(c)}</li>" for c in answer.conditions)
    quotes = "".join(f"<blockquote>“{escape(' '.join(p.text.split()))}”<cite>{escape(guideline.organisation.title)}, “{escape(p.heading)}”</cite></blockquote>" for p in answer.citations)
    checked = ""
    if answer.check:
        checked = "<h4>The draft in your question</h4>" + verdict_html(answer.check) + marked_html(answer.check) + cards_html(answer.check.findings, answer.check.draft.text, guideline)
    listed = f"<ul>{conditions}</ul>" if conditions else ""
    return (
        f"<div class='ps-verdict ps-{tone}' role='status'><strong>{escape(ANSWERS[answer.answer])}</strong></div>"
        f"<p class='ps-answer'>{escape(answer.text)}</p>{listed}{quotes}{checked}{notes_html((), answer.notes)}"
    )


def bios_html(bios: Bios, guideline: Guideline) -> str:
    """Give the bios, the handles, the check of the present profile, and the wishes declined."""
    cards = "".join(f"<article class='ps-card ps-bio'><p class='ps-copyable'>{escape(b.text)}</p><footer>{len(b.text)} characters</footer></article>" for b in bios.bios)
    names = " ".join(f"<code>{escape(h)}</code>" for h in bios.handles)
    current = ""
    if bios.current:
        found = "".join(_card(f, bios.current_texts[f.field or "bio"], guideline) for f in bios.current.findings)
        current = "<h4>Your present profile</h4>" + f"<div class='ps-verdict ps-{bios.current.verdict}'><strong>{VERDICTS[bios.current.verdict]}</strong></div>" + found
    declined = "".join(
        f"<article class='ps-card ps-must'><header><b>Not done</b></header><p class='ps-words'>“{escape(d.wish)}”</p>"
        f"<blockquote>“{escape(guideline.passages[d.passage].text)}”</blockquote></article>"
        for d in bios.declined
    )
    handles = f"<h4>Handles</h4><p class='ps-handles'>{names}</p>" if names else ""
    return f"<h4>Bios</h4>{cards}{handles}{declined}{current}{notes_html((), bios.notes)}"


def error_html(message: str) -> str:
    """Give a failure as a sentence in place of a result."""
    return f"<div class='ps-verdict ps-none' role='alert'><strong>{escape(message)}</strong><span>Your text is untouched.</span></div>"
