"""Writes docs/authority.md from the table: `python -m contracts.authority_page [--check]`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from contracts.alert_types import ANYBODY
from contracts.authority import (
    ASSESSED,
    ASSESSES,
    CONTROLS_BORDERS,
    COORDINATES,
    KEEPS_IDENTITIES,
    KEEPS_REGISTRY,
    ON_CALL,
    PLACES_WORKERS,
    PROTECTS,
    ROLES,
    TABLE,
    VERIFIES_IDENTITY,
    Row,
)
from contracts.codes import alert_types

FILE = Path(__file__).parents[1] / "docs" / "authority.md"

GROUPS = {
    "places workers": PLACES_WORKERS,
    "verifies identities": VERIFIES_IDENTITY,
    "controls borders": CONTROLS_BORDERS,
    "places workers or controls borders": PLACES_WORKERS | CONTROLS_BORDERS,
    "keeps identities": KEEPS_IDENTITIES,
    "protects persons": PROTECTS,
    "on call": ON_CALL,
    "assessed": ASSESSED,
    "assesses": ASSESSES,
    "assessed or assesses": ASSESSED | ASSESSES,
    "keeps the registry": KEEPS_REGISTRY,
    "coordinates": COORDINATES,
    "assesses or coordinates": ASSESSES | COORDINATES,
}
"""What the page calls a set of functions."""

HEAD = """# Who may do what

Made from `contracts/authority.py` by `make schemas`; edit that file, not this page. **What no row allows is refused.**

The gateway checks every message and every request at its door: the kind of caller, a role, a function of its
organisation, a purpose where one is needed, and the agreement where it says *covered*. The service that owns the thing
checks again when it settles, from the same table, together with the relation to the thing. Functions count
as they were when the gateway took the request, or the broker the record.

- **Kind**: a *person* who signed in; an institution's IT *system* (over Kafka, or with a token over HTTPS); a *rule*:
  the platform on its own account; an *operator* of the platform.
- **Role** of a person: one of these. A role in a token counts only where the organisation may give it out
  ([below](#roles)).
- **Function** of the organisation: one of the group ([below](#functions)).
- **Relation** to the thing, one of: *own* (the organisation stated or raised it), *led* (it leads the question),
  *told* (the alert was routed to it), *responds* (so it was, and it is given the person and the report), *covered* (an
  agreement covers the person for the purpose named), *member* (of the case).
- **Purpose**: the token has to name one, else 403 `purpose_not_allowed`.

Refused are a wrong kind, role or function with 403 `not_permitted`, a fact of another institution's with `not_owner`, a
question of another's with `not_assigned`; what one may not see looks like what does not exist: 404 `not_found`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_operations(), *_roles(), *_functions(), *_alert_types()))


def _operations() -> Iterable[str]:
    yield "## Operations\n"
    yield "| Operation | Kind | Role | Function | Relation | Purpose | Route |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_line(row) for row in TABLE)


def _line(row: Row) -> str:
    cells = (
        f"`{row.operation}`",
        row.kind,
        ", ".join(f"`{role}`" for role in sorted(row.roles)),
        _group(row.functions),
        " or ".join(sorted(row.relations)),
        "needed" if row.purpose else "",
        "<br>".join(f"`{door}`" for door in row.doors),
    )
    return f"| {' | '.join(cells)} |"


def _roles() -> Iterable[str]:
    yield "\n## Roles\n"
    yield "| Role of a person | What for | Given out by an organisation that |"
    yield "|---|---|---|"
    for name, role in ROLES.items():
        yield f"| `{name}` | {role.purpose} | {_group(role.functions) or 'is listed'} |"


def _functions() -> Iterable[str]:
    yield "\n## Functions\n"
    yield "Functions of organisations are the column `roles` of `contracts/reference/organisations.csv`, and what"
    yield "operators changed of them since (`simpul organisations`).\n"
    yield "| Group | Functions, of which one is enough |"
    yield "|---|---|"
    for name, functions in GROUPS.items():
        if " or " not in name:
            yield f"| {name} | {', '.join(f'`{function}`' for function in sorted(functions))} |"
    yield ""


def _alert_types() -> Iterable[str]:
    yield "## Alerts\n"
    yield "From `contracts/reference/alert_types.csv`, which also says who is told. Only those who respond get the"
    yield "person and the report.\n"
    yield "| Type | Raised by an organisation with one of | Names a person | Of those told respond |"
    yield "|---|---|---|---|"
    for alert_type in alert_types().values():
        functions = ", ".join(f"`{function}`" for function in sorted(alert_type.raised_by))
        raised_by = "whoever is on call" if ANYBODY in alert_type.raised_by else functions
        responders = "; ".join(alert_type.responders) or "nobody"
        yield f"| `{alert_type.code}` | {raised_by} | {'yes' if alert_type.names_person else 'no'} | {responders} |"
    yield ""


def _group(functions: frozenset[str]) -> str:
    """Raises StopIteration for functions that are in no group."""
    return next(name for name, group in GROUPS.items() if group == functions) if functions else ""


def main() -> None:
    """Write the page; with --check say whether it is up to date."""
    if "--check" not in sys.argv:
        FILE.write_text(page(), encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != page():
        sys.exit("docs/authority.md is out of date: make schemas")


if __name__ == "__main__":
    main()
