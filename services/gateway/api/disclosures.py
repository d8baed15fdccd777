"""What the record of disclosures says of a reading over the api."""

import uuid
from datetime import datetime

from chassis.security.keys import KeyRing
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.copies import Disclosure
from services.gateway.domain.grants import Given
from services.gateway.domain.receiver_ids import receiver_id
from services.gateway.tokens import Caller


def disclosures(
    ring: KeyRing,
    caller: Caller,
    purpose: str,
    person: str | None,
    given_by: Given,
    asof: datetime | None,
    owner: str | None = None,
) -> tuple[Disclosure, ...]:
    """As of a copy, one for each agreement; in place of the source event stands the person who reads."""
    reading = receiver_id(ring, caller.organisation, "read", str(uuid.uuid4()))
    reader = f"read by {principal_of(ring, caller).user or 'a system'}"
    return tuple(
        Disclosure(reading, reader, person, caller.organisation, agreement, purpose, fields, asof, owner)
        for agreement, fields in given_by
    )


def reading(
    ring: KeyRing, caller: Caller, person: str, fields: tuple[str, ...], *, agreement: str, purpose: str
) -> Disclosure:
    """What is shown under no agreement, because the law itself gives it: `agreement` names that."""
    (row,) = disclosures(ring, caller, purpose, person, ((agreement, fields),), None)
    return row
