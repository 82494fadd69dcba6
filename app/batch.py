"""`--batch`: many calls from a JSONL file, one result a line, in order; a bad line is answered by its error."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.assistant import Assistant
from app.calls import call
from app.errors import PresendError, UsageError
from app.settings import Settings

LEAST_SHARED = 64  # lines from which the start of further processes (about a second) pays
MOST_WORKERS = 8


def run_batch(verb: str, path: Path, defaults: Mapping[str, str], assistant: Assistant) -> int:
    """Answer every line of a file (or of standard input, for "-") on standard output; progress goes to standard error.

    Gives exit status 0 when every line was answered, else 1. Raises UsageError when the file cannot be read.
    """
    try:
        lines = sys.stdin.buffer.read().splitlines() if str(path) == "-" else path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"The batch file '{path}' cannot be read: {error.strerror}.") from None
    rows = [line for line in lines if line.strip()]
    work = list(enumerate(rows, start=1))
    many = len(rows) >= LEAST_SHARED and verb in ("check", "revise") and assistant.engine_name() == "offline"
    results = _shared(verb, work, defaults, assistant) if many else (_answer(verb, n, row, defaults, assistant) for n, row in work)
    failed = 0
    for result in _with_progress(results, len(rows)):
        failed += "error" in result
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 1 if failed else 0


def _answer(verb: str, number: int, row: bytes, defaults: Mapping[str, str], assistant: Assistant) -> dict:
    """Answer one line; its error, if it has one, in place of a result."""
    identity = None
    try:
        fields = _read(row, number)
        identity = fields.get("id")
        return {"id": identity, **call(verb, {**defaults, **fields}, assistant).json()}
    except PresendError as error:
        return {"id": identity, "error": str(error)}


def _shared(verb: str, work: list[tuple[int, bytes]], defaults: Mapping[str, str], assistant: Assistant) -> Iterator[dict]:
    """Answer the lines in several processes, in order; a process of its own each, since the matchers hold one core."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    start = "spawn"
    if sys.platform == "linux":  # a forked worker finds everything loaded; elsewhere forking is not safe
        start = "fork"
        assistant.checker.prepare()
        _worker[:] = [assistant, verb, dict(defaults)]
    with ProcessPoolExecutor(workers, get_context(start), _start_worker, (assistant.settings, verb, dict(defaults))) as pool:
        yield from pool.map(_work, work, chunksize=8)


_worker: list = []  # of a worker process: the assistant, the verb and the defaults that it was started with


def _start_worker(settings: Settings, verb: str, defaults: dict[str, str]) -> None:
    if not _worker:
        _worker[:] = [Assistant(settings, "offline"), verb, defaults]


def _work(line: tuple[int, bytes]) -> dict:
    assistant, verb, defaults = _worker
    return _answer(verb, *line, defaults, assistant)


def _read(row: bytes, number: int) -> dict:
    try:
        fields = json.loads(row.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"Line {number} is not a JSON object: {error}.") from None
    if not isinstance(fields, dict):
        raise UsageError(f"Line {number} is not a JSON object.")
    return fields


def _with_progress(results: Iterator[dict], total: int) -> Iterator[dict]:
    """Pass results on; show a bar on standard error when that is a terminal, else a line at the end."""
    started = time.monotonic()
    live = sys.stderr.isatty()
    for done, result in enumerate(results, start=1):
        yield result
        if live and (done % 10 == 0 or done == total):
            filled = 30 * done // max(total, 1)
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}")
            sys.stderr.flush()
    seconds = time.monotonic() - started
    sys.stderr.write(f"{chr(10) if live else ''}{total} lines in {seconds:.1f} s\n")
