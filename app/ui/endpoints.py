"""The four functions as named API endpoints and MCP tools, with the fields of the command's JSON."""

from __future__ import annotations

from typing import Any

from app.assistant import Assistant
from app.calls import call
from app.errors import PresendError


def add_endpoints(gr: Any, assistant: Assistant) -> None:
    """Add /check, /revise, /ask and /bio to the Blocks being built."""

    def run(verb: str, **fields: object) -> dict:
        try:
            return call(verb, fields, assistant).json()
        except PresendError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def check(text: str, platform: str = "linkedin", account: str = "personal", audience: str = "") -> dict:
        """Check a social media draft against the guideline: verdict, findings with the guideline's words, figures.

        Args:
            text: the draft; platform: twitter, linkedin, facebook, …; account: personal or official; audience: who reads it.
        """
        return run("check", text=text, platform=platform, account=account, audience=audience)

    def revise(text: str, platform: str = "linkedin", account: str = "personal", audience: str = "") -> dict:
        """Check a draft and give a verified revision as a list of edits, each with its rule and reason.

        Args:
            text: the draft; platform: twitter, linkedin, facebook, …; account: personal or official; audience: who reads it.
        """
        return run("revise", text=text, platform=platform, account=account, audience=audience)

    def ask(question: str, account: str = "personal") -> dict:
        """Answer "can I post this?" from the guideline: yes, yes-if, no, ask or out-of-scope, with quotations.

        Args:
            question: the question, a draft in quotes in it is checked; account: personal or official.
        """
        return run("ask", question=question, account=account)

    def bio(name: str, role: str = "", interests: list[str] | None = None, wants: str = "", current_bio: str = "", current_handle: str = "") -> dict:
        """Write compliant bios and handles for a person; wishes that break a rule are declined with the quotation.

        Args:
            name: the real name; role: what they do; interests: a list; wants: wishes; current_bio, current_handle: what they have now.
        """
        return run("bio", name=name, role=role, interests=interests or [], wants=wants, current_bio=current_bio, current_handle=current_handle)

    for function in (check, revise, ask, bio):
        gr.api(function, api_name=function.__name__)
