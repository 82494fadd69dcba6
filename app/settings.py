"""What the user can set: by environment, by presend.toml, by the command; in that order of strength."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from app.errors import SettingsError

ENVIRONMENT = {
    "openai_api_key": "OPENAI_API_KEY",
    "openai_base_url": "OPENAI_BASE_URL",
    "model": "PRESEND_MODEL",
    "timeout": "PRESEND_TIMEOUT",
    "cache": "PRESEND_CACHE",
    "host": "PRESEND_HOST",
    "port": "PRESEND_PORT",
    "password": "PRESEND_PASSWORD",
    "corpus": "PRESEND_CORPUS",
    "azure_endpoint": "AZURE_OPENAI_ENDPOINT",
    "azure_api_version": "OPENAI_API_VERSION",
    "price_in": "PRESEND_PRICE_IN",
    "price_out": "PRESEND_PRICE_OUT",
    "hide_names": "PRESEND_HIDE_NAMES",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. `model` set means that a language model is configured.

    timeout: seconds for everything a language model may take in one request of the user;
    price_in, price_out: price of a million tokens, in whatever currency the user thinks in.
    """

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    model: str = ""
    timeout: float = 30.0
    cache: str = ""
    host: str = "127.0.0.1"
    port: int = 7860
    password: str = field(default="", repr=False)
    corpus: str = ""
    azure_endpoint: str = ""
    azure_api_version: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    hide_names: bool = False

    @property
    def cache_folder(self) -> Path:
        """The folder for what can be rebuilt: `cache`, else the user's cache folder."""
        if self.cache:
            return Path(self.cache).expanduser()
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "presend"


def load_settings(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Read presend.toml (or `file`), then the environment over it.

    Raises SettingsError naming the setting and where it was given.
    """
    environ = os.environ if environ is None else environ
    path = file or Path(environ.get("PRESEND_CONFIG", "presend.toml"))
    given = _from_file(path, must_exist=file is not None or "PRESEND_CONFIG" in environ)
    settings = _apply(Settings(), given, str(path))
    named = {key: environ[name] for key, name in ENVIRONMENT.items() if environ.get(name)}
    return _apply(settings, named, "the environment")


def _from_file(path: Path, must_exist: bool) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"The settings file '{path}' does not exist.") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file '{path}' is not valid TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"The settings file '{path}' cannot be read: {error.strerror}.") from None


def _apply(settings: Settings, given: Mapping[str, object], where: str) -> Settings:
    kinds = {f.name: type(getattr(settings, f.name)) for f in fields(settings)}
    changes: dict[str, object] = {}
    for key, value in given.items():
        if key not in kinds:
            raise SettingsError(f"'{key}' in {where} is not a setting. Settings are: {', '.join(sorted(kinds))}.")
        shown = ENVIRONMENT[key] if where == "the environment" else key
        changes[key] = _convert(value, kinds[key], f"{shown} in {where}")
    settings = replace(settings, **changes)
    if settings.timeout <= 0:
        raise SettingsError(f"timeout in {where} must be more than 0 seconds, not {settings.timeout:g}.")
    if not 0 <= settings.port <= 65535:
        raise SettingsError(f"port in {where} must be between 0 and 65535, not {settings.port}.")
    return settings


def _convert(value: object, kind: type, name: str) -> object:
    try:
        if kind is bool:
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[str(value).lower()]
        # TOML knows its types: a number in place of a text, or true in place of a number, is a slip
        if isinstance(value, bool) or (kind is str and not isinstance(value, str)) or (kind is int and isinstance(value, float)):
            raise ValueError
        converted = kind(value)
        if kind is float and not math.isfinite(converted):
            raise ValueError
        return converted
    except (KeyError, TypeError, ValueError):
        wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}[kind]
        raise SettingsError(f"{name} must be {wanted}, not {value!r}.") from None
