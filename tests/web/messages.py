"""The texts of the pages: `python -m tests.web.messages` brings `locale/id.po` up to date, and names what lacks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from services.gateway import web
from services.gateway.web.vocabulary import PROBLEMS

FOLDER = Path(web.__file__).parent
FILE = FOLDER / "locale" / "id.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "mark": None, "ngettext": (1, 2)}


def texts() -> Iterator[tuple[str | tuple[str, ...], tuple[str, int]]]:
    """Every text that pages show, and where it stands."""
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}}
    for file, line, message, *_ in extract_from_dir(FOLDER, METHODS, options, keywords=KEYWORDS):
        yield message, (file, line)
    for text in PROBLEMS.values():
        yield text, ("vocabulary.py", 1)


def template() -> Catalog:
    """A catalogue of them, without translations."""
    catalogue = Catalog(locale="id", charset="utf-8", header_comment="# The pages in Indonesian.", fuzzy=False)
    for message, (file, _) in texts():
        catalogue.add(message, locations=[(file, 0)])
    return catalogue


def read() -> Catalog:
    """The catalogue as it stands."""
    return read_po(BytesIO(FILE.read_bytes()), locale="id")


def update() -> list[str]:
    """Write the catalogue anew with what is translated already; returns what is not."""
    before, now = read(), template()
    for message in now:
        known = before.get(message.id[0] if isinstance(message.id, tuple | list) else message.id)
        if message.id and known is not None:
            message.string = known.string
    with FILE.open("wb") as file:
        write_po(file, now, width=110, no_location=False, include_lineno=False, sort_output=True, omit_header=True)
    content = FILE.read_text()
    FILE.write_text(HEADER + content)
    return [str(message.id) for message in now if message.id and not _first(message.string)]


HEADER = """# The pages in Indonesian.
msgid ""
msgstr ""
"Language: id\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def _first(string: object) -> object:
    return string[0] if isinstance(string, tuple | list) and string else string


if __name__ == "__main__":
    sys.stdout.writelines(f"not translated: {text}\n" for text in update())
