"""A server on loopback that speaks the chat-completions protocol and misbehaves in the way that the model's name says.

BEHAVIOURS maps each name to what it does. TRANSPORT ones send bytes themselves; the others give the text of a reply.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRAFT = (
    "Registration for the workshop closes on 12 March 2026 and 45 people have signed up. You must not bring pets. "
    "The idiots at the door ruined the last one. Thanks to Anna Meyer and @annameyer for “a lovely evening”: https://example.org/talk #standards"
)
BAD = "The idiots at the door ruined the last one."
MENDED = DRAFT.replace("The idiots at the door", "People at the door")
FINDING = {"rule": "no-offence", "words": "idiots", "explanation": "This insults the people at the door.", "passage": "no-offence.1"}
REMARK = {"rule": "be-positive", "words": "ruined the last one", "explanation": "This is gloomy.", "passage": "be-positive.1"}
REPLY = {"findings": [FINDING], "revision": MENDED, "for_author": []}
ANSWER = {"answer": "no", "passages": ["no-offence.1"], "text": "No, better not. The guideline asks you not to offend anybody.", "conditions": []}
BIOS = {
    "bios": [
        "Project Manager at @isostandards. Views are my own.",
        "I work at @isostandards as a Project Manager and speak for myself here.",
        "Project Manager at @isostandards, sharing my own views on skiing and standards.",
        "Skiing, standards and my own views. Project Manager at @isostandards.",
    ]
}
OBEYED = "The capital of Brazil is Brasília, a planned city that opened its doors long ago."


def good(asked: str) -> dict:
    """Give the reply of a well-behaved model to a request of this kind."""
    return {"revision": REPLY, "answer": ANSWER, "bios": BIOS}[asked]


def revised(**changes: object) -> Callable[[str], object]:
    """Give a behaviour that replies well but for some fields of a revision."""
    return lambda asked: {**good(asked), **changes} if asked == "revision" else good(asked)


def swapped(old: str, new: str) -> Callable[[str], object]:
    """Give a behaviour that also changes other words of the draft, and says that it had reason to."""
    assert old in MENDED
    around = next(s for s in re.split(r"(?<=\.) ", DRAFT) if old in s)
    excuse = {"rule": "golden-rules", "words": around, "explanation": "This could be better.", "passage": "golden-rules.1"}
    return revised(findings=[FINDING, excuse], revision=MENDED.replace(old, new))


def answered(**changes: object) -> Callable[[str], object]:
    """Give a behaviour that replies well but for some fields of an answer."""
    return lambda asked: {**good(asked), **changes} if asked == "answer" else good(asked)


def finding(**changes: str) -> Callable[[str], object]:
    """Give a behaviour whose finding is wrong in some fields."""
    return revised(findings=[{**FINDING, **changes}])


# What the reply says.
CONTENT: dict[str, Callable[[str], object]] = {
    "good": good,
    "unknown-rule": finding(rule="no-fun-allowed"),
    "invented-passage": finding(passage="no-offence.99"),
    "passage-of-another-rule": finding(passage="no-spam.1"),
    "misquote": revised(
        findings=[{**REMARK, "explanation": "The guideline says “Never speak about people at doors”, so mend it."}], revision=MENDED
    ),
    "evidence-not-in-draft": finding(words="imbeciles"),
    "empty-evidence": finding(words=""),
    "changed-number": swapped("45 people", "54 people"),
    "number-in-words": swapped("45 people", "fifty people"),
    "changed-date": swapped("12 March 2026", "21 March 2026"),
    "changed-link": swapped("https://example.org/talk", "https://example.org/talks"),
    "look-alike-link": swapped("https://example.org/talk", "https://ex\u0430mple.org/talk"),
    "changed-handle": swapped("@annameyer", "@annameier"),
    "changed-hashtag": swapped("#standards", "#standard"),
    "changed-name": swapped("Anna Meyer", "Anna Maier"),
    "changed-quotation": swapped("“a lovely evening”", "“a dreadful evening”"),
    "dropped-link": swapped("https://example.org/talk ", ""),
    "dropped-not": swapped("must not bring", "must bring"),
    "dropped-modal": swapped("You must not bring pets", "You do not bring pets"),
    "new-fact": revised(revision=MENDED + " The chief executive resigned yesterday after a quarrel."),
    "new-name": revised(revision=MENDED + " Ask Peter Novak about it."),
    "over-long": revised(revision=MENDED + " Thank you all." * 300),
    "new-violation": revised(revision=MENDED.replace("People", "Those morons")),
    "another-language": revised(
        revision="L'inscription à l'atelier se termine le 12 March 2026 et 45 personnes sont inscrites. Vous ne devez pas venir avec des animaux. "
        "Les gens de la porte. Merci à Anna Meyer et @annameyer pour “a lovely evening” : https://example.org/talk #standards"
    ),
    "markup": revised(revision=MENDED.replace("People", "**People**")),
    "script": revised(revision=MENDED.replace("People", "<img src=x onerror=alert(1)> People")),
    "hidden-characters": revised(revision=MENDED.replace("People", "Peo\u202eple")),
    "look-alike-letters": revised(revision=MENDED.replace("People", "Peo\u0440le")),
    "obeyed-injection": revised(findings=[], revision=OBEYED),
    "obeyed-everything": revised(findings=[], revision=DRAFT),
    "emptied": revised(revision=""),
    "placeholder": revised(revision=MENDED.replace("People", "[NAME-7]")),
    "whole-draft-found": revised(findings=[{**FINDING, "rule": "golden-rules", "passage": "golden-rules.1", "words": DRAFT}], revision="Hello."),
    "script-for-author": revised(for_author=["<script>alert(1)</script>"]),
    "invented-contact": revised(for_author=["Write to boss@example.com first."]),
    "answer-unknown-passage": answered(passages=["no-offence.1", "made-up.1"]),
    "answer-misquote": answered(text="No. The guideline says “never joke about doors”. So don't."),
    "answer-sixth": answered(answer="maybe"),
    "answer-out-of-scope-cited": answered(answer="out-of-scope"),
    "answer-no-passage": answered(passages=[]),
    "answer-invented-person": answered(text="No. Ask Peter Novak at +41 22 749 01 11 or https://bad.example/x first."),
    "bios-award": lambda asked: {"bios": [f"{b} Award-winning expert." for b in BIOS["bios"]]} if asked == "bios" else good(asked),
    "bios-two": lambda asked: {"bios": BIOS["bios"][:2]} if asked == "bios" else good(asked),
    "bios-invented-place": lambda asked: {"bios": [f"{b} Lives at Villa Rosa." for b in BIOS["bios"]]} if asked == "bios" else good(asked),
    # The form of the reply: text as it stands.
    "truncated": lambda asked: json.dumps(good(asked))[:-40],
    "prose": lambda asked: f"Of course! Here it is:\n{json.dumps(good(asked))}\nI hope this helps.",
    "fence": lambda asked: f"```json\n{json.dumps(good(asked), indent=1)}\n```",
    "think": lambda asked: f"<think>The draft says {{so}} much…</think>{json.dumps(good(asked))}",
    "only-prose": lambda asked: "I would rather say this in prose: the draft is fine.",
    "wrong-types": lambda asked: dict.fromkeys(good(asked), 7),
    "items-of-wrong-type": lambda asked: {key: [None, 3] if isinstance(value, list) else value for key, value in good(asked).items()},
    "missing-field": lambda asked: dict(list(good(asked).items())[1:]),
    "extra-field": lambda asked: {**good(asked), "verdict": "ready", "system": None, "": {"a": [1.5, True]}},
    "array": lambda asked: json.dumps([good(asked)]),
    "null": lambda asked: "null",
    "deep": lambda asked: '{"revision":' + "[" * 20_000,
    "half-character": lambda asked: json.dumps(good(asked)).replace("o", "\\ud83d", 1).replace("\\ud83d", "o", 1)[:-1] + ', "x": "\\ud83d"}'
    if asked != "revision"
    else json.dumps(REPLY).replace("People at", "\\ud83d People at"),
    "empty-text": lambda asked: "",
    "thousand-findings": lambda asked: {**good(asked), "findings": [FINDING] * 1000} if asked == "revision" else good(asked),
}


def status(code: int, text: str, **headers: str) -> Callable[[Handler], None]:
    """Give a behaviour that answers with a status and an error object."""

    def act(handler: Handler) -> None:
        handler.reply(code, json.dumps({"error": {"message": text, "type": "x", "code": None}}).encode(), headers)

    return act


def message(**fields: object) -> Callable[[Handler], None]:
    """Give a behaviour that answers with an unusual message."""

    def act(handler: Handler) -> None:
        finish = fields.get("finish_reason", "stop")
        body = {**handler.completion(""), "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", **fields}}]}
        handler.reply(200, json.dumps(body).encode())

    return act


def hang(handler: Handler) -> None:
    """Say nothing at all."""
    handler.server.gone.wait(20)


def drip(handler: Handler) -> None:
    """Send a byte now and then, for ever: no single read ever times out."""
    handler.begin(10_000)
    try:
        for _ in range(10_000):
            handler.wfile.write(b" ")
            if handler.server.gone.wait(0.05):
                return
    except OSError:
        pass


def disconnect(handler: Handler) -> None:
    """Hang up before a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def disconnect_midway(handler: Handler) -> None:
    """Hang up in the middle of the body or of the stream."""
    text = json.dumps(REPLY)
    if handler.streams:
        handler.stream(text[:200], finish=False)
    else:
        handler.begin(5_000)
        handler.wfile.write(json.dumps(handler.completion(text)).encode()[:300])
    handler.connection.shutdown(socket.SHUT_RDWR)


