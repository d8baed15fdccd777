"""Who has answered what."""

from datetime import timedelta

from services.indicators.domain.completeness import Answered, completeness
from tests.indicators.builders import DUE, NOW, a_round


def test_nothing_answered_is_missing_and_not_yet_overdue() -> None:
    found = completeness(a_round(), [], NOW)
    assert sum(one.assigned for one in found.institutions) == sum(one.assigned for one in found.dimensions) == 98
    assert not any(one.answered or one.late or one.complete or one.overdue for one in found.institutions)
    assert [one.dimension for one in found.dimensions] == [1, 2, 3, 4, 5, 6]


def test_institutions_stand_in_alphabetical_order_whatever_they_have_answered() -> None:
    found = completeness(a_round(), [Answered("MGI-1.01", late=False)], NOW)
    codes = [one.organisation for one in found.institutions]
    assert codes == sorted(codes)


def test_an_institution_is_complete_when_nothing_is_missing_even_if_late() -> None:
    found = completeness(a_round(), [Answered("MGI-1.01", late=True)], DUE + timedelta(days=1))
    kemenkes = next(one for one in found.institutions if one.organisation == "KEMENKES")
    assert (kemenkes.assigned, kemenkes.answered, kemenkes.late, kemenkes.missing) == (1, 1, 1, ())
    assert kemenkes.complete
    assert not kemenkes.overdue
    assert all(one.overdue for one in found.institutions if one is not kemenkes)
    assert found.dimensions[0].answered == 1
