"""Texts to vectors with the embedded encoder (all-MiniLM-L6-v2, 8-bit ONNX), on this machine alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import PresendError

if TYPE_CHECKING:
    import numpy as np

WIDTH = 384
LONGEST = 256


class Encoder:
    """The encoder of a folder that holds model.onnx and tokenizer.json; read at the first use."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """`threads` is how many texts are run at a time, each on one core; 0 means as many as there are cores."""
        self.folder = folder
        self.threads = threads or os.cpu_count() or 1

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give one L2-normalised float32 vector of 384 numbers a text; words past 256 tokens are not read.

        Texts are never put in a batch: 8-bit activations are scaled by the whole batch, so in a batch a text's vector
        would depend on its neighbours (cosine down to 0.98 was measured), and the same text could differ from itself.
        Raises PresendError when a file of the model is missing or damaged.
        """
        return self._encode(texts, ["vectors"])

    def encode_deep(self, texts: Sequence[str]) -> np.ndarray:
        """As `encode`, with 768 numbers a text: those of the last layer, then those of the fourth.

        The fourth layer still holds what the last one, made for paraphrases, has thrown away; together they find
        the right entries of a question more often (see app/retrieval/ranker.py).
        """
        return self._encode(texts, ["vectors", "middle"])

    def _encode(self, texts: Sequence[str], outputs: list[str]) -> np.ndarray:
        import numpy as np

        tokenizer, session = self._tokenizer, self._session

        def one(text: str) -> np.ndarray:
            # Half of a surrogate pair, as a cut-off emoji leaves behind, is no text to the tokenizer.
            tokens = tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8"))
            ids = np.array([tokens.ids], np.int64)
            layers = session.run(outputs, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
            return np.concatenate(layers, axis=1)[0] / len(outputs) ** 0.5

        with ThreadPoolExecutor(self.threads) as pool:
            rows = list(pool.map(one, texts))
        return np.array(rows, np.float32).reshape(len(rows), WIDTH * len(outputs))

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits that change with the model. Raises PresendError when a file is missing."""
        digest = hashlib.blake2b(digest_size=6)
        for name in ("model.onnx", "tokenizer.json"):
            digest.update(self._read(name))
        return digest.hexdigest()

    @cached_property
    def _tokenizer(self):
        from tokenizers import Tokenizer

        content = self._read("tokenizer.json")
        try:
            tokenizer = Tokenizer.from_buffer(content)
        except Exception as error:  # tokenizers raises bare Exception
            raise self._damaged("tokenizer.json") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        return tokenizer

    @cached_property
    def _session(self):
        from app.judge.runtime import open_session

        content = self._read("model.onnx")
        try:
            session = open_session(content, threads=1)
        except Exception as error:  # onnxruntime's own errors have no common parent
            raise self._damaged("model.onnx") from error
        if [(o.name, o.shape[-1]) for o in session.get_outputs()] != [("vectors", WIDTH), ("middle", WIDTH)]:
            raise self._damaged("model.onnx")
        return session

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise PresendError(
                f"The encoder's file '{self.folder / name}' cannot be read ({error.strerror}). Install presend again."
            ) from None

    def _damaged(self, name: str) -> PresendError:
        return PresendError(f"The encoder's file '{self.folder / name}' is damaged. Install presend again.")