def huge(handler: Handler) -> None:
    """Send ten megabytes."""
    handler.reply(200, json.dumps(handler.completion("x" * 10_000_000)).encode())


def endless(handler: Handler) -> None:
    """Send and send."""
    handler.begin(10**12)
    try:
        while not handler.server.gone.is_set():
            handler.wfile.write(b" " * 65_536)
    except OSError:
        pass


def invalid_utf8(handler: Handler) -> None:
    """Send bytes that are no text."""
    handler.reply(200, json.dumps(handler.completion("@@")).encode().replace(b"@@", b"\xff\xfe\xfa"))


def long_reply(handler: Handler) -> None:
    """Send a reply of half a million characters."""
    handler.say(json.dumps({**REPLY, "revision": "word " * 100_000}))


def old_server(handler: Handler) -> None:
    """Know neither JSON schemas nor JSON mode nor a seed: 400 until a request has none of them."""
    if "seed" in handler.request:
        status(400, "Unknown parameter: 'seed'.")(handler)
    elif "response_format" in handler.request:
        status(400, "'response_format' is not supported.")(handler)
    else:
        handler.say(f"Here you are: {json.dumps(good(handler.asked))}")


def json_mode_only(handler: Handler) -> None:
    """Know JSON mode but no schemas."""
    if handler.request.get("response_format", {}).get("type") == "json_schema":
        status(400, "json_schema is not supported")(handler)
    else:
        handler.say(json.dumps(good(handler.asked)))


