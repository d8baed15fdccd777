"""The languages of the pages: gettext catalogues (`locale/*.po`), read at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.messages.pofile import read_po

DEFAULT = "id"
NAMES: Mapping[str, str] = {"id": "Bahasa Indonesia", "en": "English"}


def mark(text: str) -> str:
    """A text that is translated where it is shown; it is found here for the catalogue."""
    return text


@dataclass(frozen=True)
class Language:
    """`singular` and `plural` have the translations by English text; what is missing stays English."""

    code: str
    locale: Locale
    singular: Mapping[str, str] = field(default_factory=dict)
    plural: Mapping[str, str] = field(default_factory=dict)

    def gettext(self, text: str) -> str:
        return self.singular.get(text, text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Indonesian has one form for any number."""
        if many in self.plural:
            return self.plural[many]
        return one if count == 1 else many


@cache
def languages() -> Mapping[str, Language]:
    """Every language by its code."""
    return {
        "id": Language("id", Locale("id"), *_catalogue("id")),
        "en": Language("en", Locale("en", "GB")),
    }


def _catalogue(code: str) -> tuple[dict[str, str], dict[str, str]]:
    content = files("services.gateway.web").joinpath("locale", f"{code}.po").read_bytes()
    singular, plural = dict[str, str](), dict[str, str]()
    for message in read_po(BytesIO(content), locale=code):
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            singular[message.id] = str(message.string)
        elif isinstance(message.string, tuple | list):
            plural[message.id[1]] = message.string[0]
    return singular, plural
