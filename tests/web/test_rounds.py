"""Rounds: who has answered, one answer, and a form in which nothing typed is lost."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from playwright.async_api import Browser, expect

from contracts import codes
from services.gateway.web.answer_form import AnswerForm
from services.gateway.web.round_table import RoundTable, csv_of
from services.gateway.web.sessions import COOKIE
from services.gateway.web.words import Words
from tests.web.fake_rounds import ROUND
from tests.web.harness import Harness, Page
from tests.web.test_browser import complaints_of, cookie, require_for_everybody, signed_in

FOCAL_POINT, COORDINATOR, MIGRATION_COORDINATOR = "narahubung.kemenpppa", "indah.permata", "arif.rahman"
OURS = [entry.code for entry in codes.mgi_indicators().values() if entry.lead_org == "KEMENPPPA"]
PIECE = {"evidence-0-instrument": "UU", "evidence-0-title": "Hak asasi", "evidence-0-year": "2017"}


@pytest.fixture
def opened(harness: Harness) -> Harness:
    harness.fake.rounds.add()
    for indicator in OURS:
        harness.fake.rounds.answers.pop(indicator, None)
    return harness


def path_of(indicator: str) -> str:
    return f"/rounds/{ROUND}/answers/{indicator}"


async def test_an_answer_is_sent_once_and_corrected_in_the_version_that_was_read(opened: Harness) -> None:
    browser, fake, path = await opened.sign_in(FOCAL_POINT), opened.fake.rounds, path_of(OURS[0])
    form = Page((await browser.get(path)).text).fields(path)
    for _ in range(2):
        answer = await browser.post(path, data=form | PIECE | {"value": "yes", "explanation": "Sejak\r\n2017"})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    body = {"value": "yes", "explanation": "Sejak\n2017"}
    body["evidence"] = [{"instrument": "UU", "title": "Hak asasi", "year": 2017}]  # type: ignore[assignment]
    assert fake.writes == [(OURS[0], form["key"], None, body)] * 2
    corrected = Page((await browser.get(path)).text).fields(path)
    await browser.post(path, data=corrected | {"value": "no"})
    assert fake.writes[-1][2] == '"1"'
    assert fake.answers[OURS[0]]["version"] == 2


async def test_what_is_wrong_is_said_at_its_field_and_in_a_summary_and_stays_as_typed(opened: Harness) -> None:
    browser, path = await opened.sign_in(FOCAL_POINT), path_of(OURS[0])
    typed = {"value": "yes", "explanation": "<b>Panjang</b>", "evidence-0-year": "17", "evidence-0-number": '"5"'}
    answer = await browser.post(path, data=typed | {"version": "", "key": "k"})
    assert answer.status_code == 422
    page = Page(answer.text)
    wrong = {"evidence-0-instrument", "evidence-0-title", "evidence-0-year"}
    assert {attributes["href"] for attributes in page.all("a")} >= {f"#{name}" for name in wrong}
    fields = {a.get("name", ""): a for name in ("input", "select") for a in page.all(name)}
    for name in wrong:
        assert fields[name]["aria-describedby"] == f"{name}-problem"
        assert any(a.get("id") == f"{name}-problem" for a in page.all("p"))
    assert fields["evidence-0-year"]["value"] == "17"
    assert fields["evidence-0-number"]["value"] == '"5"'
    assert "&lt;b&gt;Panjang&lt;/b&gt;</textarea>" in answer.text
    assert not opened.fake.rounds.writes


async def test_what_v1_finds_wrong_is_said_at_its_field(opened: Harness) -> None:
    browser, path = await opened.sign_in(FOCAL_POINT), path_of(OURS[0])
    further = {name.replace("-0-", "-2-"): value for name, value in PIECE.items()}
    answer = await browser.post(path, data=further | {"value": "yes", "explanation": "refuse", "version": ""})
    assert answer.status_code == 422
    assert 'id="evidence-2-url-problem"' in answer.text


async def test_who_was_slower_keeps_what_was_typed_and_may_send_it_again(opened: Harness) -> None:
    browser, fake, path = await opened.sign_in(FOCAL_POINT), opened.fake.rounds, path_of(OURS[0])
    form = Page((await browser.get(path)).text).fields(path)
    fake.answer(OURS[0], {"value": "no"})
    answer = await browser.post(path, data=form | {"value": "no", "explanation": "Tulisan saya"})
    assert answer.status_code == 409
    assert "Tulisan saya</textarea>" in answer.text
    again = Page(answer.text).fields(path)
    assert (again["version"], again["key"] != form["key"]) == ("1", True)
    assert (await browser.post(path, data=again | {"value": "no"})).status_code == 303


async def test_more_evidence_gives_rows_and_sends_nothing(opened: Harness) -> None:
    browser, path = await opened.sign_in(FOCAL_POINT), path_of(OURS[0])
    answer = await browser.post(path, data=PIECE | {"value": "yes", "more": "1", "version": ""})
    assert answer.status_code == 200
    assert sum(a.get("name", "").endswith("-title") for a in Page(answer.text).all("input")) == 4
    assert not opened.fake.rounds.writes


async def test_a_session_that_ended_gives_back_what_was_typed_to_be_sent_again(opened: Harness) -> None:
    browser, path = await opened.sign_in(FOCAL_POINT), path_of(OURS[0])
    form = Page((await browser.get(path)).text).fields(path) | {"value": "no", "explanation": "Tulisan\r\nsaya <i>"}
    opened.sessions.end_all()
    answer = await browser.post(path, data=form)
    assert answer.status_code == 401
    assert Page(answer.text).fields(path) == form
    assert not opened.fake.rounds.writes
    browser.cookies.set(COOKIE, (await opened.sign_in(FOCAL_POINT)).cookies[COOKIE])
    assert (await browser.post(path, data=Page(answer.text).fields(path))).status_code == 303


async def test_only_the_institution_of_a_question_is_offered_the_form(opened: Harness) -> None:
    for officer, offered in ((FOCAL_POINT, True), ("narahubung.bi", False), (COORDINATOR, False)):
        browser = await opened.sign_in(officer)
        assert ('name="version"' in (await browser.get(path_of(OURS[0]))).text) is offered
        assert 'name="version"' not in (await browser.get(f"{path_of(OURS[0])}?on=2026-03-01")).text


async def test_as_known_on_a_day_asks_for_its_end_in_the_zone_of_the_office(opened: Harness) -> None:
    browser, fake = await opened.sign_in(COORDINATOR), opened.fake.rounds
    await browser.get(f"{path_of('MGI-1.01')}?on=2026-03-01")
    assert fake.asofs == ["2026-03-01T17:00:00+00:00"]
    for odd in ("x", "2026-13-01", "0001-01-01", "9999-12-31"):
        assert (await browser.get(f"{path_of('MGI-1.01')}?on={odd}")).status_code == 200


async def test_who_may_read_no_answer_sees_who_has_answered(opened: Harness) -> None:
    opened.fake.rounds.may_read = False
    browser = await opened.sign_in(MIGRATION_COORDINATOR)
    page = await browser.get(f"/rounds/{ROUND}?state=missing")
    assert page.status_code == 200
    assert OURS[0] in page.text
    assert "MGI-1.01" not in page.text
    assert "dilihat oleh lembaganya" in (await browser.get(path_of("MGI-1.01"))).text


async def test_the_table_can_be_downloaded_and_computes_nothing_in_a_spreadsheet(opened: Harness) -> None:
    opened.fake.rounds.answers.pop("MGI-2.18", None)
    opened.fake.rounds.answer("MGI-2.18", {"text": '=HYPERLINK("x")'})
    browser = await opened.sign_in(COORDINATOR)
    answer = await browser.get(f"/rounds/{ROUND}/table.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == len(codes.mgi_indicators()) + 1
    (risky,) = [row for row in rows if row[3] == "MGI-2.18"]
    assert risky[6] == '\'=HYPERLINK("x")'


def test_a_negative_number_stays_a_number_in_the_table(opened: Harness) -> None:
    question = {"indicator": "A", "organisation": "BI", "dimension": 1}
    progress = {"organisation": "BI", "missing": [], "late": 0, "complete": True, "overdue": False}
    answer = {"value": -3.5, "versions": [{"late": False, "recorded_at": "2026-03-01T00:00:00Z"}]}
    details = {"round": ROUND, "year": 2026, "due_at": "2026-03-01T00:00:00Z", "questions": [question]}
    table = RoundTable.of(details, {"institutions": [progress]}, [{"indicator": "A", "answer": answer}])
    assert ",-3.5," in csv_of(table, Words(opened.web.site.languages["id"], "Asia/Jakarta"), {1: "Hak"})


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("number", "12,5", False), ("number", "-3", False), ("number", "1e5", True), ("number", "nan", True),
        ("number", "9" * 400, True), ("number", "١٢", True), ("scale", "0", False), ("scale", "0.7", True),
        ("yes_no", "no", False), ("yes_no", "YES", True), ("yes_no", "", True),
    ],
)  # fmt: skip
def test_a_value_fits_the_kind_of_its_question(kind: str, value: str, wrong: bool) -> None:
    form = AnswerForm(value=value)
    form.check(kind)
    assert bool(form.problems) is wrong


def test_a_text_is_wanted_in_words_and_not_too_long() -> None:
    for text, wrong in (("Ada", False), ("", True), ("x" * 4001, True)):
        form = AnswerForm.of_fields({"text": text})
        form.check("text")
        assert list(form.problems) == (["text"] if wrong else [])


async def test_a_focal_point_answers_with_the_keyboard_and_an_ended_session_costs_nothing(
    chromium: Browser, served: Harness
) -> None:
    served.fake.rounds.add()
    served.fake.rounds.answers.pop(OURS[0], None)
    async with signed_in(chromium, served, FOCAL_POINT, viewport={"width": 360, "height": 800}) as context:
        page = await context.new_page()
        complaints = complaints_of(page)
        await page.goto(f"/rounds/{ROUND}")
        await page.locator(f'a.name[href$="{OURS[0]}"]').press("Enter")
        await page.get_by_label("ya", exact=True).press("Space")
        await page.get_by_role("button", name="Kirim jawaban").press("Enter")
        await page.get_by_role("link", name="Jawaban ini memerlukan").press("Enter")
        await expect(page.get_by_label("Jenis")).to_be_focused()
        await expect(page.get_by_label("ya", exact=True)).to_be_checked()
        await require_for_everybody(page)
        await page.get_by_label("Jenis").select_option("UU")
        await page.get_by_label("Judul").fill("Perlindungan anak")
        served.sessions.end_all()
        await page.get_by_role("button", name="Kirim jawaban").press("Enter")
        await expect(page.get_by_role("heading", name="Masa masuk Anda berakhir")).to_be_visible()
        client = await served.sign_in(FOCAL_POINT)
        await context.add_cookies([cookie(served, COOKIE, client.cookies[COOKIE])])
        await page.get_by_role("button", name="Kirim sekarang").press("Enter")
        await expect(page.locator(".pieces")).to_contain_text("Perlindungan anak")
        assert [line for line in complaints if "422" not in line and "401" not in line] == []
    assert len(served.fake.rounds.writes) == 1
