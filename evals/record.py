"""A run on disk: one JSON file with the figures and every case, so that a later run can be compared with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.errors import UsageError
from evals.score import Result, from_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one evaluation found. `about` says what was run: engine, model, seed, limit, parts, time."""

    about: Mapping[str, Any]
    figures: Mapping[str, Any]
    results: Sequence[Result]
    agreement: Mapping[str, Any] = field(default_factory=dict)
    peers: Sequence[Mapping[str, Any]] = ()
    public: Sequence[Mapping[str, Any]] = ()


def save_run(run: Run, path: Path) -> None:
    """Write a run file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"format": FORMAT} | asdict(run) | {"results": [r.as_json() for r in run.results]}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_run(path: Path) -> Run:
    """Read a run file. Raises UsageError when it is not one."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise UsageError(f"{path} has run format {record['format']}; this version reads format {FORMAT}.")
        results = [from_json(r) for r in record["results"]]
        return Run(record["about"], record["figures"], results, record["agreement"], record["peers"], record["public"])
    except OSError as error:
        raise UsageError(f"The run file {path} cannot be read: {error.strerror}.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is not a run file of 'presend eval' ({type(error).__name__}: {error}).") from None


def find_run(name: str, folder: Path) -> Path:
    """Give the run file for --compare: a path, or 'last' for the newest in `folder`. Raises UsageError if there is none."""
    if name != "last":
        return Path(name)
    earlier = sorted(folder.glob("*.json"))
    if not earlier:
        raise UsageError(f"There is no earlier run in {folder}. Run 'presend eval' once, or name a run file.")
    return earlier[-1]
