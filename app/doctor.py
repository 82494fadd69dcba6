"""What is configured, what can be reached, what works without a network: plain sentences for `presend doctor`."""

from __future__ import annotations

from app.errors import ModelError, PresendError
from app.files import corpus_folder, model_folder
from app.guideline import load_guideline
from app.settings import Settings
from app.tokens import table_of

SECONDS = 5.0  # to wait for a model server
MOST_NAMES = 12


def doctor(settings: Settings) -> list[str]:
    """Look at the corpus, the embedded models, the configured language model and its server; give a sentence for each.

    The key is never told. Waits for a server at most five seconds (or the time limit of the settings, if shorter).
    """
    return [*_corpus(settings), *_judge(), *_model(settings), _tokens(settings), _privacy(settings)]


def _corpus(settings: Settings) -> list[str]:
    try:
        guideline = load_guideline(corpus_folder(settings.corpus or None))
    except PresendError as error:
        return [f"The guideline can't be used: {error}"]
    return [f"The guideline is “{guideline.organisation.title}” with {len(guideline.rules)} rules and {len(guideline.advice)} pieces of advice."]


def _judge() -> list[str]:
    missing = [name for name in ("encoder", "judge") if not (model_folder(name) / "model.onnx").is_file()]
    if missing:
        return [f"The embedded model '{missing[0]}' is missing from this installation. Install presend again."]
    return ["Checking, revising, answering and bios work offline; the embedded models are in place."]


def _model(settings: Settings) -> list[str]:
    if not settings.model:
        hint = "Set PRESEND_MODEL (and OPENAI_BASE_URL for a server of your own, OPENAI_API_KEY where it needs a key)"
        return [f"No language model is configured, so nothing leaves this machine. {hint} to have revisions, answers and bios written by one."]
    from app.engines.llm.wire import Wire

    wire = Wire(settings)
    key = "a key is set" if settings.openai_api_key else "no key is set"
    kind = "on Azure " if settings.azure_endpoint else ""
    lines = [f"The language model is '{settings.model}' {kind}at {wire.address}; {key}; the time limit is {settings.timeout:g} seconds."]
    try:
        names = wire.models(min(SECONDS, settings.timeout))
    except ModelError as error:
        return [*lines, f"{error} Until that works, presend answers offline."]
    if not names:
        return [*lines, "The server can be reached and does not say which models it offers."]
    shown = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")
    lines.append(f"The server can be reached and offers: {shown}.")
    if settings.model not in names and not settings.azure_endpoint:
        lines.append(f"'{settings.model}' is not among them. Check PRESEND_MODEL.")
    return lines


def _tokens(settings: Settings) -> str:
    if table_of(settings):
        return "Tokens are counted with tiktoken's table on this machine."
    return "tiktoken's table is not on this machine, so token numbers are estimates (within about 15 %)."


def _privacy(settings: Settings) -> str:
    names = "names and handles too" if settings.hide_names else "names are sent; set PRESEND_HIDE_NAMES=true to hide them too"
    return f"E-mail addresses and phone numbers are replaced before anything is sent to a language model ({names})."
