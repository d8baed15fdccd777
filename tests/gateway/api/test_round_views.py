"""Rounds in words."""

from datetime import UTC, datetime

from contracts import codes
from contracts.indicators import Question, RoundDetail
from services.gateway.api.round_views import round_view
from services.gateway.domain.organisations import Organisations

AT = datetime(2026, 3, 1, tzinfo=UTC)
INSTITUTIONS = Organisations().at(AT)


def detail(version: str, organisation: str = "KEMENKES") -> RoundDetail:
    question = Question(indicator="MGI-1.01", dimension=1, kind="scale", organisation=organisation)
    return RoundDetail(
        round="11111111-1111-8111-8111-111111111111", catalogue="mgi-national", catalogue_version=version, year=2026,
        opened_at=AT, due_at=AT, questions=(question,),
    )  # fmt: skip


def test_a_question_is_told_in_the_words_in_which_it_was_asked() -> None:
    (question,) = round_view(detail(codes.mgi_catalogue_version()), INSTITUTIONS).questions
    assert question.question_en == codes.mgi_indicators()["MGI-1.01"].question_en
    (changed,) = round_view(detail("0123456789ab"), INSTITUTIONS).questions
    assert (changed.question_en, changed.dimension_en) == (None, None)
    assert changed.organisation_name_id == "Kementerian Kesehatan"


def test_an_institution_that_is_no_longer_listed_has_no_name() -> None:
    (question,) = round_view(detail(codes.mgi_catalogue_version(), "GONE"), INSTITUTIONS).questions
    assert (question.organisation, question.organisation_name_en) == ("GONE", None)
