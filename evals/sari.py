"""SARI, the measure of simplification of Xu et al. (2016, https://aclanthology.org/Q16-1029), over a whole set.

It rewards words that were rightly added, kept and deleted, in runs of one to four, against several references. As in
EASSE (Alva-Manchego et al. 2019), counts are summed over the set before F1 is taken for each length of run, and
texts are lower-cased and split as mteval-v13a does: so figures can be set beside published ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 4
_SPLITS = (
    (re.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def tokens(text: str) -> list[str]:
    """Split a text as mteval-v13a does, in lower case."""
    text = f" {text.lower()} "
    for pattern, spaced in _SPLITS:
        text = pattern.sub(spaced, text)
    return text.split()


def sari(sources: Sequence[str], outputs: Sequence[str], references: Sequence[Sequence[str]], deletion: str = "f1") -> float:
    """Give SARI from 0 to 100 of `outputs`, each with its source and its references.

    deletion: "f1", as figures on ASSET are published, or "precision", as in the paper of 2016.
    """
    counts = [[[0, 0, 0] for _ in range(LONGEST)] for _ in range(3)]
    for source, output, wanted in zip(sources, outputs, references, strict=True):
        words, said, refs = tokens(source), tokens(output), [tokens(r) for r in wanted]
        for size in range(1, LONGEST + 1):
            for operation, found in enumerate(_operations(_runs(words, size), _runs(said, size), [_runs(r, size) for r in refs])):
                for i, number in enumerate(found):
                    counts[operation][size - 1][i] += number
    add, keep, delete = counts
    scores = [_f1(*c) for c in add] + [_f1(*c) for c in keep]
    scores += [_f1(*c) if deletion == "f1" else c[0] / c[1] if c[1] else 0.0 for c in delete]
    return 100 * sum(scores) / len(scores)


def _runs(words: Sequence[str], size: int) -> Counter:
    return Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def _operations(source: Counter, output: Counter, references: Sequence[Counter]) -> list[tuple[int, int, int]]:
    """(right, done, wanted) for adding, keeping and deleting runs of one length; each reference has one vote."""
    times = len(references)
    wanted: Counter = sum(references, Counter())
    before = Counter({run: n * times for run, n in source.items()})
    after = Counter({run: n * times for run, n in output.items()})
    added, to_add = set(output) - set(source), set(wanted) - set(source)
    kept, to_keep = before & after, before & wanted
    deleted, to_delete = before - after, before - wanted
    return [
        (len(added & to_add), len(added), len(to_add)),
        ((kept & to_keep).total(), kept.total(), to_keep.total()),
        ((deleted & to_delete).total(), deleted.total(), to_delete.total()),
    ]


def _f1(right: int, done: int, wanted: int) -> float:
    return 2 * right / (done + wanted) if done + wanted else 0.0
