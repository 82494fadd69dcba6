"""The corpus' texts already encoded, so that the first question of a new machine need not wait for two thousand.

`python -m app.retrieval.vectors [CORPUS_FOLDER]` writes vectors.npz anew (generated, checked in). A text that is not in
the file, because the corpus was edited since, is encoded when it is needed.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NAME = "vectors.npz"


def load(folder: Path, fingerprint: str) -> dict[bytes, np.ndarray]:
    """Give the vectors by the hash of their text; none when the file is missing, damaged or of another encoder."""
    from zipfile import BadZipFile

    import numpy as np

    try:
        with np.load(folder / NAME, allow_pickle=False) as file:
            if str(file["encoder"]) != fingerprint:
                return {}
            return dict(zip((h.tobytes() for h in file["hashes"]), file["vectors"].astype(np.float32), strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def encode(texts: Sequence[str], known: dict[bytes, np.ndarray], encoder: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
    """Give one row a text, encoding only those that are not known."""
    import numpy as np

    missing = [text for text in texts if _hash(text) not in known]
    fresh = dict(zip(map(_hash, missing), encoder(missing), strict=True)) if missing else {}
    return np.array([known[h] if (h := _hash(text)) in known else fresh[h] for text in texts], np.float32)


def save(folder: Path, fingerprint: str, texts: Sequence[str], vectors: np.ndarray) -> None:
    """Write vectors.npz, half precision: 1.5 kB a text."""
    import numpy as np

    hashes = np.array([np.frombuffer(_hash(text), np.uint8) for text in texts])
    np.savez_compressed(folder / NAME, encoder=fingerprint, hashes=hashes, vectors=vectors.astype(np.float16))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def main(folder: Path) -> int:
    """Encode every text that the retriever of this corpus indexes, and write the file; gives their number."""
    from app.files import model_folder
    from app.guideline import load_guideline
    from app.judge.encoder import Encoder
    from app.retrieval.situations import read_situations
    from app.retrieval.teaching import Teaching

    guideline = load_guideline(folder)
    encoder = Encoder(model_folder("encoder"))
    texts = list(dict.fromkeys(Teaching(guideline, read_situations(guideline)).texts))
    save(folder, encoder.fingerprint, texts, encode(texts, load(folder, encoder.fingerprint), encoder.encode_deep))
    print(f"{len(texts)} texts encoded in {folder / NAME}.")
    return len(texts)


if __name__ == "__main__":
    from app.files import corpus_folder

    main(corpus_folder(sys.argv[1] if len(sys.argv) > 1 else None))
