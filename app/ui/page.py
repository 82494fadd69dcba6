"""The page: three tabs over the Assistant. It only wires; what a text looks like is decided in render.py."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from app.assistant import Assistant
from app.errors import CorpusError, PresendError
from app.files import read_text
from app.manuscript import apply_edits
from app.records import ACCOUNTS, Draft, Edit, Profile
from app.text.length import PLATFORMS
from app.ui import render

COPY = "(text) => { navigator.clipboard.writeText(text || ''); }"


def build(assistant: Assistant) -> Any:
    """Build the Blocks. Its endpoints /check, /revise, /ask and /bio give the fields of the command's JSON."""
    import gradio as gr

    from app.ui.endpoints import add_endpoints

    title = assistant.guideline.organisation.title
    with gr.Blocks(title="presend", analytics_enabled=False) as page:
        add_endpoints(gr, assistant)  # first: gradio gives a name that is taken, be it by a private handler, a number
        gr.HTML(f"<div class='ps-title'><h1>presend</h1><p>Before you press send: your draft against the {render.escape(title)}.</p></div>")
        with gr.Tabs():
            with gr.Tab("Revise", id="revise"):
                _revise_tab(gr, assistant)
            with gr.Tab("Can I post this?", id="ask"):
                _ask_tab(gr, assistant)
            with gr.Tab("Bio", id="bio"):
                _bio_tab(gr, assistant)
        gr.HTML(f"<p class='ps-foot'>{_engine_words(assistant)}</p>")
    return page


def _examples(assistant: Assistant) -> dict[str, list[dict[str, str]]]:
    """Read the ready examples of the page from the corpus. Raises CorpusError when the file is broken."""
    path = assistant.guideline.folder / "page.toml"
    try:
        found = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path} is not valid TOML: {error}.") from None
    return {kind: found.get(kind, []) for kind in ("draft", "question", "profile")}


def _engine_words(assistant: Assistant) -> str:
    settings = assistant.settings
    if not settings.model:
        return "Everything runs on this machine. No draft leaves it, and none is kept."
    where = settings.openai_base_url or settings.azure_endpoint or "the OpenAI service"
    return f"A language model is configured: {render.escape(settings.model)} at {render.escape(where)}. Drafts go there unless you choose “offline”. None is kept here."


def _engine_choice(gr: Any, assistant: Assistant) -> Any:
    configured = bool(assistant.settings.model)
    choices = [("On this machine", "offline"), ("Language model", "llm")] if configured else [("On this machine", "offline")]
    return gr.Radio(choices, value="llm" if configured else "offline", label="Who writes", visible=configured)


def _revise_tab(gr: Any, assistant: Assistant) -> None:
    with gr.Row():
        with gr.Column(scale=5, min_width=300):
            draft = gr.Textbox(label="Your draft", lines=8, max_lines=24, placeholder="Paste what you are about to post …", autofocus=True)
            with gr.Row():
                platform = gr.Dropdown(list(PLATFORMS), value="linkedin", label="Platform", min_width=120)
                account = gr.Dropdown(list(ACCOUNTS), value="personal", label="Account", min_width=120)
            audience = gr.Textbox(label="Who will read it (optional)", placeholder="general public, committee experts …", lines=1)
            engine = _engine_choice(gr, assistant)
            with gr.Row():
                go = gr.Button("Check and revise", variant="primary")
                stop = gr.Button("Stop", visible=bool(assistant.settings.model))
            if assistant.settings.model:
                with gr.Accordion("What would leave this machine", open=False):
                    sent = gr.Textbox(label="The request, word for word", lines=8, max_lines=20)
                    gr.Button("Show it").click(_shown(assistant), [draft, platform, account, audience], sent, api_visibility="private")
            ready = [[e["text"], e["platform"], e["account"]] for e in _examples(assistant)["draft"]]
            examples = gr.Examples(ready, [draft, platform, account], label="Try one of these", example_labels=[e[0][:64] + "…" for e in ready])
        with gr.Column(scale=6, min_width=300):
            verdict = gr.HTML()
            marked = gr.HTML()
            result = gr.Textbox(label="Revision", lines=5, max_lines=24, interactive=True, visible=False, elem_id="revision")
            copy = gr.Button("Copy the revision", visible=False, size="sm")
            changes = gr.HTML()
            taken = gr.CheckboxGroup([], label="Changes: leave out any that you do not want", visible=False)
            asked = gr.HTML()
            cards = gr.HTML()
            carried = gr.Textbox(visible=False)
    outputs = [verdict, marked, result, copy, changes, taken, asked, cards, carried]
    runs = _started_by(gr, [go.click, draft.submit], examples, _revising(gr, assistant), [draft, platform, account, audience, engine], outputs)
    stop.click(None, cancels=runs)
    # always_last: by default gradio drops what is ticked while an earlier tick is still under way
    taken.input(_retake, [taken, carried], result, api_visibility="private", show_progress="hidden", trigger_mode="always_last")
    copy.click(None, [result], None, js=COPY, api_visibility="private")


def _started_by(gr: Any, triggers: list, examples: Any, handler: Any, inputs: list, outputs: Any) -> list:
    """Run a handler by its buttons, and when a ready example was clicked, with the example filled in."""
    how = {"api_visibility": "private", "show_progress": "minimal"}
    return [gr.on(triggers, handler, inputs, outputs, **how), examples.load_input_event.then(handler, inputs, outputs, **how)]


