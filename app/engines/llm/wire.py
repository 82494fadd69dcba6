"""The only place where text leaves this machine: ChatOpenAI, under a wall clock, with every failure a plain sentence.

Requests run on an event loop in a thread of their own, because the client's time-out counts from byte to byte: a
server that drips holds it for ever. Cancelling the task there closes the connection.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import threading
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache, cached_property
from urllib.parse import urlsplit

from app.engines.llm import failures
from app.engines.llm.budget import Budget, Usage
from app.engines.llm.reply import MOST_CHARACTERS
from app.errors import ModelError
from app.settings import Settings
from app.tokens import estimate

OPENAI = "https://api.openai.com/v1"
RETRIES = 2
MOST_BYTES = 4_000_000
POLL = 0.05  # seconds between two looks at the cancel button
FORMATS = ("json_schema", "json_object", "")
Messages = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a server has turned out to understand: a response format, and the settings that make replies repeatable."""

    format: str = FORMATS[0]
    steady: bool = True

    def simpler(self, complaint: str) -> Shape | None:
        """Give the next shape to try after a 400, or None."""
        if self.steady and any(word in complaint for word in ("temperature", "seed")):
            return Shape(self.format, False)
        rest = FORMATS[FORMATS.index(self.format) + 1 :]
        return Shape(rest[0], self.steady) if rest else None


