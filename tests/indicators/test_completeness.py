"""Who has answered what."""

from datetime import timedelta

from services.indicators.domain.completeness import Answered, completeness
from tests.indicators.builders import DUE, NOW, a_round


def test_nothing_answered_is_missing_and_not_yet_overdue() -> None:
    progress = completeness(a_round(), [], NOW)
    assert sum(institution.assigned for institution in progress.institutions) == 98
    assert sum(dimension.assigned for dimension in progress.dimensions) == 98
    assert not any(
        institution.answered or institution.late or institution.complete or institution.overdue
        for institution in progress.institutions
    )
    assert [dimension.dimension for dimension in progress.dimensions] == [1, 2, 3, 4, 5, 6]


def test_institutions_stand_in_alphabetical_order_whatever_they_have_answered() -> None:
    progress = completeness(a_round(), [Answered("MGI-1.01", late=False)], NOW)
    codes = [institution.organisation for institution in progress.institutions]
    assert codes == sorted(codes)


def test_an_institution_is_complete_when_nothing_is_missing_even_if_late() -> None:
    progress = completeness(a_round(), [Answered("MGI-1.01", late=True)], DUE + timedelta(days=1))
    kemenkes = next(institution for institution in progress.institutions if institution.organisation == "KEMENKES")
    assert (kemenkes.assigned, kemenkes.answered, kemenkes.late, kemenkes.missing) == (1, 1, 1, ())
    assert kemenkes.complete
    assert not kemenkes.overdue
    assert all(institution.overdue for institution in progress.institutions if institution is not kemenkes)
    assert progress.dimensions[0].answered == 1
