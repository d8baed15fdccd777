"""What the record of disclosures says of a reading over the api."""

import uuid
from datetime import datetime

from chassis.security.keys import KeyRing
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.copies import Disclosure
from services.gateway.domain.receiver_ids import receiver_id
from services.gateway.tokens import Caller


def disclosure(
    ring: KeyRing, caller: Caller, agreement: Agreement, person: str, fields: tuple[str, ...], asof: datetime | None
) -> Disclosure:
    """As of a copy; in place of the source event stands the person who reads."""
    return Disclosure(
        copy=receiver_id(ring, caller.organisation, "read", str(uuid.uuid4())),
        event=f"read by {principal_of(ring, caller).user}",
        person=person,
        receiver=caller.organisation,
        agreement=agreement.name,
        purpose=agreement.purpose,
        fields=fields,
        asof=asof,
    )
