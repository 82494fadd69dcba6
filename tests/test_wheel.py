"""The wheel: built here, installed in a clean virtual environment outside the checkout, and used there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DRAFT = "We at ISO are thrilled: between us, the ballot on ISO 45001 failed by two votes."


def run(*command: object, cwd: Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("presend-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a virtual environment that holds the wheel, and borrows this one's libraries, not its presend.

    Paths that a .pth file adds are not searched for more .pth files, so an editable presend stays behind.
    """
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    made = run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    put = run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder.parent)
    assert put.returncode == 0, put.stderr
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder.parent).stdout.strip()
    borrowed = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (Path(site) / "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def presend(installed: Path, tmp_path: Path):
    """Give a function that runs the installed command in an empty folder, with an empty cache."""
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environ = {**kept, "PRESEND_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    def call(*arguments: str, input: str = "") -> subprocess.CompletedProcess:
        return run(installed / "bin" / "presend", *arguments, cwd=tmp_path, env=environ, input=input)

    return call


def test_everything_travels(wheel: Path):
    """Every file of app/, evals/, corpus/ and prompts/ that is under version control is in the wheel, and no test."""
    listing = run("git", "ls-files", "-z", "app", "evals", "corpus", "prompts", cwd=ROOT)
    if listing.returncode:
        pytest.skip("git is needed to know which files are kept")
    tracked = [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    wanted = {f"app/_data/{name}" if name.startswith(("corpus/", "prompts/")) else name for name in tracked}
    held = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(wanted - held) == []
    assert sorted(name for name in held if name.split("/")[0] not in ("app", "evals") and ".dist-info/" not in name) == []
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path):
    code = "import app.files as f, evals; print(f.__file__); print(f.corpus_folder()); print(f.data_folder('prompts')); print(evals.__path__[0])"
    asked = run(installed / "bin" / "python", "-c", code, cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert [line for line in asked.stdout.splitlines() if not Path(line).resolve().is_relative_to(installed.resolve())] == []


def test_folders_of_other_projects_are_not_taken_for_ours(installed: Path, tmp_path: Path):
    """Another package may have put a folder called prompts or corpus beside ours."""
    site = Path(run(installed / "bin" / "python", "-c", "import app; print(app.__path__[0])", cwd=tmp_path).stdout.strip()).parent
    strange = [site / "prompts", site / "corpus"]
    try:
        for folder in strange:
            folder.mkdir()
        code = "import app.files as f; print(f.corpus_folder()); print(f.data_folder('prompts'))"
        asked = run(installed / "bin" / "python", "-c", code, cwd=tmp_path)
        assert asked.stdout.split() == [str(site / "app/_data/corpus/iso-social-media"), str(site / "app/_data/prompts")], asked.stderr
    finally:
        for folder in strange:
            folder.rmdir()


def test_check(presend):
    done = presend("check", "-", "--format", "json", input=DRAFT)
    assert done.returncode == 1, done.stderr
    review = json.loads(done.stdout)
    assert review["verdict"] == "ask"
    assert "no-confidential" in {finding["rule"] for finding in review["findings"]}
    assert all(DRAFT[f["start"] : f["end"]] == f["text"] and f["quote"] for f in review["findings"])


def test_revise(presend):
    done = presend("revise", "-", "--format", "json", input=DRAFT)
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)["verified"] is True


def test_rules(presend):
    done = presend("rules")
    assert done.returncode == 0, done.stderr
    assert "no-confidential" in done.stdout
    assert presend("rules", "no-confidential").returncode == 0


def test_ask(presend):
    done = presend("ask", "May I post a photo of my team at the plenary?", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    answer = json.loads(done.stdout)
    assert answer["answer"] != "out-of-scope"
    assert answer["citations"]


def test_eval_finds_its_cases(presend):
    done = presend("eval", "--help")
    assert done.returncode == 0, done.stderr
