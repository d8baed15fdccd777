"""Who gets what on one day: agreements indexed by what chooses their receivers. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from contracts import codes, indicators, notifications, registry
from contracts.schemas import message_type
from services.gateway.domain.agreements import PERSON_EVENTS, Agreement, in_force
from services.gateway.domain.grants import Grant

REMEMBERED = 50_000
"""Sets of facets whose recipients are remembered; there are about this many in a country's registry."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One receiver of one event for one purpose, and what it is given."""

    receiver: str
    purpose: str
    grant: Grant
    left: tuple[str, ...] = ()
    """Agreements that covered the person before the event and no longer do."""
    pseudonym: str = ""
    """The pseudonymised agreement under whose own person ids all of this stands; empty for none."""
    daily: bool = False
    """Whether the copy waits for the release of the day."""
    responds: bool = True
    """Of an alert: whether it may learn whom it is about, and what its reporter said."""

    @property
    def gone(self) -> bool:
        """No agreement of the purpose covers the person any longer: the receiver learns that, and nothing more."""
        return not self.grant.agreements


Group = tuple[str, str, str]
"""Receiver, purpose and pseudonym: what is given to one group stands in one copy."""
Cover = dict[Group, tuple[Agreement, ...]]


class Routing:
    """Agreements in force on a day, among the organisations that are connected. Make a new one when either changes."""

    def __init__(self, agreements: Iterable[Agreement], connected: frozenset[str], today: date) -> None:
        self.agreements = in_force(agreements, today)
        self.connected, self.today = connected, today
        self._by_event: dict[str, tuple[Agreement, ...]] = {
            kind: tuple(one for one in self.agreements if kind in one.events)
            for kind in {event for one in self.agreements for event in one.events}
        }
        self._by_sector = any(one.filter.sector is not None for one in self.agreements)
        self._pseudonymised = frozenset(
            one.receiver.organisation for one in self.agreements if one.pseudonymised and one.receiver.organisation
        )
        self._grants: dict[tuple[str, ...], Grant] = {}
        self._persons: dict[object, tuple[Recipient, ...]] = {}

    # -- persons

    def of_person(self, event: registry.PersonEvent) -> tuple[Recipient, ...]:
        """Recipients of an event of a person, chosen by its facets now and before.

        Of an absorbed person learns who held it. Whoever is covered for the survivor alone learns of the merge by that.
        """
        kind, now, before = message_type(type(event)), event.facets, event.facets_before
        absorbed = isinstance(event, registry.PersonMerged) and event.role == "absorbed"
        author = event.by if isinstance(event, registry.OfferDecided) else None
        key = (kind, absorbed, author, *self._values(now), *(self._values(before) if before else ()))
        recipients = self._persons.get(key)
        if recipients is None:
            if len(self._persons) >= REMEMBERED:
                self._persons.clear()
            recipients = tuple(self.recipients(kind, now, before, author, absorbed=absorbed))
            self._persons[key] = recipients
        return recipients

    def _values(self, facets: registry.Facets) -> tuple[str | None, ...]:
        sector = facets.sector if self._by_sector else None
        return facets.owner, facets.home_regency, facets.destination, facets.status, sector

    def recipients(
        self, kind: str, now: registry.Facets, before: registry.Facets | None, author: str | None, *, absorbed: bool
    ) -> Iterator[Recipient]:
        """As `of_person`, of an event of this type with these facets.

        `author` is that of an offer that was decided; `absorbed` is of a person found to be another.
        """
        covered, held = self._cover(kind, now, author), self._cover(kind, before, author) if before else {}
        for group in {**held, **covered} if not absorbed else held:
            receiver, purpose, pseudonym = group
            agreements = covered.get(group, ())
            if absorbed and not any("absorbed" in one.facts for one in agreements):
                agreements = ()  # it may not know who the other is: to it the record has ended
            left = tuple(one.name for one in held.get(group, ()) if one not in agreements)
            daily = any(one.release == "daily" for one in (*agreements, *held.get(group, ())))
            yield Recipient(receiver, purpose, self._grant(agreements), left, pseudonym, daily=daily)

    def _cover(self, kind: str, facets: registry.Facets, author: str | None) -> Cover:
        """By receiver, purpose and pseudonym: the agreements that cover these facets."""
        cover: Cover = {}
        for agreement in self._by_event.get(kind, ()):
            if agreement.filter.lets(facets):
                for receiver in agreement.receiver.chooses(facets, author):
                    if receiver in self.connected:
                        group = (receiver, agreement.purpose, agreement.id if agreement.pseudonymised else "")
                        cover[group] = (*cover.get(group, ()), agreement)
        return cover

    def daily(self) -> tuple[tuple[str, str], ...]:
        """Receivers that are connected, each with the id of an agreement whose copies it gets by the day."""
        return tuple(
            (one.receiver.organisation, one.id)
            for one in self.agreements
            if one.release == "daily" and one.receiver.organisation in self.connected
        )

    def _grant(self, agreements: tuple[Agreement, ...]) -> Grant:
        names = tuple(agreement.name for agreement in agreements)
        if names not in self._grants:
            self._grants[names] = Grant(agreements)
        return self._grants[names]

    def reading(self, organisation: str, purpose: str | None, facets: registry.Facets) -> Grant:
        """What an organisation may read of a person of these facets for one purpose, connected or not.

        Pseudonymised agreements open no reading: a reading tells when, and who else is read.
        """
        return self._grant(
            tuple(
                one for one in self.covering(organisation, facets) if one.purpose == purpose and not one.pseudonymised
            )
        )

    def covering(self, organisation: str, facets: registry.Facets) -> tuple[Agreement, ...]:
        """Every agreement by which an organisation may know a person of these facets, connected or not."""
        return tuple(
            one
            for one in self.agreements
            if not PERSON_EVENTS.isdisjoint(one.events)
            and one.filter.lets(facets)
            and organisation in one.receiver.chooses(facets)
        )

    # -- alerts, rounds, stewards

    def of_alert(self, event: notifications.AlertEvent) -> tuple[Recipient, ...]:
        """Organisations told of an alert; the person and the report are for those who respond, and for nobody else."""
        grants = self.emergency(message_type(type(event)))
        return tuple(
            Recipient(code, purpose, grant, responds=self.responds(code, event.privacy))
            for code in dict.fromkeys(event.recipients)
            if code in self.connected
            for purpose, grant in grants.items()
        )

    def emergency(self, kind: str) -> dict[str, Grant]:
        """By purpose, what those who respond to an alert are given of an event of this type."""
        return self._by_purpose(one for one in self._by_event.get(kind, ()) if one.receiver.recipient)

    def responds(self, organisation: str, privacy: codes.PrivacyClass) -> bool:
        """Whether an organisation may learn whom an alert is about.

        Nobody of an administrative one, and never who knows people by pseudonyms: the alert would name one of them.
        """
        return privacy == "restricted" and organisation not in self._pseudonymised

    def of_round(self, event: indicators.RoundOpened) -> tuple[Recipient, ...]:
        """Organisations to whom a round assigns questions."""
        kind = message_type(type(event))
        grants = self._by_purpose(one for one in self._by_event.get(kind, ()) if one.receiver.respondent)
        return tuple(
            Recipient(code, purpose, grant)
            for code in dict.fromkeys(assignment.organisation for assignment in event.assignments)
            if code in self.connected
            for purpose, grant in grants.items()
        )

    def of_duplicates(self) -> dict[str, Grant]:
        """By purpose, what stewards see of the two persons of a duplicate review."""
        return self._by_purpose(one for one in self.agreements if one.receiver.stewards)

    def _by_purpose(self, agreements: Iterable[Agreement]) -> dict[str, Grant]:
        by_purpose: dict[str, tuple[Agreement, ...]] = {}
        for agreement in agreements:
            by_purpose[agreement.purpose] = (*by_purpose.get(agreement.purpose, ()), agreement)
        return {purpose: self._grant(grouped) for purpose, grouped in by_purpose.items()}
