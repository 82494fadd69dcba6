"""What all tests share: no network, no settings of the user's, and a browser where there is one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = Path(__file__).resolve().parent / "offline"
NO_BROWSER = "no Chromium on this machine"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# --no-sandbox: tests run as root in containers, where Chromium's own sandbox cannot start.
BROWSER_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()
FOREIGN = ("PRESEND_", "OPENAI_", "AZURE_OPENAI_", "LANGSMITH_", "LANGCHAIN_", "GRADIO_")

sys.path.insert(0, str(OFFLINE))
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402, F401


def pytest_configure(config: pytest.Config) -> None:
    """Clear the user's settings before any test module is read; on a shared machine, time says nothing to Hypothesis."""
    from hypothesis import HealthCheck, settings

    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ["PYTHONPATH"] = os.pathsep.join(p for p in (str(OFFLINE), os.environ.get("PYTHONPATH")) if p)
    settings.register_profile("presend", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("presend")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the cache folder that every test and every program started by one uses instead of the user's."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["PRESEND_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file where attempts to leave this machine are written down."""
    record = tmp_path_factory.mktemp("network") / "attempts.txt"
    record.touch()
    os.environ["PRESEND_TEST_ATTEMPTS"] = str(record)
    return record


@pytest.fixture(autouse=True)
def no_network(attempts: Path):
    """Fail a test when it, or a Python program that it started, tried to leave this machine."""
    before = attempts.stat().st_size
    yield
    if tried := attempts.read_text(encoding="utf-8")[before:].split():
        pytest.fail("tried to reach: " + ", ".join(sorted(set(tried))), pytrace=False)


def chromium() -> str | None:
    """Give the path of a Chromium on this machine, or None; CHROMIUM in the environment comes first."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def server():
    """Give a running model server that misbehaves as its models are named (hostile_server.py)."""
    import hostile_server

    running = hostile_server.Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    """Give a headless Chromium (Playwright); skips the test on a machine without one."""
    if not (path := chromium()):
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, headless=True, args=BROWSER_ARGUMENTS)
        yield running
        running.close()


def pytest_terminal_summary(terminalreporter) -> None:
    """Say what was left out for want of a browser, and how to get it."""
    left_out = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if left_out:
        names = sorted({report.location[0] for report in left_out})
        terminalreporter.section("left out")
        terminalreporter.write_line(f"{len(left_out)} tests that drive the page in a browser ({', '.join(names)}): {NO_BROWSER}.")
        terminalreporter.write_line("Get it with 'apt-get install chromium' (Debian) or 'brew install chromium' (macOS), or name one:")
        terminalreporter.write_line("CHROMIUM=/path/to/chromium make test")
