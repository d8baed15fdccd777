"""The one page that people see: who they want to be."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from operator import attrgetter

from contracts import codes
from contracts.authority import PLATFORM
from simulation.scenario.officers import Officer

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "button{display:block;width:100%;text-align:left;font:inherit;margin:.3rem 0;padding:.6rem .8rem;cursor:pointer}"
    "p.note{border-left:.3rem solid #b35900;padding-left:.8rem}h2{font-size:1.05rem;margin-bottom:.2rem}"
)


def sign_in(application: str, fields: Mapping[str, str], officers: Sequence[Officer]) -> str:
    """The list to choose from; `fields` is the authorization request, which goes along with the choice."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    organisation = attrgetter("organisation")
    groups = groupby(sorted(officers, key=organisation), key=organisation)
    choices = "".join(f"<h2>{_organisation(code)}</h2>{''.join(map(_choice, people))}" for code, people in groups)
    return _page(
        "Sign in to Simpul",
        f"<p>{escape(application)} asks who you are.</p>"
        '<p class="note"><strong>This sign-in is for one machine.</strong> It asks for no password: whoever reaches '
        "this page is whom they choose. The officers are constructed. Where real people work, your institution's own "
        "sign-in stands here.</p>"
        f'<form method="post" action="authorize">{hidden}{choices}</form>',
    )


def message(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<p>{escape(text)}</p>")


def _organisation(code: str) -> str:
    name = "Operators of the platform" if code == PLATFORM else codes.organisations()[code].name_id
    return escape(f"{name} ({code})")


def _choice(officer: Officer) -> str:
    roles = ", ".join(role.replace("_", " ") for role in officer.roles)
    return (
        f'<button name="officer" value="{escape(officer.username)}">{escape(officer.name)} — {escape(roles)}</button>'
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
