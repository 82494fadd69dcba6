"""The embedded encoder: what its vectors promise, and what it says when its files are not right."""

import subprocess
import sys

import numpy as np
import pytest

from app.errors import PresendError
from app.files import model_folder
from app.judge.encoder import WIDTH, Encoder

TEXTS = ["Can I post a photo of my colleagues?", "ok", "", "Größe 😀 写真", "The ballot on 45001 failed, you'll read it next week. " * 4]


@pytest.fixture(scope="module")
def encoder():
    """Give the encoder that comes with presend."""
    return Encoder(model_folder("encoder"))


@pytest.fixture
def copy(tmp_path):
    """Give a folder with the encoder's files, free to be damaged."""
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((model_folder("encoder") / name).read_bytes())
    return tmp_path


def test_vectors_have_length_one(encoder):
    for vectors, width in ((encoder.encode(TEXTS), WIDTH), (encoder.encode_deep(TEXTS), 2 * WIDTH)):
        assert vectors.shape == (len(TEXTS), width)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, WIDTH)


def test_a_text_has_the_same_vector_in_any_company(encoder):
    together = encoder.encode_deep(TEXTS)
    for row, text in enumerate(TEXTS):
        assert np.array_equal(encoder.encode_deep([text])[0], together[row])
    assert np.array_equal(Encoder(encoder.folder, threads=1).encode_deep(TEXTS), together)


def test_deep_vectors_begin_with_the_last_layer(encoder):
    np.testing.assert_allclose(encoder.encode_deep(TEXTS)[:, :WIDTH] * 2**0.5, encoder.encode(TEXTS), atol=1e-6)


def test_like_meanings_are_near(encoder):
    asked, same, other = encoder.encode(
        ["May I share pictures of the staff party?", "is it fine to upload photos from our office celebration", "What is the boiling point of lead?"]
    )
    assert asked @ same > 0.5 > asked @ other + 0.3


def test_words_past_the_limit_are_not_read(encoder):
    start = "word " * 300
    first, second, shorter = encoder.encode([start + "cat", start + "resignation", "word " * 100 + "cat"])
    assert np.array_equal(first, second)
    assert not np.array_equal(first, shorter)


def test_half_a_surrogate_pair_is_read(encoder):
    assert np.isfinite(encoder.encode(["cut off \ud83d"])).all()


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(PresendError, match=f"{name}.*cannot be read"):
        Encoder(copy).encode(["a"])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: b"version https://git-lfs"])
def test_a_damaged_file_is_named(copy, name, damage):
    (copy / name).write_bytes(damage((copy / name).read_bytes()))
    with pytest.raises(PresendError, match=f"{name}.*damaged"):
        Encoder(copy).encode(["a"])


def test_another_model_is_refused(copy):
    (copy / "model.onnx").write_bytes((model_folder("judge") / "model.onnx").read_bytes())
    with pytest.raises(PresendError, match="damaged"):
        Encoder(copy).encode(["a"])


def test_the_fingerprint_changes_with_the_model(copy, encoder):
    assert Encoder(copy).fingerprint == encoder.fingerprint
    (copy / "model.onnx").write_bytes(b"other")
    assert Encoder(copy).fingerprint != encoder.fingerprint


def test_importing_loads_nothing_heavy():
    code = "import sys, app.judge.encoder, app.retrieval.retriever, app.judge.export; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "onnxruntime", "tokenizers", "chromadb", "langchain_core", "langsmith", "torch", "filelock"} & set(loaded)
