"""Time presend beside proselint and harper on the same posts, in one run (`make bench`). Prints a table; judges nothing.

cold     a new process that checks one post: wall time, largest resident memory
warm     one post at a time in a process that has checked some already: median and 95th percentile
a second posts checked: presend from --batch with start-up left in, the others from the warm loop
The posts are those of the evaluation, put together or cut at a space to about 280 characters each.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.files import data_folder
from app.records import Draft
from app.settings import Settings

LENGTH = 280
COLD = {
    "presend": [sys.executable, "-m", "app", "check", "-", "--format", "json"],
    "harper-py": [sys.executable, "-c", "import sys, harper; harper.Linter().lint(sys.stdin.read())"],
    "proselint": [sys.executable, "-m", "proselint", "check"],
}


def posts(most: int) -> list[str]:
    """Give posts of 240 to 280 characters made of the evaluation's, the same ones in the same order each time."""
    rows = (data_folder("evals") / "cases" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    texts, held = [], ""
    for row in rows * 10:
        held = f"{held} {json.loads(row)['text']}".strip()
        if len(held) >= LENGTH:
            texts.append(held[: LENGTH + 1].rsplit(" ", 1)[0][:LENGTH])
            held = ""
        if len(texts) == most:
            break
    return texts


def cold(command: list[str], text: str, runs: int) -> tuple[float, float]:
    """Give the median wall time (ms) and the largest resident memory (MB) of new processes that check `text`."""
    walls, peak = [], 0.0
    for _ in range(runs + 1):
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.stdin.write(text.encode())
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        walls.append((time.perf_counter() - begin) * 1000)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command[:4])} … ended with status {process.returncode}.")
        peak = max(peak, used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))
    return statistics.median(walls[1:]), peak  # the first run reads the files from disk


def warm(check: Callable[[str], object], texts: list[str]) -> list[float]:
    """Give the milliseconds of each text, after a few that are not counted."""
    for text in texts[:10]:
        check(text)
    times = []
    for text in texts:
        begin = time.perf_counter()
        check(text)
        times.append((time.perf_counter() - begin) * 1000)
    return times


def batch(texts: list[str]) -> float:
    """Give posts a second of `presend check --batch`, the start of the program included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.jsonl"
        path.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)), encoding="utf-8")
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "app", "check", "--batch", str(path)], capture_output=True, check=False)
        seconds = time.perf_counter() - begin
    if done.returncode or len(done.stdout.splitlines()) != len(texts):
        raise SystemExit(f"presend check --batch failed: {done.stderr.decode(errors='replace')[-500:]}")
    return len(texts) / seconds


def presend_check() -> Callable[[str], object]:
    """Give presend's check, as the page and the command call it."""
    from app.assistant import Assistant

    assistant = Assistant(Settings(), "offline")
    return lambda text: assistant.check(Draft(text))


def harper_check() -> Callable[[str], object]:
    """Give harper's check: spelling and grammar."""
    import harper

    return harper.Linter().lint


def proselint_check() -> Callable[[str], object]:
    """Give proselint's check: style, all its checks."""
    from proselint.checks import __register__
    from proselint.registry import CheckRegistry
    from proselint.tools import LintFile

    CheckRegistry().register_many(__register__)
    return lambda text: LintFile("-", text).lint()


def installed(name: str) -> bool:
    """Whether the package of this name is installed."""
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--posts", type=int, default=200, help="how many posts (default 200)")
    options.add_argument("--batch", type=int, default=1000, help="how many lines for --batch (default 1000)")
    options.add_argument("--runs", type=int, default=5, help="cold starts of each program (default 5)")
    given = options.parse_args()
    texts = posts(given.posts)
    lengths = [len(text) for text in texts]
    print(f"{len(texts)} posts of {min(lengths)} to {max(lengths)} characters, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    print(f"{'':20} {'cold ms':>8} {'peak MB':>8} {'p50 ms':>8} {'p95 ms':>8} {'a second':>9}")
    # Cold first: on Linux a new process counts the memory of the one that started it, which is still small here.
    started = {name: cold(command, texts[0], given.runs) for name, command in COLD.items() if installed(name)}
    for name, load in (("presend", presend_check), ("harper-py", harper_check), ("proselint", proselint_check)):
        if name not in started:
            print(f"{name:20} not installed: pip install -e '.[peers]'")
            continue
        times = warm(load(), texts)
        wall, peak = started[name]
        rate = batch((texts * (given.batch // len(texts) + 1))[: given.batch]) if name == "presend" else 1000 / statistics.mean(times)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name + ' ' + version(name):20} {wall:8.0f} {peak:8.0f} {statistics.median(times):8.2f} {p95:8.2f} {rate:9.0f}")
    print("\nharper-py reads spelling and grammar, proselint reads style; presend reads the guideline's rules, harper's spelling among them.")


if __name__ == "__main__":
    main()
