"""What presend does not do: work at import, load libraries that it does not need, write or call home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("gradio", "langchain", "langchain_core", "langchain_openai", "langchain_chroma", "langsmith", "chromadb", "openai", "torch", "pandas")

IMPORT_ALL = """
import json, sys
allowed_files = (".py", ".pyc", ".so", ".pyd")
acts = []

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].endswith(allowed_files):
        if arguments[0] != "/dev/null":
            acts.append(f"{event} {arguments[0]}")
    elif event.split(".")[0] in ("socket", "subprocess", "shutil", "tempfile", "urllib", "sqlite3") or event in (
        "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.system", "os.putenv", "os.unsetenv"
    ):
        acts.append(f"{event} {arguments!r}")

names = json.loads(sys.argv[1])
before = set(sys.modules)
sys.addaudithook(watch)
import importlib
failed = {}
done = {}
for name in names:
    acts.clear()
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
    if acts:
        done[name] = list(acts)
tops = {name.split(".")[0] for name in set(sys.modules) - before}
foreign = sorted(top for top in tops if top not in sys.stdlib_module_names and top not in ("app", "evals"))
print(json.dumps({"failed": failed, "acts": done, "foreign": foreign}))
"""


def test_importing_a_module_does_nothing():
    """In a bare Python: no file is read or written, nothing is started, and no library is loaded."""
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for top in ("app", "evals") for p in (ROOT / top).rglob("*.py")]
    names = sorted({name.removesuffix(".__init__") for name in names if not name.endswith("__main__")})
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, json.dumps(names)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"failed": {}, "acts": {}, "foreign": []}


@pytest.mark.parametrize("arguments", [["check", "-", "--format", "json"], ["rules"], ["--help"]], ids=lambda a: a[0])
def test_a_check_loads_no_heavy_library(arguments: list[str], tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", *arguments],
        input="Proud of my team: the committee met for the first time today!",
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )
    assert run.returncode in (0, 1), run.stderr[-2000:]
    loaded = {line.rsplit("|", 1)[1].strip() for line in run.stderr.splitlines() if line.startswith("import time:")}
    assert "app.cli" in loaded
    assert sorted(name for name in loaded if name.split(".")[0] in HEAVY) == []


@pytest.mark.parametrize("arguments", [["check", "-"], ["ask", "May I post a photo of my team?"]], ids=lambda a: a[0])
def test_nothing_is_left_in_the_home_folder(arguments: list[str], tmp_path: Path):
    """presend writes to its cache folder only. What else turns up was put there by a library that keeps count of its use
    to send it home, as onnxruntime does unless ORT_DISABLE_TELEMETRY=1 is set before it is imported."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))} | {"HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "app", *arguments], input="Proud of my team!", env=environ,
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == []


def test_tests_reach_no_network(attempts: Path):
    import socket

    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("example.org", 80), timeout=1)
    with pytest.raises(OSError, match="no network"), socket.socket() as one:
        one.connect(("192.0.2.1", 80))
    child = subprocess.run(
        [sys.executable, "-c", "import urllib.request; urllib.request.urlopen('http://example.org', timeout=1)"],
        capture_output=True, text=True, check=False,
    )
    assert "no network" in child.stderr
    assert attempts.read_text(encoding="utf-8").split()[-3:] == ["example.org", "192.0.2.1", "example.org"]
    attempts.write_text("", encoding="utf-8")
