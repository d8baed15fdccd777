"""What every process knows of the gateway's own aggregates, and who gets what by it at this moment."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from chassis import telemetry
from chassis.messaging.record import Record
from chassis.messaging.topic_view import TopicView
from chassis.settings import Settings
from contracts import envelope, gateway
from contracts.gateway import OrganisationChanged
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway.domain.agreement_view import AgreementView
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.organisations import Organisations
from services.gateway.domain.parties import local_day
from services.gateway.domain.routing import Routing

_EVENTS: TypeAdapter[Any] = TypeAdapter(Annotated[gateway.Event, Field()])


class Directory:
    """Follows `gateway.events.v1`, whole. `adopts`: an installation that begins with agreements has some."""

    def __init__(self, settings: Settings, names: Names, *, adopts: bool) -> None:
        self._view = TopicView(settings, names.events("gateway"), self.take)
        self._agreements, self._adopts = AgreementView(), adopts
        self._organisations, self._read = Organisations(), False

    def organisations(self) -> Organisations:
        """Who everybody is; another one after every change. Raises Refused `unavailable` before all was read once."""
        if not self._read:
            self._read = self._view.ready
            if not self._read:
                raise Refused("unavailable")
        return self._organisations

    def agreements(self) -> tuple[Agreement, ...]:
        """Every version that both sides approved; another tuple after every change."""
        return self._agreements.approved

    def proposals(self) -> tuple[Agreement, ...]:
        """Every version that waits for approval."""
        return self._agreements.proposed

    @property
    def ready(self) -> bool:
        """Whether it knows all that was published when it was last connected."""
        return self._view.ready and self.knows_enough

    @property
    def knows_enough(self) -> bool:
        """False while an installation that begins with agreements has none yet."""
        return not self._adopts or bool(self.agreements())

    async def wait(self) -> None:
        """Return once everything was read."""
        await self._view.wait()

    async def run(self) -> None:
        """Read until cancelled."""
        await self._view.run()

    def take(self, record: Record) -> None:
        """Take in one event. What only a later release knows is passed over and said: deploy readers before writers."""
        try:
            sequence = envelope.read(record.headers).sequence or 0
            event = _EVENTS.validate_json(record.value or b"")
        except (envelope.BadEnvelope, ValidationError) as error:
            telemetry.log.error("directory_event_unreadable", offset=record.offset, error=type(error).__name__)
            return
        if isinstance(event, OrganisationChanged):
            self._organisations = self._organisations.with_state(event.state)
        else:
            self._agreements.apply(event, sequence)


class CurrentRouting:
    """Who gets what, as of each call: made anew when agreements, organisations, connections or the day (WIB) change."""

    def __init__(
        self,
        agreements: Callable[[], Sequence[Agreement]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        organisations: Callable[[], Organisations] = Organisations,
    ) -> None:
        self._agreements, self._organisations, self._now = agreements, organisations, now
        self._made_of: Sequence[Agreement] = ()
        self.connected: frozenset[str] = frozenset()
        """Organisations that get copies; whoever reads over HTTPS need not be among them."""
        self._routing = Routing((), frozenset(), local_day(now()))

    def __call__(self) -> Routing:
        now = self._now()
        agreements, today, successors = self._agreements(), local_day(now), self._organisations().successors(now)
        before = self._routing
        same = (before.today, before.connected, before.successors) == (today, self.connected, successors)
        if not same or agreements is not self._made_of:
            self._routing, self._made_of = Routing(agreements, self.connected, today, successors), agreements
        return self._routing
