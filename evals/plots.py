"""Plots as inline SVG: tracks that stretch with the page, and square plots with axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from evals.markup import Html, tag

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 380, 300, 64, 40, 10


def bar(share: float, colour: str = "good") -> Html:
    """Draw a share of 1 as a bar on a track."""
    full = tag("rect", x=0, y=5, width="100%", height=8, rx=4, class_="fill-quiet", opacity="0.45")
    return tag("svg", full, tag("rect", x=0, y=5, width=f"{100 * share:.1f}%", height=8, rx=4, class_=f"fill-{colour}"), aria_hidden="true")


def dumbbell(blue: float | None, green: float | None) -> Html:
    """Draw two shares of 1 on one track, joined by a line; None is left out."""
    marks = [(p, c) for p, c in ((blue, "blue"), (green, "good")) if p is not None]
    parts = [tag("line", x1="0", x2="100%", y1=9, y2=9, class_="axis")]
    parts += [tag("line", x1=f"{x}%", x2=f"{x}%", y1=3, y2=15, class_="axis") for x in (0, 25, 50, 75, 100)]
    if len(marks) == 2:
        low, high = sorted(100 * p for p, _ in marks)
        parts.append(tag("rect", x=f"{low:.1f}%", y=7, width=f"{high - low:.1f}%", height=4, class_="fill-quiet"))
    parts += [tag("circle", cx=f"{100 * p:.1f}%", cy=9, r=5.5, class_=f"fill-{c}") for p, c in marks]
    return tag("svg", *parts, aria_hidden="true")


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - 12), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _frame(across: str, up: str, ticks_x: Sequence[tuple[float, str]], ticks_y: Sequence[tuple[float, str]]) -> list[Html]:
    parts = [tag("line", x1=_x(0), x2=_x(1), y1=_y(t), y2=_y(t), class_="axis") for t, _ in ticks_y]
    parts += [tag("text", label, x=LEFT - 8, y=_y(t) + 4, text_anchor="end") for t, label in ticks_y]
    parts += [tag("text", label, x=_x(t), y=HEIGHT - BOTTOM + 17, text_anchor="middle") for t, label in ticks_x]
    parts.append(tag("text", across, x=_x(0.5), y=HEIGHT - 4, text_anchor="middle"))
    parts.append(tag("text", up, x=10, y=_y(0.5), text_anchor="middle", transform=f"rotate(-90 10 {_y(0.5)})"))
    return parts


PERCENT = [(t / 4, f"{25 * t} %") for t in range(5)]


def _plot(parts: Sequence[object], said: str) -> Html:
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", width=WIDTH, role="img", aria_label=said)


def reliability(bins: Sequence[Mapping[str, float]]) -> Html:
    """Draw how often findings were right against how sure they were; a dot's area grows with its number."""
    parts = _frame("confidence shown", "share that was right", PERCENT, PERCENT)
    parts.append(tag("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="ideal"))
    most = max((b["n"] for b in bins), default=1)
    for b in bins:
        dot = tag("circle", cx=_x(b["confidence"]), cy=_y(b["right"]), r=round(4 + 9 * math.sqrt(b["n"] / most), 1), class_="fill-good", opacity="0.8")
        parts.append(dot)
        parts.append(tag("text", f"{b['n']:.0f}", x=_x(b["confidence"]), y=_y(b["right"]) - 7 - 9 * math.sqrt(b["n"] / most), text_anchor="middle"))
    return _plot(parts, "Reliability diagram: " + "; ".join(f"confidence {b['confidence']:.0%}, right {b['right']:.0%}, {b['n']:.0f} findings" for b in bins))


def risk_curve(points: Sequence[Sequence[float]]) -> Html:
    """Draw the share of wrong decisions among the most confident ones, as more are answered."""
    top = min(1.0, max([0.1, *(r for c, r in points if c > 0.05)]) * 1.15)
    top = math.ceil(top * 10) / 10
    ticks = [(t / 5, f"{100 * top * t / 5:.0f} %") for t in range(6)]
    parts = _frame("share of the questions, most confident first", "wrong among them", PERCENT, ticks)
    line = " ".join(f"{_x(c)},{_y(min(1.0, r / top))}" for c, r in points)
    parts.append(tag("polyline", points=line, class_="curve"))
    quarters = [min(points, key=lambda p: abs(p[0] - q)) for q in (0.25, 0.5, 0.75, 1.0)] if points else []
    return _plot(parts, "Risk and coverage: " + "; ".join(f"at {c:.0%} answered {r:.0%} wrong" for c, r in quarters))


class LogScale:
    """Durations in milliseconds on a logarithmic track."""

    def __init__(self, values: Sequence[float]):
        """Take whole powers of ten that hold all `values`."""
        self.low = math.floor(math.log10(max(0.1, min(values))))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))

    def place(self, ms: float) -> str:
        """Give the place of a duration on the track, in per cent of its width."""
        share = (math.log10(max(ms, 10**self.low)) - self.low) / (self.high - self.low)
        return f"{100 * share:.2f}%"

    def ticks(self) -> Html:
        """Draw the labels of the powers of ten."""
        labels = []
        for power in range(self.low, self.high + 1):
            anchor = "start" if power == self.low else "end" if power == self.high else "middle"
            words = f"{10**power:g} ms" if power < 3 else f"{10 ** (power - 3):g} s"
            labels.append(tag("text", words, x=self.place(10**power), y=14, text_anchor=anchor))
        return tag("svg", *labels, class_="scale", aria_hidden="true")

    def track(self, values: Sequence[float], half: float, most: float) -> Html:
        """Draw every duration as a tick, and where 50 % and 95 % of them end."""
        parts = [tag("line", x1=p, x2=p, y1=1, y2=17, class_="axis") for p in (self.place(10**i) for i in range(self.low, self.high + 1))]
        step = max(1, len(values) // 200)
        parts += [tag("rect", x=self.place(v), y=3, width=1.2, height=12, class_="fill-quiet") for v in values[::step]]
        parts += [tag("circle", cx=self.place(v), cy=9, r=5, class_=f"fill-{c}") for v, c in ((half, "good"), (most, "bad"))]
        return tag("svg", *parts, aria_hidden="true")


def histogram(values: Sequence[float], edges: Sequence[float], across: str) -> Html:
    """Draw how many values lie between each two edges; the last bin takes everything above."""
    counts = [sum(a <= v < b for v in values) for a, b in zip(edges, edges[1:], strict=False)]
    counts[-1] += sum(v >= edges[-1] for v in values)
    most = 2 * math.ceil(max([*counts, 1]) / 2)
    ticks = [((e - edges[0]) / (edges[-1] - edges[0]), f"{100 * e:.0f} %") for e in edges[::2]]
    parts = _frame(across, "posts", ticks, [(t / 2, f"{most * t / 2:.0f}") for t in range(3)])
    for (a, b), n in zip(zip(edges, edges[1:], strict=False), counts, strict=True):
        start, end = ((e - edges[0]) / (edges[-1] - edges[0]) for e in (a, b))
        parts.append(tag("rect", x=_x(start) + 1, y=_y(n / most), width=round(_x(end) - _x(start) - 2, 1), height=round(_y(0) - _y(n / most), 1), rx=2, class_="fill-good", opacity="0.85"))
    return _plot(parts, f"{across}: " + ", ".join(map(str, counts)))
