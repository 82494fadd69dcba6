"""Prompt files: TOML front matter, then the text in sections "# System" and "# User" with strict {placeholders}.

Braces that are meant as such are doubled in the file; braces in a value are left as they are.
"""

from __future__ import annotations

import re
import string
import tomllib
from dataclasses import dataclass
from pathlib import Path

from app.errors import CorpusError, PromptError
from app.files import data_folder, read_text

KEYS = {"title", "placeholders"}
ROLES = {"System": "system", "User": "user"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file that has been checked: its name, its placeholders and its sections as (role, template)."""

    name: str
    title: str
    placeholders: frozenset[str]
    sections: tuple[tuple[str, str], ...]

    def messages(self, **values: str) -> list[tuple[str, str]]:
        """Fill the placeholders; gives (role, text) in the order of the file.

        Raises PromptError when a placeholder has no value, or a value no placeholder.
        """
        if missing := sorted(self.placeholders - set(values)):
            raise PromptError(f"The prompt '{self.name}' needs a value for {{{missing[0]}}}.")
        if unknown := sorted(set(values) - self.placeholders):
            raise PromptError(f"The prompt '{self.name}' has no placeholder {{{unknown[0]}}}.")
        from langchain_core.prompts import ChatPromptTemplate

        filled = ChatPromptTemplate.from_messages(list(self.sections)).format_messages(**values)
        return [(role, message.text) for (role, _), message in zip(self.sections, filled, strict=True)]


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """Read prompts/<name>.md. Raises PromptError naming the file and what is wrong with it."""
    path = (folder or data_folder("prompts")) / f"{name}.md"
    try:
        parts = re.split(r"(?m)^\+\+\+[ \t]*\n", read_text(path), maxsplit=2)
    except CorpusError as error:
        raise PromptError(str(error)) from None
    if len(parts) != 3 or parts[0].strip():
        raise PromptError(f"{path} must begin with a line '+++', settings, and a second line '+++'.")
    head = _head(parts[1], path)
    sections = _sections(parts[2], path)
    used = frozenset(field for _, text in sections for field in _fields(text, path))
    declared = frozenset(head["placeholders"])
    for field in sorted(used ^ declared):
        fault = "is used but not declared" if field in used else "is declared but not used"
        raise PromptError(f"{path}: the placeholder {{{field}}} {fault}.")
    return Prompt(name, str(head["title"]), declared, sections)


def _head(text: str, path: Path) -> dict[str, object]:
    try:
        head = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PromptError(f"{path}: the settings at the top are not valid TOML: {error}.") from None
    for key in sorted(KEYS ^ set(head)):
        raise PromptError(f"{path}: the setting '{key}' is {'unknown' if key in head else 'missing'}.")
    names = head["placeholders"]
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise PromptError(f"{path}: 'placeholders' must be a list of names.")
    return head


def _sections(body: str, path: Path) -> tuple[tuple[str, str], ...]:
    pieces = re.split(r"(?m)^# (.+)\n", body)
    if pieces[0].strip() or len(pieces) == 1:
        raise PromptError(f"{path}: the text must stand under '# System' or '# User'.")
    for title in pieces[1::2]:
        if title.strip() not in ROLES:
            raise PromptError(f"{path}: the heading '# {title}' must be '# System' or '# User'.")
    return tuple((ROLES[title.strip()], text.strip()) for title, text in zip(pieces[1::2], pieces[2::2], strict=True))


def _fields(text: str, path: Path) -> list[str]:
    try:
        found = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise PromptError(f"{path}: {error}. Write {{{{ and }}}} for braces that are no placeholder.") from None
    for name, spec, conversion in found:
        if not name.isidentifier() or spec or conversion:
            raise PromptError(f"{path}: {{{name}}} is not a plain placeholder. Write {{{{ and }}}} for braces that are none.")
    return [name for name, _, _ in found]
