"""Of any agreements: adding one never takes away, removing one never gives."""

from hypothesis import example, given

from contracts import registry
from services.gateway.domain.agreements import PSEUDONYMOUS, Agreement
from tests.gateway.domain.agreements import AGREEMENTS, EVENTS, FACETS, an_agreement, copies, routing
from tests.gateway.exchange.samples import (
    absorbed,
    facets,
    merged,
    registered,
)

MERGED_AWAY = merged(**(absorbed() | {"facets": facets(), "facets_before": facets()}))


@given(AGREEMENTS, EVENTS)
@example((an_agreement(id="a-00", facts=["status"]), an_agreement(id="a-01", facts=["destination"])), registered())
@example((an_agreement(id="a-00", facts=["status"]), an_agreement(id="a-01", facts=["absorbed"])), MERGED_AWAY)
def test_adding_an_agreement_never_takes_away_and_removing_one_never_gives(
    agreements: tuple[Agreement, ...], event: registry.PersonEvent
) -> None:
    """Who may no longer know whom somebody was found to be is told that the record has ended."""
    everything = copies(agreements, event)
    for without in range(len(agreements)):
        fewer = copies([*agreements[:without], *agreements[without + 1 :]], event)
        assert fewer.keys() <= everything.keys()
        for group, copy in fewer.items():
            assert copy["fields"] <= everything[group]["fields"]
            assert copy["left"] <= everything[group]["left"] | everything[group]["agreements"]


@given(AGREEMENTS, FACETS)
def test_what_is_read_is_the_union_of_what_each_agreement_gives(
    agreements: tuple[Agreement, ...], known: registry.Facets
) -> None:
    whole = routing(*agreements)
    for organisation in ("BPJS_TK", "BPS", "KP2MI", "KBRI_KUL"):
        for purpose in ("insurance", "claims"):
            each = [routing(one).reading(organisation, purpose, known) for one in agreements]
            together = whole.reading(organisation, purpose, known)
            assert together.facts == {name for grant in each for name in grant.facts}
            assert set(together.personal) == {field for grant in each for field in grant.personal}


@given(AGREEMENTS, EVENTS)
def test_no_pseudonymised_copy_ever_has_a_clear_name_or_number(
    agreements: tuple[Agreement, ...], event: registry.PersonEvent
) -> None:
    for (_, _, pseudonym), copy in copies(agreements, event).items():
        if pseudonym:
            assert {field for field in copy["fields"] if field.startswith("personal.")} <= PSEUDONYMOUS
