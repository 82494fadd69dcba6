"""Prompt files: what is missing, unknown or malformed is an error that names it; values are left as they are."""

from __future__ import annotations

import pytest

from app.errors import PromptError
from app.files import data_folder
from app.prompts import load_prompt

HEAD = '+++\ntitle = "T"\nplaceholders = ["draft"]\n+++\n'


def written(tmp_path, text: str):
    (tmp_path / "p.md").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("path", sorted(data_folder("prompts").glob("*.md")), ids=lambda path: path.stem)
def test_every_prompt_that_ships_is_sound(path):
    prompt = load_prompt(path.stem)
    texts = [text for _, text in prompt.messages(**dict.fromkeys(prompt.placeholders, "VALUE"))]
    assert prompt.title and sum(text.count("VALUE") for text in texts) >= len(prompt.placeholders)


def test_sections_become_messages_and_braces_in_values_stay(tmp_path):
    prompt = load_prompt("p", written(tmp_path, HEAD + '# System\nReply {{"a": 1}}\n# User\n{draft}\n'))
    value = "{this} {{and}} {0} {x!r} %s $y"
    assert prompt.messages(draft=value) == [("system", 'Reply {"a": 1}'), ("user", value)]


def test_a_missing_value_and_an_unknown_one_are_named(tmp_path):
    prompt = load_prompt("p", written(tmp_path, HEAD + "# User\n{draft}\n"))
    with pytest.raises(PromptError, match=r"needs a value for \{draft\}"):
        prompt.messages()
    with pytest.raises(PromptError, match=r"no placeholder \{drat\}"):
        prompt.messages(draft="a", drat="b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "# User\n{draft} {tone}\n", r"\{tone\} is used but not declared"),
        (HEAD + "# User\nNothing\n", r"\{draft\} is declared but not used"),
        (HEAD + "# User\n{draft!r}\n", "not a plain placeholder"),
        (HEAD + "# User\n{draft.__class__}\n", "not a plain placeholder"),
        (HEAD + "# User\n{draft:>9}\n", "not a plain placeholder"),
        (HEAD + "# User\n{} {draft}\n", "not a plain placeholder"),
        (HEAD + "# User\n{draft} {\n", "braces"),
        (HEAD + "{draft}\n", "must stand under"),
        (HEAD + "# Assistant\n{draft}\n", "'# Assistant' must be"),
        ("# User\n{draft}\n", "must begin with a line"),
        ('+++\ntitle = "T"\n+++\n# User\nx\n', "'placeholders' is missing"),
        ('+++\ntitle = "T"\nplaceholders = ["draft"]\nmood = 1\n+++\n# User\n{draft}\n', "'mood' is unknown"),
        ('+++\ntitle = "T"\nplaceholders = "draft"\n+++\n# User\n{draft}\n', "must be a list"),
        ("+++\ntitle = \n+++\n# User\nx\n", "not valid TOML"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path, text, said):
    with pytest.raises(PromptError, match=said) as caught:
        load_prompt("p", written(tmp_path, text))
    assert "p.md" in str(caught.value)


def test_a_prompt_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PromptError, match=r"nothing\.md"):
        load_prompt("nothing", tmp_path)
