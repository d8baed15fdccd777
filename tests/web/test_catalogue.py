"""The catalogue has every text of the pages, translated, with the same placeholders, and no other."""

import re

from tests.web import messages

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_every_text_is_translated_and_no_translation_is_of_a_text_that_is_gone() -> None:
    wanted = {message.id for message in messages.template() if message.id}
    translated = {message.id: message for message in messages.read() if message.id}
    assert set(translated) == wanted, "run `python -m tests.web.messages`, and translate what it names"
    for message in translated.values():
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(form and form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in messages.read():
        original = message.id if isinstance(message.id, str) else " ".join(message.id or ())
        forms = message.string if isinstance(message.string, tuple | list) else (str(message.string),)
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(original)), original
