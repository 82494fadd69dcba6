"""The judge: a small encoder that says which rules a post breaks, and with which words.

It reads the whole post at once and gives, for every rule, a calibrated probability and the weight of each word
in it; a sentence's probability is the post's, shared out by those weights. The files that it needs (model.onnx,
judge.json; tokenizer.json there or in the encoder's folder) are made by train.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import PresendError
from app.judge.data import STOP, post_input, question_input
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

        The likeliest span of a rule has the rule's own probability; text of more than 256 tokens is read in windows.
        """
        scales, tokenizer, session = self._open()
        head = tokenizer.encode(post_input("", platform, account), add_special_tokens=False).ids
        body = tokenizer.encode(text, add_special_tokens=False)
        room = WINDOW - len(head) - 2
        starts = list(range(0, max(1, len(body.ids) - OVERLAP), room - OVERLAP)) if len(body.ids) > room else [0]
        rows = [_framed(tokenizer, [*head, *body.ids[s:s + room]]) for s in starts]
        posts, _, words = _run(session, rows)
        found = scales.probabilities(posts.max(axis=0))
        rules = {rule: found[rule] for rule in scales.labels.rules if rule in self._rules}
        shared = [dict.fromkeys(rules, 0.0) for _ in spans]
        if spans:
            offsets = [body.offsets[s:s + room] for s in starts]
            windows = [scales.probabilities(row) for row in posts]
            places = [(w, _places(offsets[w], span, 1 + len(head))) for span in spans for w in range(len(starts))]
            weights = [_weights(words[w], len(head) + 1, len(offsets[w])) for w in range(len(starts))]
            for column, rule in enumerate(scales.labels.rules):
                if rule not in rules:
                    continue
                shares = [0.0] * len(spans)
                for k, (w, inside) in enumerate(places):
                    share = windows[w][rule] * float(weights[w][inside, column].sum())
                    shares[k // len(starts)] = max(shares[k // len(starts)], share)
                top = max(shares) or 1.0
                for spot, share in zip(shared, shares):
                    spot[rule] = rules[rule] * share / top
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


def _places(offsets: Sequence[tuple[int, int]], span: tuple[int, int], shift: int) -> list[int]:
    """Rows of the tokens that overlap a span."""
    return [i + shift for i, (start, end) in enumerate(offsets) if start < span[1] and end > span[0]]


def _weights(words, shift: int, count: int):
    """Each token's share of each output, over the post's own `count` tokens from row `shift`."""
    import numpy as np

    shares = np.zeros_like(words)
    if count:
        own = words[shift:shift + count]
        spread = np.exp(own - own.max(axis=0))
        shares[shift:shift + count] = spread / spread.sum(axis=0)
    return shares
