"""Settings come from presend.toml and the environment; what is wrong is said with its name and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import ENVIRONMENT, Settings, load_settings


@pytest.fixture
def config(tmp_path):
    """Write a presend.toml and give the environment that names it."""

    def write(content: str | bytes) -> dict[str, str]:
        path = tmp_path / "presend.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return {"PRESEND_CONFIG": str(path)}

    return write


def test_defaults_are_offline_and_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings == Settings()
    assert (settings.model, settings.host, settings.port, settings.timeout) == ("", "127.0.0.1", 7860, 30.0)


def test_presend_toml_of_the_working_folder_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "presend.toml").write_text('model = "llama3"\nport = 8000\n', encoding="utf-8")
    assert (load_settings({}).model, load_settings({}).port) == ("llama3", 8000)


def test_the_environment_outranks_the_file(config):
    environ = config('model = "from-file"\ntimeout = 5\n')
    settings = load_settings({**environ, "PRESEND_MODEL": "from-environment"})
    assert (settings.model, settings.timeout) == ("from-environment", 5.0)


def test_an_empty_variable_counts_as_unset(config):
    assert load_settings({**config('model = "from-file"\n'), "PRESEND_MODEL": ""}).model == "from-file"


def test_every_setting_has_a_variable_and_every_variable_a_setting():
    assert set(ENVIRONMENT) == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PRESEND_PORT": "http"}, "PRESEND_PORT in the environment must be a whole number, not 'http'."),
        ({"PRESEND_PORT": "70000"}, "port in the environment must be between 0 and 65535, not 70000."),
        ({"PRESEND_TIMEOUT": "soon"}, "PRESEND_TIMEOUT in the environment must be a number, not 'soon'."),
        ({"PRESEND_TIMEOUT": "0"}, "timeout in the environment must be more than 0 seconds, not 0."),
        ({"PRESEND_TIMEOUT": "nan"}, "PRESEND_TIMEOUT"),
        ({"PRESEND_HIDE_NAMES": "perhaps"}, "PRESEND_HIDE_NAMES in the environment must be true or false, not 'perhaps'."),
    ],
)
def test_a_wrong_variable_is_named(environ, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as error:
        load_settings(environ)
    assert words.casefold().removeprefix("presend_") in str(error.value).casefold()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("model = \n", "is not valid TOML"),
        (b"model = '\xff'\n", "is not valid TOML"),
        ("modle = 'x'\n", "'modle' in"),
        ("model = 3\n", "model in"),
        ("port = 'x'\n", "port in"),
        ("port = -1\n", "port in"),
        ("hide_names = 'maybe'\n", "hide_names in"),
        ("[model]\nname = 'x'\n", "model in"),
        ("port = true\n", "port in"),
        ("port = 80.9\n", "port in"),
    ],
)
def test_a_wrong_file_is_named(content, words, config):
    environ = config(content)
    with pytest.raises(SettingsError) as error:
        load_settings(environ)
    assert words in str(error.value)
    assert environ["PRESEND_CONFIG"] in str(error.value)


def test_a_named_file_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings({"PRESEND_CONFIG": str(tmp_path / "absent.toml")})


def test_a_folder_in_place_of_the_file_is_said(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({"PRESEND_CONFIG": str(tmp_path)})


def test_secrets_are_not_shown():
    shown = repr(Settings(openai_api_key="sk-secret", password="hunter2"))
    assert "sk-secret" not in shown
    assert "hunter2" not in shown


def test_the_cache_folder_follows_the_setting_then_xdg_then_home(monkeypatch, tmp_path):
    assert Settings(cache=str(tmp_path)).cache_folder == tmp_path
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert Settings().cache_folder == tmp_path / "xdg" / "presend"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert Settings().cache_folder == tmp_path / ".cache" / "presend"