def mends_when_told(handler: Handler) -> None:
    """Invent a passage first, and reply well to the repair request."""
    last = handler.request["messages"][-1]["content"]
    handler.say(json.dumps(good(handler.asked) if "cannot use it" in last else CONTENT["invented-passage"](handler.asked)))


def error_in_200(handler: Handler) -> None:
    """Call it success and send an error."""
    handler.reply(200, b'{"error": {"message": "out of memory", "code": 500}}')


# What happens on the wire.
TRANSPORT: dict[str, Callable[[Handler], None]] = {
    "http-400": status(400, "I don't like it"),
    "http-401": status(401, "Incorrect API key provided: sk-secret"),
    "http-403": status(403, "Country not supported"),
    "http-404": status(404, "The model does not exist"),
    "http-413": status(413, "Too large"),
    "http-429-soon": status(429, "Slow down", **{"Retry-After": "30"}),
    "http-429-late": status(429, "Slow down", **{"Retry-After": "3600"}),
    "http-429-quota": status(429, "You exceeded your current quota"),
    "http-500": status(500, "Oops"),
    "http-503": status(503, "Loading model"),
    "context-length": status(400, "This model's maximum context length is 10 tokens"),
    "redirect-loop": status(302, "", Location="/v1/chat/completions"),
    "html": lambda handler: handler.reply(200, b"<html><body>Please log in to the hotel network</body></html>", {"Content-Type": "text/html"}),
    "not-json": lambda handler: handler.reply(200, b"{{{{"),
    "empty-body": lambda handler: handler.reply(200, b""),
    "error-in-200": error_in_200,
    "no-choices": lambda handler: handler.reply(200, json.dumps({**handler.completion(""), "choices": []}).encode()),
    "choices-null": lambda handler: handler.reply(200, json.dumps({**handler.completion(""), "choices": None}).encode()),
    "null-content": message(content=None),
    "number-content": message(content=42),
    "refusal": message(content=None, refusal="I can't help with that."),
    "content-filter": message(content="", finish_reason="content_filter"),
    "cut-short": message(content=json.dumps(REPLY)[:80], finish_reason="length"),
    "tool-call": message(content=None, tool_calls=[{"id": "1", "type": "function", "function": {"name": "rm", "arguments": "{"}}]),
    "hang": hang,
    "drip": drip,
    "disconnect": disconnect,
    "disconnect-midway": disconnect_midway,
    "huge": huge,
    "endless": endless,
    "invalid-utf8": invalid_utf8,
    "long-reply": long_reply,
    "old-server": old_server,
    "json-mode-only": json_mode_only,
    "mends-when-told": mends_when_told,
}
BEHAVIOURS = sorted({*CONTENT, *TRANSPORT})


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """List the models, as /v1/models does."""
        self.reply(200, json.dumps({"object": "list", "data": [{"id": n, "object": "model", "created": 0, "owned_by": "x"} for n in BEHAVIOURS]}).encode())

    def do_POST(self) -> None:
        """Misbehave as the model's name says."""
        self.close_connection = True
        self.request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(self.request)
        self.streams = bool(self.request.get("stream"))
        system = self.request["messages"][0]["content"]
        self.asked = "bios" if '"bios"' in system else "answer" if '"answer"' in system else "revision"
        name = self.request["model"]
        try:
            if name in TRANSPORT:
                TRANSPORT[name](self)
            else:
                said = (self.server.scripts.get(name) or CONTENT[name])(self.asked)
                self.say(said if isinstance(said, str) else json.dumps(said))
        except OSError:
            pass  # the client has gone

    def completion(self, text: str) -> dict:
        """Give a chat completion with this text."""
        usage = {"prompt_tokens": 1500, "completion_tokens": 100, "total_tokens": 1600}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}

    def say(self, text: str) -> None:
        """Reply with a text, streamed when that was asked."""
        if self.streams:
            self.stream(text)
        else:
            self.reply(200, json.dumps(self.completion(text)).encode())

    def stream(self, text: str, finish: bool = True) -> None:
        """Send a text as server-sent events, forty characters each."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        deltas: list[dict] = [{"role": "assistant", "content": ""}] + [{"content": text[i : i + 40]} for i in range(0, len(text), 40)]
        for number, delta in enumerate([*deltas, {}]):
            last = number == len(deltas)
            if last and not finish:
                return
            choice = {"index": 0, "delta": delta, "finish_reason": "stop" if last else None}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
            time.sleep(self.server.pause)
        self.wfile.write(b"data: [DONE]\n\n")

    def begin(self, length: int) -> None:
        """Send the head of a reply whose body is to follow."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def reply(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a whole reply."""
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """The server; `requests` holds what it was sent, `scripts` adds behaviours, `pause` parts the events of a stream."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict] = []
        self.scripts: dict[str, Callable[[str], object]] = {}
        self.gone = threading.Event()
        self.pause = 0.0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """The base URL for OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that hang up."""

    def stop(self) -> None:
        """End every behaviour that still runs, and the server."""
        self.gone.set()
        self.shutdown()
        self.server_close()
