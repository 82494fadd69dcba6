"""Floors: figures that must not fall below a value, and ceilings that they must not rise above."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import SettingsError
from evals.measures import culprits, flatten, measure, shown
from evals.score import Result

TABLES = ("at_least", "at_most")


@dataclass(frozen=True, slots=True)
class Breach:
    """A figure beyond its bound, and the cases that did it."""

    name: str
    value: float
    bound: float
    cases: tuple[Result, ...]

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        kind = measure(self.name)
        side = "above the ceiling" if self.value > self.bound else "below the floor"
        return f"{self.name} is {shown(self.value, kind.unit)}, {side} of {shown(self.bound, kind.unit)} ({len(self.cases)} cases)."


def read_floors(path: Path) -> dict[str, dict[str, float]]:
    """Read a floors file: [at_least] and [at_most], each figure = number. Raises SettingsError naming what is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The floors file {path} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The floors file {path} is not valid TOML: {error}.") from None
    for name, table in content.items():
        if name not in TABLES or not isinstance(table, dict):
            raise SettingsError(f"{path}: '{name}' is unknown. The tables are [at_least] and [at_most].")
        for figure, bound in table.items():
            if isinstance(bound, bool) or not isinstance(bound, (int, float)):
                raise SettingsError(f"{path}: {figure} must be a number, not {bound!r}.")
    return {name: {k: float(v) for k, v in content.get(name, {}).items()} for name in TABLES}


def breaches(floors: Mapping[str, Mapping[str, float]], figures: Mapping, results: Sequence[Result], path: Path) -> list[Breach]:
    """Give the figures beyond their bounds. A figure of a part that did not run is passed over.

    Raises SettingsError when a figure of a part that ran does not exist.
    """
    flat = flatten(figures)
    found = []
    for table, bounds in floors.items():
        for name, bound in bounds.items():
            if name.split(".")[0] not in figures:
                continue
            if name not in flat:
                raise SettingsError(f"{path}: there is no figure '{name}'.")
            value = flat[name]
            if value < bound if table == "at_least" else value > bound:
                found.append(Breach(name, value, bound, tuple(culprits(name, results))))
    return found
