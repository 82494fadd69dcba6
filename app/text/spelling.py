"""Spelling and clear grammar mistakes, by the harper library (offline); style opinions of that library are left out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

# harper's own names of its kinds of lint that are mistakes rather than taste.
KINDS = (
    "Spelling",
    "Typo",
    "Agreement",
    "Eggcorn",
    "Malapropism",
    "BoundaryError",
    "WordChoice",
    "Grammar",
)
