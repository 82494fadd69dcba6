"""Serves the page on this machine: no other host is asked for anything, and no draft is kept."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from app.assistant import Assistant
from app.errors import SettingsError
from app.settings import Settings

# gr.HTML compiles its templates in the browser, hence unsafe-eval; no other host is allowed for anything.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
_QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_RUN_HISTORY": "False", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def build_app(settings: Settings) -> Any:
    """Give the web application (ASGI) for the settings. Raises CorpusError for a broken corpus."""
    os.environ.update(_QUIET)
    os.environ["GRADIO_TEMP_DIR"] = str(settings.cache_folder / "page")
    assistant = Assistant(settings)
    assistant.guideline  # noqa: B018  a broken corpus is said before the page opens
    import gradio as gr
    from fastapi import FastAPI, Request

    from app.ui.page import build

    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @web.middleware("http")
    async def policy(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    # Only now: loading models beside gradio would keep the page waiting.
    threading.Thread(target=assistant.warm, daemon=True).start()
    page = build(assistant).queue(max_size=32, default_concurrency_limit=4)
    system = ["system-ui", "sans-serif"]
    theme = gr.themes.Default(font=system, font_mono=["ui-monospace", "monospace"])
    login = ("presend", settings.password) if settings.password else None
    return gr.mount_gradio_app(
        web,
        page,
        path="/",
        theme=theme,
        css=Path(__file__).with_name("style.css").read_text(encoding="utf-8"),
        run_history=False,
        footer_links=[],
        show_error=False,
        pwa=False,
        enable_monitoring=False,
        auth=login,
        mcp_server=True,
    )


def serve(settings: Settings, open_browser: bool = False) -> None:
    """Serve the page until interrupted. Raises SettingsError when the address or port cannot be had."""
    listener = _listen(settings.host, settings.port)
    if settings.host not in ("127.0.0.1", "localhost", "::1") and not settings.password:
        listener.close()
        raise SettingsError(f"'{settings.host}' can be reached from other machines. Set PRESEND_PASSWORD first, or use 127.0.0.1.")
    import uvicorn

    port = listener.getsockname()[1]
    address = f"http://{settings.host if settings.host != '0.0.0.0' else '127.0.0.1'}:{port}"
    server = uvicorn.Server(uvicorn.Config(build_app(settings), log_level="warning", access_log=False))
    print(f"presend is at {address}   (Ctrl-C stops it)", flush=True)
    if open_browser and _has_desktop():
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    server.run(sockets=[listener])


def _has_desktop() -> bool:
    """Without a desktop the browser found may be one for the terminal, which would cover this program."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_when_ready(server: Any, address: str) -> None:
    import webbrowser

    while not server.started:
        time.sleep(0.1)
    webbrowser.open(address)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before the slow start, so that a clash is said at once."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        return listener
    except OSError as error:
        raise SettingsError(f"The page cannot use {host}:{port} ({error.strerror}). Choose another with --port or PRESEND_PORT, or stop what uses it.") from None
