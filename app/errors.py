"""Every failure a user can meet, as one sentence that says what to do.

PresendError
├── UsageError       the call is wrong (exit status 2)
├── CorpusError      a file of the corpus is broken or missing
├── SettingsError    a setting is unknown or out of range
├── PromptError      a prompt file is broken
└── ModelError       the configured language model gave no usable reply
"""

from __future__ import annotations


class PresendError(Exception):
    """A failure whose message is a sentence for the user."""


class UsageError(PresendError):
    """The command or the input is wrong."""


class CorpusError(PresendError):
    """A file of the corpus cannot be used; the message names file and line or key."""


class SettingsError(PresendError):
    """A setting is unknown, malformed or out of range; the message names it."""


class PromptError(PresendError):
    """A prompt file is missing a placeholder or names an unknown one."""


class ModelError(PresendError):
    """The configured language model could not be used."""
