"""The judge: a small encoder that says which rules a post breaks, and with which words.

It reads the whole post at once and gives, for every rule, a calibrated probability and the weight of each word
in it; a sentence's probability is the post's, shared out by those weights. The files that it needs (model.onnx,
judge.json; tokenizer.json there or in the encoder's folder) are made by train.py.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import PresendError
from app.judge.data import STOP, post_input, question_input, spelled
from app.judge.scales import from_json

WINDOW = 256
OVERLAP = 48


@dataclass(frozen=True, slots=True)
class Reading:
    """What the judge makes of a post: P(must be stopped), P(rule), and P(rule) for each span that was asked about."""

    stop: float
    rules: dict[str, float]
    spans: list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class QuestionReading:
    """What the judge makes of a question: P(entry carries the answer), and shares of the five answers."""

    entries: dict[str, float]
    answers: dict[str, float]


class Judge:
    """The trained judge in `folder`, limited to `rules`; its files are opened at the first call.

    Rules that it was not taught are never found, and rules that it knows but `rules` lacks are left out.
    Raises PresendError at the first call when a file is missing or damaged.
    """

    def __init__(self, folder: Path, rules: Sequence[str]) -> None:
        self._folder = Path(folder)
        self._rules = frozenset(rules)
        self._opened = None
        self._lock = threading.Lock()

    def read(self, text: str, platform: str = "linkedin", account: str = "personal",
             spans: Sequence[tuple[int, int]] = ()) -> Reading:
        """Calibrated probabilities for `text` and for each (start, end) of `spans`, in code points of `text`.

        The likeliest span of a rule has the rule's own probability (none has any when there are no words); text of more than 256 tokens is read in windows.
        """
        scales, tokenizer, session = self._open()
        head = tokenizer.encode(post_input("", platform, account), add_special_tokens=False).ids
        words, origins = spelled(text)
        body = tokenizer.encode(words, add_special_tokens=False)
        offsets = [(origins[a], origins[b - 1] + 1) for a, b in body.offsets]
        room = WINDOW - len(head) - 2
        starts = list(range(0, max(1, len(body.ids) - OVERLAP), room - OVERLAP)) if len(body.ids) > room else [0]
        posts, _, said = _run(session, [_framed(tokenizer, [*head, *body.ids[s:s + room]]) for s in starts])
        # Window by window: the highest logits of several windows would make a text that nobody wrote.
        read = [scales.probabilities(row) for row in posts]
        found = {name: max(window[name] for window in read) for name in read[0]}
        rules = {rule: found[rule] for rule in scales.labels.rules if rule in self._rules}
        shared: list[dict[str, float]] = []
        if spans:
            windows = [(offsets[s:s + room], said[w][len(head) + 1:len(head) + 1 + len(offsets[s:s + room])],
                        read[w]) for w, s in enumerate(starts)]
            shared = _share_out(rules, scales.labels.rules, windows, spans)
        return Reading(found[STOP], rules, shared)

    def question(self, text: str) -> QuestionReading:
        """Calibrated probability of each guideline entry, and of each of the five answers."""
        scales, tokenizer, session = self._open()
        ids = tokenizer.encode(question_input(text), add_special_tokens=False).ids[:WINDOW - 2]
        _, questions, _ = _run(session, [_framed(tokenizer, ids)])
        return QuestionReading(*scales.question(questions[0]))

    def threshold(self, rule: str) -> tuple[float, float]:
        """(surely, worth a second look): probabilities of `rule` (or "stop") from which it counts so.

        A rule that the judge was not taught has (1.0, 1.0), which no probability reaches.
        """
        return self._open()[0].thresholds.get(rule, (1.0, 1.0))

    def decide(self, reading: Reading) -> dict[str, str]:
        """The rules that the judge finds in a reading: "surely" or worth a second "look" (see Scales.decide)."""
        return self._open()[0].decide({**reading.rules, STOP: reading.stop})

    def refuse(self, reading: Reading, rules: Iterable[str]) -> dict[str, str]:
        """Of `rules`, the likeliest that a wish breaks, "surely", or nothing (see Scales.refuse)."""
        return self._open()[0].refuse({**{r: reading.rules[r] for r in rules if r in reading.rules}, STOP: reading.stop})

    def open(self) -> None:
        """Read the files now rather than at the first call. Raises PresendError like it."""
        self._open()

    def _open(self):
        with self._lock:
            if self._opened is None:
                self._opened = _load(self._folder)
            return self._opened


def _load(folder: Path):
    """(scales, tokenizer, session) of a judge's folder."""
    from tokenizers import Tokenizer

    from app.judge.runtime import open_session

    words = folder / "tokenizer.json"
    if not words.is_file():
        words = folder.parent / "encoder" / "tokenizer.json"
    for path in (folder / "model.onnx", folder / "judge.json", words):
        if not path.is_file():
            raise PresendError(f"The judge's file '{path}' is missing. Install presend again or run app.judge.train.")
    try:
        path = folder / "judge.json"
        scales = from_json(json.loads(path.read_text(encoding="utf-8")))
        path = words
        tokenizer = Tokenizer.from_file(str(words))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        path = folder / "model.onnx"
        session = open_session(path, threads=1)
        width = session.get_outputs()[0].shape[1]
    except Exception as error:  # tokenizers raises bare Exception, onnxruntime its own classes
        why = type(error).__name__
        raise PresendError(f"The judge's file '{path}' is damaged ({why}). Install presend again.") from error
    if width != len(scales.labels.rules) + 1:
        raise PresendError(f"'{folder}': model.onnx and judge.json do not belong together. Install presend again.")
    return scales, tokenizer, session


def _framed(tokenizer, ids: Sequence[int]) -> list[int]:
    return [tokenizer.token_to_id("[CLS]"), *ids, tokenizer.token_to_id("[SEP]")]


def _run(session, rows: Sequence[Sequence[int]]):
    """Logits of posts, questions and words for rows of token ids."""
    import numpy as np

    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, :len(row)] = row
    mask = (np.arange(ids.shape[1]) < np.array([[len(row)] for row in rows])).astype(np.int64)
    return session.run(None, {"input_ids": ids, "attention_mask": mask})


def _share_out(rules: Mapping[str, float], columns: Sequence[str], windows, spans) -> list[dict[str, float]]:
    """Each rule's probability shared out among spans by the weight of their words; the likeliest span has all of it.

    `windows` holds for each window the offsets of its tokens, their logits (`columns` in order), and P(rule).
    """
    import numpy as np

    shares = np.zeros((len(spans), len(columns)))
    for offsets, logits, probabilities in windows:
        if not offsets:
            continue
        spread = np.exp(logits - logits.max(axis=0))[:, :len(columns)]
        weights = spread / spread.sum(axis=0) * [probabilities[rule] for rule in columns]
        starts, ends = [a for a, _ in offsets], [b for _, b in offsets]
        for k, (start, end) in enumerate(spans):
            first, last = bisect_right(ends, start), bisect_left(starts, end)
            if first < last:
                shares[k] = np.maximum(shares[k], weights[first:last].sum(axis=0))
    tops = shares.max(axis=0)
    shares /= np.where(tops > 0, tops, 1)
    return [{rule: rules[rule] * float(row[c]) for c, rule in enumerate(columns) if rule in rules} for row in shares]
