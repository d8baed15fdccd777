"""Agreements as their events tell of them: those that both sides approved, and those that wait. Pure.

An event that comes again changes nothing; those of one agreement come in the order of their versions.
"""

from collections.abc import Iterable

from contracts.gateway import (
    AgreementAdopted,
    AgreementApproved,
    AgreementEnded,
    AgreementEvent,
    AgreementProposed,
    AgreementRejected,
    AgreementTerms,
)
from services.gateway.domain.agreement_record import ended, read_terms
from services.gateway.domain.agreements import Agreement

Key = tuple[str, int]
"""Id of an agreement, and number of a version."""


class AgreementView:
    """`approved` and `proposed` are new tuples after every change, ordered by id and version.

    Of an agreement whose approved terms this release cannot read nothing is in force: an older version might give more.
    """

    def __init__(self) -> None:
        self.approved: tuple[Agreement, ...] = ()
        self.proposed: tuple[Agreement, ...] = ()
        self._sequences: dict[str, int] = {}
        self._proposed: dict[Key, Agreement | None] = {}
        self._approved: dict[Key, Agreement | None] = {}

    def apply(self, event: AgreementEvent, sequence: int) -> None:
        """Take in one event."""
        if sequence <= self._sequences.get(event.agreement, 0):
            return
        self._sequences[event.agreement] = sequence
        self._change(event)
        unreadable = {identity for (identity, _), agreement in self._approved.items() if agreement is None}
        self.approved = _ordered(
            agreement for (identity, _), agreement in self._approved.items() if identity not in unreadable
        )
        self.proposed = _ordered(self._proposed.values())

    def _change(self, event: AgreementEvent) -> None:
        key = (event.agreement, event.number)
        match event:
            case AgreementProposed():
                self._proposed[key] = _readable(event.terms)
            case AgreementAdopted():
                self._approved[key] = _readable(event.terms)
            case AgreementApproved() if event.complete:
                self._approved[key] = self._proposed.pop(key, None)
            case AgreementRejected():
                self._proposed.pop(key, None)
            case AgreementEnded():
                for other, agreement in self._approved.items():
                    if other[0] == event.agreement and other[1] <= event.number and agreement is not None:
                        self._approved[other] = ended(agreement, event.last_day)
            case _:  # approved by one side
                pass


def _readable(terms: AgreementTerms) -> Agreement | None:
    try:
        return read_terms(terms)
    except ValueError:
        return None


def _ordered(agreements: Iterable[Agreement | None]) -> tuple[Agreement, ...]:
    readable = [agreement for agreement in agreements if agreement is not None]
    return tuple(sorted(readable, key=lambda agreement: (agreement.id, agreement.version)))