def _shown(assistant: Assistant) -> Any:
    def show(draft: str, platform: str, account: str, audience: str) -> str:
        try:
            return assistant.show_prompt(Draft(draft or "", platform, account, audience or ""))
        except PresendError as error:
            return str(error)

    return show


def _revising(gr: Any, assistant: Assistant) -> Any:
    hidden = gr.update(visible=False)

    def revise(text: str, platform: str, account: str, audience: str, engine: str) -> Iterator[tuple]:
        draft = Draft(text or "", platform, account, audience or "")
        if not draft.text.strip():
            yield render.error_html("There is no draft yet. Paste one on the left."), "", hidden, hidden, "", hidden, "", "", ""
            return
        try:
            review = assistant.check(draft)
            first = (render.verdict_html(review), render.marked_html(review))
            cards = render.cards_html(review.findings, draft.text, assistant.guideline)
            yield *first, hidden, hidden, "", hidden, "", cards, ""
            for partial in assistant.stream(draft, engine):
                if isinstance(partial, str):
                    yield *first, gr.update(value=partial, visible=True, label="Being written, not verified yet"), hidden, "", hidden, "", cards, ""
                else:
                    yield *first, *_revised(gr, partial, assistant), cards, _carry(partial)
        except PresendError as error:
            yield render.error_html(str(error)), "", hidden, hidden, "", hidden, "", "", ""

    return revise


def _revised(gr: Any, revision: Any, assistant: Assistant) -> tuple:
    """Give the updates of revision, copy button, changes, list of edits, and what is asked of the author."""
    notes = render.notes_html(revision.for_author, revision.notes)
    if not revision.edits:
        return gr.update(visible=False), gr.update(visible=False), "", gr.update(visible=False), notes
    state = {"ready": "ready to post", "revise": "still needs you", "ask": "ask a person before posting"}[revision.after.verdict]
    label = f"Revision, verified: {state}" if revision.verified else "Revision, not verified"
    choices = [(render.edit_label(e, revision.before.draft.text), e.id) for e in revision.edits]
    return (
        gr.update(value=revision.text, visible=True, label=label),
        gr.update(visible=True),
        render.changes_html(revision),
        gr.update(choices=choices, value=[e.id for e in revision.edits], visible=True),
        notes,
    )


def _carry(revision: Any) -> str:
    """Put draft and edits in the page, so that the server need not remember them."""
    edits = [[e.id, e.start, e.end, e.replacement] for e in revision.edits]
    return json.dumps({"draft": revision.before.draft.text, "edits": edits})


def _retake(taken: list[int], carried: str) -> str:
    """Apply only the edits that are ticked."""
    state = json.loads(carried)
    chosen = [Edit(i, start, end, new, "", "") for i, start, end, new in state["edits"] if i in taken]
    return apply_edits(state["draft"], chosen)


def _ask_tab(gr: Any, assistant: Assistant) -> None:
    with gr.Row():
        with gr.Column(scale=5, min_width=300):
            question = gr.Textbox(label="Your question", lines=4, max_lines=16, placeholder="Can I post …? Put a draft in quotes and it is checked too.")
            account = gr.Dropdown(list(ACCOUNTS), value="personal", label="Account")
            engine = _engine_choice(gr, assistant)
            go = gr.Button("Ask", variant="primary")
            examples = gr.Examples([[e["text"]] for e in _examples(assistant)["question"]], [question], label="Try one of these")
        with gr.Column(scale=6, min_width=300):
            answer = gr.HTML()

    def ask(words: str, account: str, engine: str) -> str:
        try:
            return render.answer_html(assistant.ask(words or "", account, engine), assistant.guideline)
        except PresendError as error:
            return render.error_html(str(error))

    _started_by(gr, [go.click, question.submit], examples, ask, [question, account, engine], answer)


def _bio_tab(gr: Any, assistant: Assistant) -> None:
    with gr.Row():
        with gr.Column(scale=5, min_width=300):
            name = gr.Textbox(label="Name", placeholder="John Smith")
            role = gr.Textbox(label="Role", placeholder="Project Manager")
            interests = gr.Textbox(label="Interests, with commas", placeholder="standards, environment, skiing")
            wishes = gr.Textbox(label="Wishes (optional)", lines=2, placeholder="What you would like to see in it")
            with gr.Accordion("Check my present profile", open=False):
                bio = gr.Textbox(label="Present bio", lines=2)
                handle = gr.Textbox(label="Present handle", placeholder="@JohnSmith")
            engine = _engine_choice(gr, assistant)
            go = gr.Button("Write bios", variant="primary")
            ready = [[e["name"], e["role"], e["interests"], e["wishes"]] for e in _examples(assistant)["profile"]]
            examples = gr.Examples(ready, [name, role, interests, wishes], label="Try one of these")
        with gr.Column(scale=6, min_width=300):
            out = gr.HTML()

    def write(name: str, role: str, interests: str, wishes: str, bio: str, handle: str, engine: str) -> str:
        listed = tuple(part.strip() for part in (interests or "").split(",") if part.strip())
        try:
            return render.bios_html(assistant.bio(Profile(name or "", role or "", listed, wishes or "", bio or "", handle or ""), engine), assistant.guideline)
        except PresendError as error:
            return render.error_html(str(error))

    _started_by(gr, [go.click], examples, write, [name, role, interests, wishes, bio, handle, engine], out)
