"""The encoded texts that travel with the corpus belong to it."""

import numpy as np

from app.files import corpus_folder, model_folder
from app.guideline import load_guideline
from app.judge.encoder import Encoder
from app.retrieval import vectors
from app.retrieval.situations import read_situations
from app.retrieval.teaching import Teaching


def test_vectors_of_the_corpus_are_up_to_date():
    guideline = load_guideline(corpus_folder())
    encoder = Encoder(model_folder("encoder"))
    texts = Teaching(guideline, read_situations(guideline)).texts
    known = vectors.load(guideline.folder, encoder.fingerprint)
    missing = [text for text in texts if vectors._hash(text) not in known]
    assert not missing, f"Run 'python -m app.retrieval.vectors': {len(missing)} texts are not in vectors.npz, such as {missing[0]!r}"
    sample = texts[:: len(texts) // 12]
    assert np.abs(vectors.encode(sample, known, encoder.encode_deep) - encoder.encode_deep(sample)).max() < 1e-3


def test_a_damaged_or_foreign_file_counts_as_absent(tmp_path):
    assert vectors.load(tmp_path, "x") == {}
    (tmp_path / vectors.NAME).write_bytes(b"PK\x03\x04 no archive")
    assert vectors.load(tmp_path, "x") == {}
    vectors.save(tmp_path, "one encoder", ["a"], np.ones((1, 4), np.float32))
    assert vectors.load(tmp_path, "another") == {}
    known = vectors.load(tmp_path, "one encoder")
    calls = []
    rows = vectors.encode(["a", "b"], known, lambda texts: calls.append(list(texts)) or np.zeros((len(texts), 4), np.float32))
    assert calls == [["b"]] and rows.tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]
