"""Who gets what on one day: agreements indexed by what chooses their receivers. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from contracts import indicators, notifications, registry
from contracts.schemas import message_type
from services.gateway.domain.agreements import PERSON_EVENTS, Agreement, in_force
from services.gateway.domain.grants import Grant

NOBODY_SUCCEEDED: Mapping[str, str] = MappingProxyType({})
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
    responds: bool = False
    """Of an alert: whether it may learn whom it is about, and what its reporter said."""

    taken_over: tuple[str, ...] = ()
    """Of a round: organisations whose questions are its own since it took them over."""

    @property
    def stands_for(self) -> tuple[str, ...]:
        """The receiver, and those that it has taken over."""
        return (self.receiver, *self.taken_over)

    @property
    def gone(self) -> bool:
        """No agreement of the purpose covers the person any longer: the receiver learns that, and nothing more."""
        return not self.grant.agreements


Group = tuple[str, str, str]
"""Receiver, purpose and pseudonym: what is given to one group stands in one copy."""
Cover = dict[Group, tuple[Agreement, ...]]


class Routing:
    """Agreements in force on a day, among the organisations that are connected. Make a new one when either changes.

    `successors`: who stands for each organisation that was taken over. What an agreement, an alert or a round gives to
    one of those is given to its successor.
    """

    def __init__(
        self,
        agreements: Iterable[Agreement],
        connected: frozenset[str],
        today: date,
        successors: Mapping[str, str] = NOBODY_SUCCEEDED,
    ) -> None:
        self.agreements = in_force(agreements, today)
        self.connected, self.today, self.successors = connected, today, successors
        self._by_event: dict[str, tuple[Agreement, ...]] = {
            kind: tuple(agreement for agreement in self.agreements if kind in agreement.events)
            for kind in {event for agreement in self.agreements for event in agreement.events}
        }
        self._by_sector = any(agreement.filter.sector is not None for agreement in self.agreements)
        self._grants: dict[tuple[str, ...], Grant] = {}
        self._persons: dict[object, tuple[Recipient, ...]] = {}

    def now(self, organisation: str) -> str:
        """Who stands for an organisation."""
        return self.successors.get(organisation, organisation)

    # -- persons

    def owned_now(self, event: registry.PersonEvent) -> registry.PersonEvent:
        """An event with who owns the person now: facts keep the code under which they were stated."""
        changes = {
            name: facets.model_copy(update={"owner": self.now(facets.owner)})
            for name in ("facets", "facets_before")
            if (facets := getattr(event, name)) is not None and facets.owner in self.successors
        }
        return event.model_copy(update=changes) if changes else event

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
            if absorbed and not any("absorbed" in agreement.facts for agreement in agreements):
                agreements = ()  # it may not know who the other is: to it the record has ended
            left = tuple(agreement.name for agreement in held.get(group, ()) if agreement not in agreements)
            daily = any(agreement.release == "daily" for agreement in (*agreements, *held.get(group, ())))
            yield Recipient(receiver, purpose, self._grant(agreements), left, pseudonym, daily=daily)

    def _cover(self, kind: str, facets: registry.Facets, author: str | None) -> Cover:
        """By receiver, purpose and pseudonym: the agreements that cover these facets."""
        cover: Cover = {}
        for agreement in self._by_event.get(kind, ()):
            if agreement.filter.lets(facets):
                for receiver in self._chosen(agreement, facets, author):
                    if receiver in self.connected:
                        group = (receiver, agreement.purpose, agreement.id if agreement.pseudonymised else "")
                        cover[group] = (*cover.get(group, ()), agreement)
        return cover

    def _chosen(self, agreement: Agreement, facets: registry.Facets, author: str | None = None) -> tuple[str, ...]:
        chosen = agreement.receiver.chooses(facets, author)
        return tuple(dict.fromkeys(map(self.now, chosen))) if self.successors else chosen

    def daily(self) -> tuple[tuple[str, str], ...]:
        """Receivers that are connected, each with the id of an agreement whose copies it gets by the day."""
        return tuple(
            (receiver, agreement.id)
            for agreement in self.agreements
            if agreement.release == "daily" and agreement.receiver.organisation
            if (receiver := self.now(agreement.receiver.organisation)) in self.connected
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
                agreement
                for agreement in self.covering(organisation, facets)
                if agreement.purpose == purpose and not agreement.pseudonymised
            )
        )

    def covering(self, organisation: str, facets: registry.Facets) -> tuple[Agreement, ...]:
        """Every agreement by which an organisation may know a person of these facets, connected or not."""
        return tuple(
            agreement
            for agreement in self.agreements
            if not PERSON_EVENTS.isdisjoint(agreement.events)
            and agreement.filter.lets(facets)
            and organisation in self._chosen(agreement, facets)
        )

    def knows(self, organisation: str, facets: registry.Facets) -> bool:
        """Whether an agreement covers a person of these facets for an organisation, and not under a pseudonym."""
        return any(not agreement.pseudonymised for agreement in self.covering(self.now(organisation), facets))

    # -- alerts, rounds, stewards

    def of_alert(self, event: notifications.AlertEvent) -> tuple[Recipient, ...]:
        """Organisations told of an alert; the person and the report are for those who respond, and for nobody else."""
        grants, responders = self.emergency(message_type(type(event))), set(map(self.now, event.responders))
        return tuple(
            Recipient(code, purpose, grant, responds=code in responders)
            for code in dict.fromkeys(map(self.now, event.recipients))
            if code in self.connected
            for purpose, grant in grants.items()
        )

    def emergency(self, kind: str) -> dict[str, Grant]:
        """By purpose, what those who respond to an alert are given of an event of this type."""
        return self._by_purpose(agreement for agreement in self._by_event.get(kind, ()) if agreement.receiver.recipient)

    def of_round(self, event: indicators.RoundOpened) -> tuple[Recipient, ...]:
        """Organisations to whom a round assigns questions."""
        kind = message_type(type(event))
        grants = self._by_purpose(
            agreement for agreement in self._by_event.get(kind, ()) if agreement.receiver.respondent
        )
        return tuple(
            Recipient(code, purpose, grant, taken_over=self.taken_over(code))
            for code in dict.fromkeys(self.now(assignment.organisation) for assignment in event.assignments)
            if code in self.connected
            for purpose, grant in grants.items()
        )

    def taken_over(self, organisation: str) -> tuple[str, ...]:
        """Those whom an organisation stands for, but itself."""
        return tuple(code for code, successor in self.successors.items() if successor == organisation)

    def of_duplicates(self) -> dict[str, Grant]:
        """By purpose, what stewards see of the two persons of a duplicate review."""
        return self._by_purpose(agreement for agreement in self.agreements if agreement.receiver.stewards)

    def _by_purpose(self, agreements: Iterable[Agreement]) -> dict[str, Grant]:
        by_purpose: dict[str, tuple[Agreement, ...]] = {}
        for agreement in agreements:
            by_purpose[agreement.purpose] = (*by_purpose.get(agreement.purpose, ()), agreement)
        return {purpose: self._grant(grouped) for purpose, grouped in by_purpose.items()}
