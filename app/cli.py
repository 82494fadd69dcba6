"""The command `presend`: its verbs and options. What it prints is a contract (see README, "The command")."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.errors import PresendError, UsageError
from app.records import ACCOUNTS
from app.settings import Settings, load_settings
from app.text.length import PLATFORMS

OK, MUST_FIX, USAGE, FAILURE = 0, 1, 2, 3
_EPILOG = """Exit status: 0 nothing must be fixed, 1 something must, 2 wrong usage, 3 failure;
with --batch: 0 when every line was answered. Settings: see presend.toml in the README."""


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all verbs."""
    parser = argparse.ArgumentParser(prog="presend", description="Checks a social media draft before you press send.", epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=False)
    common = _common()
    for name, words in (("check", "find what breaks the guideline, and give the verdict"), ("revise", "check, and give a verified revision")):
        verb = verbs.add_parser(name, parents=[common], help=words, description=words.capitalize() + ".", allow_abbrev=False)
        verb.add_argument("file", nargs="?", metavar="FILE", help="a text file, or - for standard input (the default)")
        if name == "revise":
            verb.add_argument("--show-prompt", action="store_true", help="show what would be sent to the language model, and where; send nothing")
    ask = verbs.add_parser("ask", parents=[common], help='answer "can I post this?" from the guideline', allow_abbrev=False)
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question in quotes, a text file, or - for standard input")
    bio = verbs.add_parser("bio", parents=[common], help="write bios and handles that comply", allow_abbrev=False)
    for option, words in (("--name", "your real name"), ("--role", "what you do"), ("--wants", "what you would like to see in it"), ("--current-bio", "the bio you have now"), ("--current-handle", "the handle you have now")):
        bio.add_argument(option, default="", metavar="TEXT", help=words)
    bio.add_argument("--interest", action="append", default=[], metavar="TEXT", help="an interest; may be given several times")
    rules = verbs.add_parser("rules", help="the catalogue of rules, or one rule", allow_abbrev=False)
    rules.add_argument("id", nargs="?", metavar="ID", help="a rule's or an advice's id")
    _format(rules)
    serve = verbs.add_parser("serve", help="the web page, on this machine only unless you say otherwise", allow_abbrev=False)
    serve.add_argument("--host", default=None)
    serve.add_argument("--port", type=int, default=None)
    serve.add_argument("--open", action="store_true", help="open the page in the browser")
    verbs.add_parser("doctor", help="say what is configured, reachable and offline")
    verbs.add_parser("eval", help="run the evaluation suite (presend eval --help)", add_help=False)
    return parser


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--platform", choices=tuple(PLATFORMS), default="linkedin", help="where it will be posted (default: linkedin)")
    common.add_argument("--account", choices=ACCOUNTS, default="personal", help="whose account (default: personal)")
    common.add_argument("--audience", default="", metavar="TEXT", help="who will read it")
    common.add_argument("--engine", choices=("offline", "llm"), default=None, help="who writes (default: llm when a model is configured)")
    common.add_argument("--batch", metavar="IN.jsonl", help="one JSON object a line in, one result a line out")
    _format(common)
    return common


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text for people, json for programs")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status. Every failure is one sentence on standard error."""
    argv = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        if argv[:1] == ["eval"]:
            from evals.run import main as run_evaluation

            return run_evaluation(argv[1:], load_settings())
        return _run(build_parser(), argv)
    except UsageError as error:
        return _say(error, USAGE)
    except PresendError as error:
        return _say(error, FAILURE)
    except BrokenPipeError:  # the reader went away, as `presend rules | head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return _say("Stopped.", FAILURE)
    except OSError as error:
        return _say(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.", FAILURE)


def _say(error: object, status: int) -> int:
    print(f"presend: {error}", file=sys.stderr)
    return status


def _run(parser: argparse.ArgumentParser, argv: list[str]) -> int:
    args = parser.parse_args(argv)
    if args.version:
        return _version()
    if not args.verb:
        parser.print_help()
        return USAGE
    settings = load_settings()
    if args.verb == "serve":
        return _serve(args, settings)
    if args.verb == "doctor":
        from app.doctor import doctor

        print("\n".join(doctor(settings)))
        return OK
    from app.assistant import Assistant

    assistant = Assistant(settings, getattr(args, "engine", None))
    if args.verb == "rules":
        return _rules(args, assistant)
    if args.batch:
        from app.batch import run_batch

        return run_batch(args.verb, Path(args.batch), _defaults(args), assistant)
    return _single(args, assistant)


def _version() -> int:
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(version("presend"))
    except PackageNotFoundError:
        raise PresendError("presend is not installed here, so its version is not known. Install it with 'pip install -e .'.") from None
    return OK


def _defaults(args: argparse.Namespace) -> dict[str, str]:
    return {"platform": args.platform, "account": args.account, "audience": args.audience}


def _single(args: argparse.Namespace, assistant) -> int:
    """Answer one call of check, revise, ask or bio."""
    from app.calls import call

    fields: dict[str, object] = _defaults(args)
    if args.verb in ("check", "revise"):
        fields["text"] = read_input(args.file)
    elif args.verb == "ask":
        question = args.question
        fields["question"] = read_input(question) if question in (None, "-") or _is_file(question) else question
    else:
        fields |= {"name": args.name, "role": args.role, "interests": args.interest, "wants": args.wants, "current_bio": args.current_bio, "current_handle": args.current_handle}
    if getattr(args, "show_prompt", False):
        print(call("prompt", fields, assistant).text(False))
        return OK
    result = call(args.verb, fields, assistant)
    if args.format == "json":
        print(json.dumps(result.json(), ensure_ascii=False, indent=2))
    else:
        print(result.text(_colour()))
    return MUST_FIX if result.must_fix else OK


def _is_file(words: str) -> bool:
    """Is the argument the path of a text file rather than a question?"""
    try:
        return " " not in words and Path(words).is_file()
    except (OSError, ValueError):
        return False


def _colour() -> bool:
    """Colour only on a terminal, and not where NO_COLOR asks for none (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def read_input(name: str | None) -> str:
    """Read a text from a file, or from standard input for None and "-". Raises UsageError naming what is wrong."""
    if name in (None, "-"):
        if name is None and sys.stdin.isatty():
            print("Paste the draft, then press Ctrl-D (Ctrl-Z and Enter on Windows).", file=sys.stderr)
        data, where = sys.stdin.buffer.read(), "standard input"
    else:
        where = f"'{name}'"
        try:
            data = Path(name).read_bytes()
        except FileNotFoundError:
            raise UsageError(f"There is no file {where}. Give a file, or - to read the draft from standard input.") from None
        except (OSError, ValueError) as error:
            raise UsageError(f"{where} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n") if b"\x00" not in data[:4096] else _not_text(where)
    except UnicodeDecodeError:
        return _not_text(where)


def _not_text(where: str) -> str:
    raise UsageError(f"{where} is not UTF-8 text. Save the draft as plain text (UTF-8) and try again.")


def _rules(args: argparse.Namespace, assistant) -> int:
    from app import present

    guideline = assistant.guideline
    if args.id is None:
        entries = [present.rule_json(e, guideline) for e in guideline.entries.values()]
        print(json.dumps(entries, ensure_ascii=False, indent=2) if args.format == "json" else present.rules_text(guideline, _colour()))
        return OK
    if args.id not in guideline.entries:
        import difflib

        near = difflib.get_close_matches(args.id, guideline.entries, 3, 0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else " 'presend rules' lists them."
        raise UsageError(f"There is no rule '{args.id}'.{hint}")
    entry = guideline.entries[args.id]
    print(json.dumps(present.rule_json(entry, guideline), ensure_ascii=False, indent=2) if args.format == "json" else present.rule_text(entry, guideline, _colour()))
    return OK


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    from app.ui.server import serve

    changes = {key: value for key, value in (("host", args.host), ("port", args.port)) if value is not None}
    serve(replace(settings, **changes), open_browser=args.open)
    return OK
