"""The offline answer: every way of asking leave is heard alike, and a name in a question is read, not guessed at."""

import pytest
from support import the_assistant

from app.engines.offline.leave import plainly

FORMS = (
    "Is it fine to {}", "Is it OK to {}", "is it okay if I {}", "Is it all right to {}", "Is it alright to {}", "Is it allowed to {}",
    "Is it acceptable to {}", "Is it cool to {}", "Would it be okay for me to {}", "Would it be a problem to {}", "Would it be a problem if I {}",
    "Any objection if I {}", "Any objections if I {}", "Can't I {}", "Can’t I {}", "Am I allowed to {}", "Am I even permitted to {}",
    "Do you mind if I {}", "Would anyone mind if I {}", "Is there any problem if I {}", "May I {}",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_asking_leave_has_one_form(form):
    asked = form.format("post the result")
    assert plainly(f"{asked}?").casefold() == "may i post the result?"
    assert plainly(f"Lovely weather. {asked}?").casefold() == "lovely weather. may i post the result?"


@pytest.mark.parametrize("question", ["Is it true?", "Why can't I post it?", "It is fine to be tired.", "Is it fine?", "Is it allowed to be funny?", "Any problem?", "I am allowed to post it.", "Is it wise to wait?"])
def test_other_questions_stay_as_they_are(question):
    assert plainly(question) == question


def test_we_ask_too():
    assert plainly("Are we allowed to share it?") == "May we share it?"
    assert plainly("Is it fine for us to share it?") == "May we share it?"


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_question_does_not_decide(form):
    assistant = the_assistant()
    for deed in ("post the ballot result before it is public", "post a photo of my team at the plenary", "call myself @PetraVass"):
        plain, other = assistant.ask(f"May I {deed}?"), assistant.ask(f"{form.format(deed)}?")
        assert (other.answer, other.rules) == (plain.answer, plain.rules)


@pytest.mark.parametrize(
    "question",
    ["Is it fine to call myself @ISO_Petra?", "May I call myself @PetraISO?", "Is it okay if I call myself ISO Petra?", "Is @ISO_Petra fine as a handle?", 'Can my display name be "Petra (ISO)"?'],
)
def test_the_organisations_name_in_a_name_is_seen(question):
    answer = the_assistant().ask(question)
    assert answer.answer == "no"
    assert answer.rules[0] == "no-iso-in-account-name"


@pytest.mark.parametrize("question", ["Is it fine to call myself @isolde_k?", "May I call myself @PetraVass?", "Am I allowed to call myself Isolde Kamp?"])
def test_letters_that_stand_in_a_name_by_chance_are_not(question):
    assert the_assistant().ask(question).answer == "yes"
