"""What can go wrong with a model server, as sentences: never the exception's own text, which may hold the draft or the key."""

from __future__ import annotations

from app.errors import ModelError


class TooMuch(Exception):
    """More was sent than any reply has."""


def too_long(error: Exception) -> bool:
    """Does the server say that the request exceeds the model's context?"""
    return "context_length" in str(error) or "context length" in str(error) or "ContextOverflow" in type(error).__name__


def too_slow(address: str, seconds: float) -> ModelError:
    """Say that the time was up."""
    return ModelError(f"The model at {address} did not answer within {seconds:g} seconds.")


def sentence(error: Exception, address: str, model: str, seconds: float) -> ModelError:
    """Say any exception of openai, langchain, pydantic, json or httpx2 in words."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    if isinstance(error, TooMuch):
        text = "The model's reply did not come to an end."
    elif status in (401, 403):
        text = f"The model server at {address} refused the key (status {status}). Check OPENAI_API_KEY."
    elif status == 404:
        text = f"The server at {address} has no model '{model}'. Check PRESEND_MODEL and OPENAI_BASE_URL."
    elif status == 429:
        text = f"The model server at {address} takes no more requests just now, or the quota is used up."
    elif too_long(error):
        text = "The text is too long for this model."
    elif status:
        text = f"The model server at {address} failed (status {status})."
    elif "Refusal" in name or "ContentFilter" in name:
        text = "The model declined to work on this text."
    elif "LengthFinish" in name:
        text = "The model broke off in the middle of its reply."
    elif "Timeout" in name:
        return too_slow(address, seconds)
    elif "Connection" in name:
        text = f"The model server at {address} cannot be reached, or hung up. Check OPENAI_BASE_URL, or that the server is running."
    else:
        text = f"The server at {address} sent something that is no model's reply."
    return ModelError(text)
