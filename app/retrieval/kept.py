"""One array of numbers in a cache file that is believed only when it is whole and belongs to its key."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_DIGEST = 16


def load(path: Path, key: bytes, shape: tuple[int, int]) -> np.ndarray | None:
    """Give the float32 array kept under `key`, or None when the file is missing, damaged or of another key."""
    import numpy as np

    try:
        content = path.read_bytes()
    except OSError:
        return None
    payload = content[_DIGEST:]
    if content[:_DIGEST] != _digest(key, payload) or len(payload) != 4 * shape[0] * shape[1]:
        return None
    return np.frombuffer(payload, np.float32).reshape(shape)


def save(path: Path, key: bytes, array: np.ndarray) -> None:
    """Keep `array` as float32 under `key`; a folder that cannot be written is no failure, only slower next time."""
    payload = array.astype("float32").tobytes()
    try:
        handle, scratch = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_digest(key, payload) + payload)
        os.replace(scratch, path)
    except OSError:
        return


def _digest(key: bytes, payload: bytes) -> bytes:
    return hashlib.blake2b(key + payload, digest_size=_DIGEST).digest()
