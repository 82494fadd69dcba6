"""The house: imports point one way, files stay small, importing does nothing, the policy is data."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from app.files import corpus_folder, data_folder
from app.guideline import load_guideline

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 300

# A module may import from the lines above its own, and from its own package. Packages count as one.
ORDER = (
    {"errors", "records"},
    {"settings", "files"},
    {"prompts", "text", "tokens"},
    {"guideline"},
    {"ledger", "matching"},
    {"judge"},
    {"retrieval"},
    {"check", "manuscript"},
    {"verify"},
    {"engines"},
    {"assistant"},
    {"present"},
    {"calls", "doctor"},
    {"batch", "ui"},
    {"cli"},
    {"__main__"},
)
# The evaluations talk to the Assistant only; the rest is what they need to call it and to read what comes back.
EVALS_MAY_USE = {"assistant", "records", "settings", "errors", "files", "guideline", "manuscript", "text", "present"}
# The bare encoder is measured as a peer, and stands for meaning beside SARI.
ALSO_FOR_EVALS = "app.judge.encoder."

SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "evals").rglob("*.py")])
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in SOURCES + SCRIPTS}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def listed(faults: list[str]) -> str:
    """Give faults one a line, so that a failure shows them all."""
    return "\n" + "\n".join(faults)


def level_of(unit: str) -> int | None:
    return next((level for level, units in enumerate(ORDER) if unit in units), None)


def imported(path: Path) -> list[tuple[int, str]]:
    """Give (line, dotted name) of every import of a file, wherever it stands, `from a import b` as a.b."""
    package = path.relative_to(ROOT).parent.as_posix().split("/")
    found = []
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{source}.{alias.name}") for alias in node.names]
    return found


def test_imports_point_one_way():
    wrong = []
    for path in SOURCES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        mine = parts[1] if parts[0] == "app" else None
        if mine == "__init__":
            continue
        if mine is not None and level_of(mine) is None:
            wrong.append(f"{short(path)}: give '{mine}' a place in ORDER")
            continue
        for line, name in imported(path):
            top, _, rest = name.partition(".")
            theirs = rest.split(".")[0]
            if top == "evals" and mine not in (None, "cli"):
                wrong.append(f"{short(path)}:{line} imports {name}; of app/ only cli starts the evaluations")
            if top != "app" or not theirs or theirs == mine:
                continue
            if mine is None:
                allowed = theirs in EVALS_MAY_USE or name.startswith(ALSO_FOR_EVALS)
            else:
                level = level_of(theirs)
                allowed = level is not None and level < level_of(mine)
            if not allowed:
                wrong.append(f"{short(path)}:{line} imports {name}")
    assert not wrong, listed(wrong)


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def modules(requirements: list[str]) -> set[str]:
    """Give the module names of requirements such as "harper-py>=0.2,<0.3"."""
    names = [re.match(r"[\w.-]+", one)[0].lower() for one in requirements]
    return {{"harper-py": "harper", "alt-profanity-check": "profanity_check"}.get(name, name.replace("-", "_")) for name in names}


def test_what_is_imported_is_declared():
    needed = modules(project()["dependencies"])
    extra = {name: modules(requirements) for name, requirements in project()["optional-dependencies"].items()}
    # What a declared library is itself built on, and hands out in its own interface.
    part_of = {"langsmith": "langchain_core", "langgraph": "langchain", "httpx2": "openai", "pydantic": "gradio",
               "fastapi": "gradio", "starlette": "gradio", "uvicorn": "gradio"}
    wrong = []
    for path in SOURCES:
        allowed = set(needed)
        if path.relative_to(ROOT).parts[0] == "evals":
            allowed |= extra["peers"]
        if path.parent == ROOT / "app" / "judge":
            allowed |= extra["train"]
        for line, name in imported(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in ("app", "evals", ""):
                continue
            if part_of.get(top, top).lower() not in allowed:
                wrong.append(f"{short(path)}:{line} imports {top}, which pyproject.toml does not name")
    assert not wrong, listed(wrong)


def test_what_is_declared_is_imported():
    # These two come with langchain-openai, and it works with some of their versions only: the ranges are ours to set.
    used = {"langchain", "openai"} | {name.split(".")[0].lower() for path in SOURCES for _, name in imported(path)}
    assert modules(project()["dependencies"]) - used == set()


def test_files_stay_small():
    sizes = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in sizes.items() if lines > LONGEST} == {}


def test_no_module_hides_one_of_pythons_own():
    names = {short(path) for path in SOURCES if path.parent == ROOT / "app" and path.stem in sys.stdlib_module_names}
    assert names == set()


def test_public_functions_and_classes_say_what_they_do():
    silent = []

    def look(body: list[ast.stmt], path: Path, inside: str = "") -> None:
        for node in body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            name = f"{inside}{node.name}"
            setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)
            if not ast.get_docstring(node) and not setter:
                silent.append(f"{short(path)}:{node.lineno} {name}")
            if isinstance(node, ast.ClassDef):
                look(node.body, path, f"{name}.")

    for path, tree in TREES.items():
        if tree.body and not ast.get_docstring(tree):
            silent.append(short(path))
        look(tree.body, path)
    assert not silent, listed(silent)


def test_no_python_file_names_the_organisation():
    """The facts about the organisation stand in the corpus; a second one is a second folder.

    Let through: standards that Python's own documentation names so (dates, languages, countries, characters), and
    the folder's name, which app/files.py needs as its default.
    """
    name = re.compile(r"(?<![a-z])iso(?![a-z])(?!-social-media)(?![-\s/]*(?:iec\s*)?(?:8601|639|3166|10646|8859))", re.I)
    full = re.compile(r"international organi[sz]ation for standardi[sz]ation", re.I)
    hits = [
        f"{short(path)}:{number} {line.strip()}"
        for path in SOURCES + SCRIPTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if name.search(line) or full.search(line)
    ]
    assert not hits, listed(hits)
    folder = [short(path) for path in SOURCES if "iso-social-media" in path.read_text(encoding="utf-8")]
    assert [path for path in folder if path != "app/files.py"] == []


def kept_files() -> list[Path]:
    """Give the text files under version control, or all that a checkout holds when git is not there."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
        paths = [ROOT / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        folders = ("app", "corpus", "evals", "prompts", "scripts", "tests", "docs")
        paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
        paths += [path for path in ROOT.iterdir() if path.is_file()]
    binary = {".onnx", ".png", ".ico", ".npz", ".pyc"}
    return [path for path in paths if path.is_file() and path.suffix not in binary and path != Path(__file__).resolve()]


def test_no_file_knows_a_machine():
    places = re.compile(
        r"(?<![\w.])/(?:work|home|Users|root|tmp/[a-z])/[\w.-]+(?!\w)|[A-Z]:\\Users\\|file:///|/opt/(?:pypi|wheels)|/usr/local/lib/python"
    )
    hits = []
    for path in kept_files():
        if path.name == "tokenizer.json" or path.suffix == ".jsonl":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            hits += [f"{short(path)}:{number} {found[0]}" for found in places.finditer(line)]
    assert not hits, listed(hits)


def test_constraints_pin_exactly_and_name_no_address():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!+-]+(?: ; [\w .<>=!'\"]+)?", line)] == []
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in pins}
    asked = project()["dependencies"] + project()["optional-dependencies"]["dev"] + project()["optional-dependencies"]["peers"]
    needed = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", one)[0]).lower() for one in asked}
    assert needed - pinned == set()


def test_the_corpus_can_be_read():
    folder = corpus_folder()
    guideline = load_guideline(folder)
    assert guideline.rules and guideline.advice
    for path in sorted(folder.rglob("*.toml")):
        tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted([*folder.rglob("*.jsonl"), *(ROOT / "evals").rglob("*.jsonl")]):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert isinstance(json.loads(line), dict), f"{path.name}:{number}"


def test_the_prompts_can_be_read():
    prompts = sorted(path for path in data_folder("prompts").glob("*.md") if path.name != "README.md")
    assert prompts, "prompts/ holds no prompt"
    for path in prompts:
        begin, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        assert begin == "" and tomllib.loads(front), f"{path.name} must begin with TOML between two lines of +++"
        assert body.strip(), f"{path.name} has no text"


def test_the_example_rule_of_the_readme_works(tmp_path: Path):
    """The file that "Add a rule" shows, put into a copy of the corpus, passes what every rule must pass."""
    import shutil

    from app.matching.base import Text
    from app.matching.finder import Finder, find_all
    from app.records import Draft

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    name = re.search(r"This one would be `([\w-]+)\.md`", readme)[1]
    body = re.search(r"<!-- tests/test_house\.py[^\n]*-->\n```\n(.*?)```", readme, re.S)[1]
    folder = tmp_path / "corpus"
    shutil.copytree(corpus_folder(), folder, ignore=shutil.ignore_patterns("*.jsonl"))
    (folder / "rules" / f"{name}.md").write_text(body, encoding="utf-8")
    guideline = load_guideline(folder)
    rule = guideline.rules[name]
    finders = [Finder(table, number, rule, guideline) for number, table in enumerate(rule.find, 1)]
    assert rule.breaks and rule.fine
    for example in (*rule.breaks, *rule.fine):
        found = find_all(Text(Draft(example.text, example.platform, example.account), example.field), finders)
        assert [(finding.start, finding.end) for finding in found] == list(example.spans), example.text
