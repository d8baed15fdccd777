"""The templates (Jinja2), one environment for each language."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.gateway.web.assets import address_of
from services.gateway.web.languages import NAMES, Language, languages
from services.gateway.web.zones import CHOICES

FOLDER = Path(__file__).parent


def environments(of: Mapping[str, Language]) -> dict[str, Environment]:
    """By language code. A name that a page does not give is an error, and every value is escaped."""
    return {code: _environment(language) for code, language in of.items()}


@cache
def of_every_language() -> Mapping[str, Environment]:
    """Those of the languages that there are, made once: compiling the templates takes longer than a page."""
    return environments(languages())


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "asset": address_of,
        "new_key": lambda: secrets.token_urlsafe(18),
        "language_names": NAMES,
        "zones": CHOICES,
    }
    return environment
