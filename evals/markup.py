"""HTML by small functions: everything that is not made here is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from app.manuscript import diff


class Html(str):
    """Text that is HTML already."""


def h(value: object) -> Html:
    """Give a value as HTML: escaped, unless it is HTML already."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def tag(name: str, /, *content: object, **attributes: object) -> Html:
    """Make an element. `class_` stands for class; an attribute that is None or False is left out."""
    given = "".join(f' {k.rstrip("_").replace("_", "-")}="{escape(str(v))}"' for k, v in attributes.items() if v not in (None, False))
    if name in ("line", "circle", "rect", "polyline", "path", "meta"):
        return Html(f"<{name}{given}/>")
    return Html(f"<{name}{given}>{''.join(h(c) for c in content)}</{name}>")


def join(parts: Iterable[object], between: str = "") -> Html:
    """Join pieces of HTML."""
    return Html(between.join(h(p) for p in parts))


def table(head: Sequence[object], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> Html:
    """Make a table that scrolls sideways on its own; `numbers` are the columns to align right."""

    def row(cells: Sequence[object], name: str) -> Html:
        return tag("tr", *(tag(name, c, class_="n" if i in numbers else None) for i, c in enumerate(cells)))

    return tag("div", tag("table", tag("thead", row(head, "th")), tag("tbody", *(row(r, "td") for r in rows))), class_="scroll")


def matrix(names: Sequence[str], counts: Sequence[Sequence[int]], said: str) -> Html:
    """Make a confusion matrix: a row is what was expected, its shades are shares of that row."""
    rows = []
    for i, row in enumerate(counts):
        total = sum(row) or 1
        cells = [
            tag("td", n, class_="right" if i == j else "wrong", style=f"--s:{n / total:.3f}", title=f"expected {names[i]}, got {names[j]}: {n} of {total}")
            for j, n in enumerate(row)
        ]
        rows.append(tag("tr", tag("th", names[i], scope="row"), *cells))
    head = tag("tr", tag("th", said), *(tag("th", n, scope="col") for n in names))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix"), class_="scroll")


def marked(text: str, evidence: Iterable[tuple[int, int]], found: Iterable[tuple[int, int, str, bool]]) -> Html:
    """Give a draft with its evidence underlined and its (start, end, rule, soft) findings marked; spans may overlap."""
    evidence, found = list(evidence), list(found)
    edges = sorted({0, len(text), *(p for s in evidence for p in s[:2]), *(p for s in found for p in s[:2])})
    parts = []
    for start, end in zip(edges, edges[1:], strict=False):
        piece = h(text[start:end])
        over = [(rule, soft) for a, b, rule, soft in found if a <= start and end <= b]
        title = ", ".join(sorted({rule for rule, _ in over}))
        if any(a <= start and end <= b for a, b in evidence):
            piece = tag("u", piece, class_="ev")
        parts.append(tag("mark", piece, title=title, class_="look" if all(soft for _, soft in over) else None) if over else piece)
    return tag("div", *parts, class_="draft")


def changes(before: str, after: str) -> Html:
    """Give a revision with what was taken out and put in."""
    parts, position = [], 0
    for start, end, new in diff(before, after):
        parts.append(h(before[position:start]))
        if end > start:
            parts.append(tag("del", before[start:end]))
        if new:
            parts.append(tag("ins", new))
        position = end
    return tag("div", *parts, before[position:], class_="draft")


def more(title: str, *content: object) -> Html:
    """Fold something away under a title."""
    return tag("details", tag("summary", title), *content, class_="more")
