"""Who saw what: the record of disclosures, searched by the data protection officer of an institution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from contracts import codes
from services.gateway.web.languages import mark
from services.gateway.web.site import Site, Visit
from services.gateway.web.vocabulary import LABELS
from services.gateway.web.words import Words

PERSON = re.compile(r"p_[A-Za-z0-9_-]{43}\Z")
NO_PERSON = mark("That is no id of a person: it begins with p_ and has 45 letters.")
NO_DAY = mark("That is no day.")
FIELDS = ("person", "receiver", "purpose", "since", "until")
PURPOSES = tuple(LABELS["purpose"])


@dataclass
class Search:
    """What was asked for. It is sent as a form and stands in no address: an id of a person may be in it."""

    person: str = ""
    receiver: str = ""
    purpose: str = ""
    since: str = ""
    until: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Mapping[str, str], words: Words) -> Search:
        person, receiver, purpose, since, until = (form.get(name, "").strip() for name in FIELDS)
        search = cls(person, receiver, purpose, since, until)
        if search.person and not PERSON.match(search.person):
            search.problems["person"] = NO_PERSON
        for name in ("since", "until"):
            if not _is_day(getattr(search, name), words):
                search.problems[name] = NO_DAY
        return search

    def of_v1(self, words: Words) -> dict[str, str | None]:
        """As /v1 takes it. The last day is asked for to its end, in the person's zone."""
        end = words.midnight(self.until) + timedelta(days=1) if self.until else None
        return {
            "person": self.person or None,
            "receiver": self.receiver if self.receiver in codes.organisations() else None,
            "purpose": self.purpose if self.purpose in PURPOSES else None,
            "since": words.midnight(self.since).isoformat() if self.since else None,
            "until": end.isoformat() if end else None,
        }


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [
        Route("/disclosures", site.page(show_form), methods=["GET"]),
        Route("/disclosures", site.page(search), methods=["POST"]),
    ]


async def show_form(visit: Visit) -> Response:
    """Nothing is read before it is asked for: a reading of the record is put on record itself."""
    return _page(visit, Search())


async def search(visit: Visit) -> Response:
    form = await visit.form()
    asked = Search.of(form, visit.words)
    if asked.problems:
        return _page(visit, asked, status=422)
    page = await visit.v1.get("/v1/disclosures", after=form.get("after") or None, **asked.of_v1(visit.words))
    return _page(visit, asked, page)


def _page(visit: Visit, asked: Search, page: Mapping[str, Any] | None = None, status: int = 200) -> Response:
    return visit.render(
        "disclosures.html", status, search=asked, page=page, purposes=PURPOSES,
        receivers=sorted(codes.organisations()), today=visit.words.today(),
    )  # fmt: skip


def _is_day(text: str, words: Words) -> bool:
    """Or none at all. /v1 takes no instant outside of the years that UTC has."""
    try:
        return not text or "1900" < words.midnight(text).date().isoformat() < "9000"
    except ValueError:
        return False
