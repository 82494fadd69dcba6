"""Start `presend serve` and, where there is a desktop, open its page in the browser once it answers (`make run`)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser

from app.settings import Settings, load_settings

PATIENCE = 60.0  # seconds


def address(settings: Settings) -> str:
    """Give the page's address as this machine reaches it."""
    host = settings.host if settings.host not in ("", "0.0.0.0", "::") else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def has_desktop() -> bool:
    """Whether a browser window can appear; on a bare terminal `webbrowser` would start a text browser in it."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_when_ready(url: str, server: subprocess.Popen) -> None:
    """Open `url` as soon as it answers; give up when the server ends or after a minute."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            direct.open(url, timeout=2).close()
        except urllib.error.HTTPError:
            pass  # an answer all the same: the page asks for a password
        except OSError:
            time.sleep(0.2)
            continue
        webbrowser.open(url)
        return


def main() -> int:
    """Run the server until it ends or is interrupted; gives its exit status."""
    server = subprocess.Popen([sys.executable, "-m", "app", "serve", *sys.argv[1:]])
    if has_desktop():
        threading.Thread(target=open_when_ready, args=(address(load_settings()), server), daemon=True).start()
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue  # the terminal has interrupted the server as well: wait until it has closed


if __name__ == "__main__":
    sys.exit(main())
