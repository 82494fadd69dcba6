"""Where the files that travel with the program are."""

from __future__ import annotations

from pathlib import Path

from app.errors import CorpusError

HERE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Give the folder `name` (corpus, prompts, evals): inside the installed package, else beside `app/`.

    A wheel carries it as `app/_data/<name>`; an editable install and a checkout have it beside `app/`.
    Raises CorpusError when neither is there.
    """
    for folder in (HERE / "_data" / name, HERE.parent / name):
        if folder.is_dir():
            return folder
    raise CorpusError(f"The folder '{name}' is missing beside {HERE}. Install presend again.")


def corpus_folder(name: str | None = None) -> Path:
    """Give the guideline's folder: a path given by the user, or the one in the corpus that comes with presend."""
    folder = Path(name).expanduser() if name else data_folder("corpus") / "iso-social-media"
    if not folder.is_dir():
        raise CorpusError(f"There is no guideline folder '{folder}'. Check the setting 'corpus'.")
    return folder


def model_folder(name: str) -> Path:
    """Give the folder of an embedded model, 'encoder' or 'judge'."""
    return HERE / "judge" / "model" / name


def read_text(path: Path) -> str:
    """Read a UTF-8 corpus file. Raises CorpusError naming the file when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from None
