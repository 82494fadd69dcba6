"""What must not leave the machine is replaced by placeholders before sending and put back afterwards."""

from __future__ import annotations

import re

from app.guideline import Organisation
from app.text.entities import entities

_KINDS = {"email": "EMAIL", "phone": "PHONE"}
_NAMES = {"name": "NAME", "handle": "HANDLE"}


class Mask:
    """Replaces e-mail addresses and phone numbers, and with `hide_names` names and handles, in all texts of one request.

    The organisation's own public names, handles and addresses stay: the rules are about them.
    """

    def __init__(self, hide_names: bool, organisation: Organisation, *texts: str):
        self._kinds = {**_KINDS, **_NAMES} if hide_names else _KINDS
        public = (*organisation.aliases, *organisation.handles, *organisation.contacts.values())
        self._public = {word.casefold() for word in public}
        self._placeholders: dict[str, str] = {}
        together = "\n".join(texts)
        self._mark = ""
        while re.search(rf"\[(?:EMAIL|PHONE|NAME|HANDLE)-{self._mark}\d", together):
            self._mark += "X"
        for text in texts:
            self._learn(text)

    def _learn(self, text: str) -> None:
        for entity in entities(text):
            known = entity.text.casefold() in self._public or entity.text in self._placeholders
            if entity.kind in self._kinds and not known:
                number = len(self._placeholders) + 1
                self._placeholders[entity.text] = f"[{self._kinds[entity.kind]}-{self._mark}{number}]"

    def hide(self, text: str) -> str:
        """Give the text with every value that the texts of the request hold replaced by its placeholder."""
        if not self._placeholders:
            return text
        values = sorted(self._placeholders, key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(v)}(?!\w)" if v[0].isalnum() else rf"{re.escape(v)}(?!\w)" for v in values)
        return re.sub(pattern, lambda found: self._placeholders[found[0]], text)

    def restore(self, text: str) -> str:
        """Put the values back."""
        for value, placeholder in self._placeholders.items():
            text = text.replace(placeholder, value)
        return text

    def leftover(self, text: str) -> str:
        """Give a placeholder in a restored text that stands for nothing, or ''."""
        found = re.search(rf"\[(?:EMAIL|PHONE|NAME|HANDLE)-{self._mark}\d+\]", text)
        return found[0] if found else ""

    @property
    def hidden(self) -> int:
        """How many values are replaced."""
        return len(self._placeholders)
