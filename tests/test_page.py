"""The page in a browser: three jobs by clicking, nothing from elsewhere, nothing lost; and its endpoints."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from support import ROOT, the_assistant

from app.calls import call

SLOWEST = 60  # seconds until a page on a busy machine answers
EDITED = "My aunt will utilise 14 eggs for the cake on 4 May. You idiot! See https://example.org/a for more."
ATTACK = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> you idiot <b>bold</b>"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start `presend serve` on a free port and give its address once the page answers."""
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = server.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found, said + server.stdout.read()
    until = time.monotonic() + SLOWEST
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(found[0], timeout=SLOWEST).read()
            break
        except urllib.error.URLError:
            time.sleep(0.2)
    yield found[0]
    server.terminate()
    server.wait(20)


@pytest.fixture
def page(browser, address):
    """Open the page; fails afterwards on a complaint in the console or a request to any other host."""
    context = browser.new_context()
    context.set_default_timeout(20_000)
    tab = context.new_page()
    complaints, foreign = [], []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith((address, "data:", "blob:")) else foreign.append(request.url))
    tab.goto(address)
    tab.get_by_label("Your draft").wait_for()
    yield tab
    context.close()
    assert complaints == []
    assert foreign == []


def check(page, text: str) -> None:
    """Type a draft, press the button, and wait for the result."""
    page.get_by_label("Your draft").fill(text)
    page.get_by_role("button", name="Check and revise").click()
    page.locator(".ps-verdict:visible").first.wait_for()


def shows(box, text: str) -> None:
    """Wait until a box of the form holds exactly this text."""
    from playwright.sync_api import expect

    expect(box).to_have_value(text, timeout=20_000)


def test_revise_by_clicking(page):
    check(page, EDITED)
    page.locator("#revision textarea").wait_for()
    revision = page.locator("#revision textarea").input_value()
    assert revision == call("revise", {"text": EDITED}, the_assistant()).json()["revision"]
    assert "utilise" not in revision
    assert page.locator(".ps-verdict strong").first.inner_text().startswith("Not ready")
    assert "idiot" in page.locator(".ps-draft mark").all_inner_texts()
    cards = page.locator(".ps-card")
    quotations = [p.text for p in the_assistant().guideline.passages.values()]
    for quotation in cards.locator("blockquote").all_inner_texts():
        assert any(" ".join(q.split()) in " ".join(quotation.split()) for q in quotations)
    assert "utilise" in page.locator(".ps-changes del").all_inner_texts()
    assert "use" in page.locator(".ps-changes ins").all_inner_texts()


def test_changes_can_be_left_out(page):
    check(page, EDITED)
    boxes = page.get_by_role("checkbox")
    boxes.first.wait_for()
    assert boxes.count() >= 2
    result = page.locator("#revision textarea")
    before = result.input_value()
    boxes.first.uncheck()
    page.wait_for_function("before => document.querySelector('#revision textarea').value !== before", arg=before)
    assert "utilise" in result.input_value()
    for box in boxes.all()[1:]:
        box.uncheck()
    shows(result, EDITED)
    for box in boxes.all():
        box.check()
    shows(result, before)


