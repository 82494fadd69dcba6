"""What several test modules share: one loaded Assistant, the public test data where it is there, ways to run the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from app.assistant import Assistant
from app.check import figures_of
from app.records import Draft, Finding, Review
from app.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@cache
def the_assistant() -> Assistant:
    """Give the one Assistant of the whole run, so that corpus, judge and search are loaded once."""
    return Assistant(load_settings(), "offline")


def shared_file(*parts: str) -> Path:
    """Give a file of the public test data; skips the test where that folder is absent."""
    path = SHARED.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{path} is not here: it is test data that is not part of the repository")
    return path


def clean(text: str, platform: str = "linkedin", findings: tuple[Finding, ...] = ()) -> Review:
    """Give a review of a text with exactly these findings, whatever rules and judge would say."""
    draft = Draft(text, platform)
    return Review(draft, findings, "revise" if findings else "ready", figures_of(draft))


def presend(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run `python -m app` as a program of its own; gives bytes, as a shell would see them."""
    environment = {**os.environ, **(env or {})}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    return subprocess.run([sys.executable, "-m", "app", *arguments], input=stdin, capture_output=True, env=environment, cwd=cwd or ROOT, timeout=120)


def fields(printed: bytes | str) -> dict:
    """Read what --format json printed."""
    return json.loads(printed)