class Wire:
    """Sends messages to the configured model. One for a program; safe to call from several threads."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.shape = Shape()
        self._lock = threading.RLock()

    @property
    def address(self) -> str:
        """Where requests go, without user name and password."""
        base = self._base
        try:
            parts = urlsplit(base)
        except ValueError:
            return base
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/") if parts.scheme else base

    @property
    def _base(self) -> str:
        """The base URL; Azure without an API version means its newer address, which needs none."""
        if self.settings.azure_endpoint and not self.settings.azure_api_version:
            return self.settings.azure_endpoint.rstrip("/") + "/openai/v1"
        return self.settings.azure_endpoint or self.settings.openai_base_url or OPENAI

    def prepare(self) -> None:
        """Load the client's libraries, which takes seconds the first time. Raises ModelError for an address that is none."""
        if not self._base.startswith(("http://", "https://")):
            raise ModelError(f"'{self._base}' is no address. OPENAI_BASE_URL must begin with http:// or https://.")
        try:
            with self._lock:
                self._chat  # noqa: B018
        except Exception as error:
            raise failures.sentence(error, self.address, self.settings.model, 0) from None

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="presend-model", daemon=True).start()
        return loop

    @cached_property
    def _chat(self):
        import httpx2
        import langsmith

        langsmith.configure(enabled=False)  # beats every environment variable that turns tracing on
        from langchain_openai import AzureChatOpenAI, ChatOpenAI

        for name in ("openai", "httpx2", "httpcore2", "langchain_openai"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below that, openai logs whole requests
        warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)  # it prints parts of replies
        # identity: a few compressed kilobytes cannot unfold into gigabytes
        http = httpx2.AsyncClient(timeout=self.settings.timeout, event_hooks={"response": [_cap]}, headers={"Accept-Encoding": "identity"})
        common = {
            "model": self.settings.model,
            "api_key": self.settings.openai_api_key or "not-needed",
            "timeout": self.settings.timeout,
            "max_retries": RETRIES,
            "stream_usage": True,
            "use_responses_api": False,
            "http_async_client": http,
            "cache": False,
            "verbose": False,
        }
        if self.settings.azure_endpoint and self.settings.azure_api_version:
            place = {"azure_endpoint": self._base, "api_version": self.settings.azure_api_version, "azure_deployment": self.settings.model}
            return AzureChatOpenAI(**place, **common)
        return ChatOpenAI(base_url=self._base, **common)

    def _ready(self):
        self.prepare()
        return self._chat

    def ask(self, messages: Messages, form: dict, budget: Budget, on_text: Callable[[str], None] | None = None) -> str:
        """Send messages and give the text of the reply, which should be JSON of the form.

        `on_text` gets the text so far, again and again, in the caller's thread. Raises ModelError with a sentence.
        """
        while True:
            shape = self.shape
            try:
                text, usage = self._run(lambda tell, shape=shape: self._send(messages, form, shape, tell if on_text else None), budget, on_text)
            except _Unsupported as error:
                simpler = shape.simpler(error.complaint)
                if simpler is None:
                    raise ModelError(f"The model server at {self.address} does not accept the request (status 400).") from None
                if self.shape == shape:
                    self.shape = simpler
                continue
            if usage is None:
                usage = Usage(1, estimate("\n".join(t for _, t in messages)), estimate(text[:MOST_CHARACTERS]), counted=False)
            budget.spend(usage)
            return text

    def models(self, seconds: float) -> list[str]:
        """Ask the server which models it offers, waiting so many seconds. Raises ModelError."""
        self.prepare()

        async def listing(_tell: Callable[[str], None]) -> list[str]:
            page = await self._chat.root_async_client.with_options(max_retries=0).models.list()
            return sorted(str(model.id) for model in page.data or ())

        return self._run(listing, Budget(seconds), None)

    def _run(self, work: Callable[[Callable[[str], None]], Coroutine], budget: Budget, on_text: Callable[[str], None] | None):
        """Run a coroutine on the loop until it is done, time is up or somebody cancels."""
        if not budget.left:
            raise failures.too_slow(self.address, budget.seconds)
        told: queue.SimpleQueue[str] = queue.SimpleQueue()
        with self._lock:
            loop = self._loop
        future = asyncio.run_coroutine_threadsafe(work(told.put), loop)
        try:
            while True:
                if budget.cancelled:
                    raise ModelError("The request to the model was cancelled.")
                done = _wait(future, min(POLL, max(budget.left, 0.001)))
                if on_text:
                    latest = None
                    while not told.empty():
                        latest = told.get()
                    if latest is not None:
                        on_text(latest)
                if done:
                    return future.result()
                if not budget.left:
                    raise failures.too_slow(self.address, budget.seconds)
        except (_Unsupported, ModelError):
            raise
        except Exception as error:
            # whatever a server sends must end as a sentence here: openai, langchain, pydantic, json and httpx2 all raise
            # their own, down to AttributeError for a page of HTML; GeneratorExit and KeyboardInterrupt pass
            if getattr(error, "status_code", None) in (400, 422) and not failures.too_long(error):
                raise _Unsupported(str(error).casefold()) from None
            raise failures.sentence(error, self.address, self.settings.model, budget.seconds) from None
        finally:
            future.cancel()

    async def _send(self, messages: Messages, form: dict, shape: Shape, tell: Callable[[str], None] | None):
        options: dict[str, object] = {"temperature": 0, "seed": 1} if shape.steady else {}
        # the same that with_structured_output binds, without its parser, which completes truncated JSON
        if shape.format == "json_schema":
            options["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": form}}
        elif shape.format:
            options["response_format"] = {"type": shape.format}
        # in a thread: the first import takes seconds, and must not stop the clock
        chat = (await asyncio.to_thread(self._ready)).bind(**options)
        if tell is None:
            message = await chat.ainvoke(messages)
        else:
            message, length = None, 0
            async for chunk in chat.astream(messages):
                message = chunk if message is None else message + chunk
                length += len(chunk.text)
                if length > MOST_CHARACTERS:
                    raise failures.TooMuch
                tell(message.text)
            if message is None:
                raise ModelError("The model gave an empty reply.")
        if message.additional_kwargs.get("refusal"):
            raise ModelError("The model declined to work on this text.")
        if message.response_metadata.get("finish_reason") == "length":
            raise ModelError("The model broke off in the middle of its reply.")
        used = message.usage_metadata
        usage = Usage(1, int(used["input_tokens"]), int(used["output_tokens"])) if used else None
        return message.text, usage


class _Unsupported(Exception):
    """The server answered 400: it may not know a part of the request."""

    def __init__(self, complaint: str):
        super().__init__()
        self.complaint = complaint


def _wait(future: concurrent.futures.Future, seconds: float) -> bool:
    return bool(concurrent.futures.wait([future], seconds).done)


async def _cap(response) -> None:
    """Put a limit on the bytes of a response before its body is read."""
    response.stream = _capped()(response.stream)


@cache
def _capped() -> type:
    import httpx2

    class Capped(httpx2.AsyncByteStream):
        def __init__(self, stream):
            self._stream = stream

        async def __aiter__(self):
            total = 0
            async for part in self._stream:
                total += len(part)
                if total > MOST_BYTES:
                    raise failures.TooMuch
                yield part

        async def aclose(self):
            await self._stream.aclose()

    return Capped