def test_the_revision_can_be_copied(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    check(page, EDITED)
    page.get_by_role("button", name="Copy the revision").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('My aunt will use 14 eggs')")


def test_examples_work_with_one_click(page):
    ready = tomllib.loads((the_assistant().guideline.folder / "page.toml").read_text(encoding="utf-8"))
    assert min(len(ready[kind]) for kind in ("draft", "question", "profile")) >= 2
    for example in ready["draft"]:
        page.get_by_text(example["text"][:40]).first.click()
        shows(page.get_by_label("Your draft"), example["text"])
    page.locator(".ps-verdict:visible").first.wait_for()
    page.get_by_role("tab", name="Can I post this?").click()
    for example in ready["question"]:
        page.get_by_text(example["text"][:40]).first.click()
        shows(page.get_by_label("Your question"), example["text"])
    page.locator(".ps-answer:visible").wait_for()
    page.get_by_role("tab", name="Bio").click()
    for example in ready["profile"]:
        page.get_by_text(example["name"]).first.click()
        shows(page.get_by_label("Name", exact=True), example["name"])
    page.locator(".ps-bio:visible").first.wait_for()


def test_ask_by_clicking(page):
    page.get_by_role("tab", name="Can I post this?").click()
    page.get_by_label("Your question").fill("Can I share the result of a vote before it is published?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".ps-answer").wait_for()
    assert page.locator("blockquote:visible").count() >= 1
    page.get_by_label("Your question").fill("What is the capital of France?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("The guideline does not say.").wait_for()


def test_bio_by_clicking(page):
    page.get_by_role("tab", name="Bio").click()
    page.get_by_label("Name", exact=True).fill("Siobhán O'Brien")
    page.get_by_label("Role").fill("Editor")
    page.get_by_label("Interests, with commas").fill("grammar, cycling")
    page.get_by_label("Wishes (optional)").fill("put ISO in my handle")
    page.get_by_role("button", name="Write bios").click()
    page.locator(".ps-bio").first.wait_for()
    assert page.locator(".ps-bio").count() >= 3
    assert "@SiobhanOBrien" in page.locator(".ps-handles").inner_text()
    assert "Not done" in page.locator(".ps-card.ps-must").first.inner_text()


@pytest.mark.parametrize("text", ["", "   ", "x " * 20_000], ids=["empty", "blank", "too long"])
def test_after_an_error_the_text_is_still_there(page, text):
    check(page, text)
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Your draft").input_value() == text
    check(page, EDITED)
    page.locator("#revision textarea").wait_for()
    assert page.get_by_role("alert").count() == 0


def test_markup_in_a_draft_is_shown_as_text(page):
    title = page.title()
    check(page, ATTACK)
    page.locator(".ps-draft").first.wait_for()
    assert page.locator(".ps-draft").first.inner_text() == ATTACK
    assert page.locator(".ps-draft img, .ps-draft b, .ps-draft script, .ps-card img").count() == 0
    page.get_by_role("tab", name="Can I post this?").click()
    page.get_by_label("Your question").fill(f"Can I post “{ATTACK}”?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".ps-answer").wait_for()
    page.get_by_role("tab", name="Bio").click()
    for label in ("Name", "Role", "Interests, with commas", "Wishes (optional)"):
        page.get_by_label(label, exact=True).fill(ATTACK)
    page.get_by_role("button", name="Write bios").click()
    page.locator(".ps-bio").first.wait_for()
    assert page.title() == title


def test_draft_and_result_are_gone_after_a_reload(page):
    check(page, "Kumquat marmalade, you idiot!")
    page.reload()
    page.get_by_label("Your draft").wait_for()
    assert "Kumquat" not in page.content()


@pytest.fixture(scope="module")
def client(address):
    """Give a gradio client of the same server. The client itself would ask huggingface.co for news."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        from gradio_client import Client

        yield Client(address, verbose=False, analytics_enabled=False)


REQUESTS = {
    "check": ({"text": EDITED, "platform": "twitter", "account": "personal", "audience": ""}),
    "revise": ({"text": EDITED, "platform": "twitter", "account": "personal", "audience": "general public"}),
    "ask": ({"question": "May I post photos of our team event?", "account": "personal"}),
    "bio": ({"name": "John Smith", "role": "Editor", "interests": ["tea"], "wants": "", "current_bio": "", "current_handle": "@SmithISO"}),
}


@pytest.mark.parametrize(("verb", "fields"), REQUESTS.items(), ids=REQUESTS)
def test_endpoints_give_what_the_command_gives(client, verb, fields):
    assert client.predict(api_name=f"/{verb}", **fields) == call(verb, fields, the_assistant()).json()


def test_endpoints_take_defaults(client):
    assert client.predict("Good morning, everyone.", api_name="/check")["verdict"] == "ready"
    assert len(client.predict("山田太郎", api_name="/bio")["bios"]) >= 3


@pytest.mark.parametrize(
    ("verb", "fields", "words"),
    [("check", {"text": "x", "platform": "fax"}, "'platform' is 'fax'"), ("check", {"text": "x " * 20_000}, "30,000"), ("ask", {"question": " "}, "question is empty"), ("bio", {"name": ""}, "Give a name")],
    ids=["platform", "too long", "question", "name"],
)
def test_endpoints_say_what_is_wrong(client, verb, fields, words):
    with pytest.raises(Exception, match=re.escape(words)):
        client.predict(api_name=f"/{verb}", **fields)


def test_only_the_four_functions_are_offered(client):
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {"/check", "/revise", "/ask", "/bio"}


def test_the_policy_allows_no_other_host(address):
    with urllib.request.urlopen(address, timeout=SLOWEST) as answer:
        policy, body = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "default-src 'self'" in policy
    assert not re.search(r"https?:|\*", policy)
    assert not re.search(r"(?:src|href)=[\"']https?://(?!127\.0\.0\.1)", body)
