"""Signing in and out: what a browser is given, what is taken from it, and what ends a session."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from chassis.messaging.retry import Outage
from services.gateway.web import live
from services.gateway.web.sessions import COOKIE
from services.gateway.web.site import local_path
from tests.web.fake_v1 import PLANTED_NIK
from tests.web.harness import Harness, Page

ALERT = "00000000-0000-8000-8000-000000000001"


async def test_whoever_is_not_signed_in_comes_back_to_the_page_that_was_asked_for(harness: Harness) -> None:
    browser = harness.browser()
    away = await browser.get("/alerts?overdue=1")
    assert away.status_code == 303
    assert away.headers["location"] == "/login?next=%2Falerts%3Foverdue%3D1"
    form = Page((await browser.get(away.headers["location"])).text)
    assert form.fields("/login") == {"next": "/alerts?overdue=1"}
    begun = await browser.post("/login", data={"next": "/alerts?overdue=1", "purpose": "emergency_protection"})
    assert "purpose%3Aemergency_protection" in begun.headers["location"]
    done = await browser.get(await harness.choose(begun.headers["location"], "sari.utami"))
    assert done.headers["location"] == "/alerts?overdue=1"
    assert (await browser.get("/")).status_code == 200


async def test_the_cookie_is_for_this_origin_and_out_of_reach_of_scripts(harness: Harness) -> None:
    browser = harness.browser()
    begun = await browser.post("/login", data={})
    done = await browser.get(await harness.choose(begun.headers["location"], "sari.utami"))
    (cookie,) = [c for c in done.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}=") and "Max-Age=0" not in c]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_an_id_that_was_there_before_signing_in_is_not_taken(harness: Harness) -> None:
    browser = harness.browser()
    browser.cookies.set(COOKIE, "chosen-by-somebody-else", domain="127.0.0.1")
    begun = await browser.post("/login", data={})
    await browser.get(await harness.choose(begun.headers["location"], "sari.utami"))
    assert browser.cookies.get(COOKIE, domain="127.0.0.1") != "chosen-by-somebody-else"
    assert len(harness.sessions.kept) == 1
    stranger = harness.browser()
    stranger.cookies.set(COOKIE, "chosen-by-somebody-else", domain="127.0.0.1")
    assert (await stranger.get("/")).status_code == 303


async def test_signing_in_again_ends_the_session_before(harness: Harness) -> None:
    browser = await harness.sign_in()
    before = browser.cookies[COOKIE]
    begun = await browser.post("/login", data={})
    await browser.get(await harness.choose(begun.headers["location"], "sari.utami"))
    old = harness.browser()
    old.cookies.set(COOKIE, before)
    assert (await old.get("/")).status_code == 303
    assert len(harness.sessions.kept) == 1


async def test_a_sign_in_that_another_browser_began_is_not_finished(harness: Harness) -> None:
    """Else somebody could sign the victim in as himself and read what she writes."""
    begun = await harness.browser().post("/login", data={})
    back = await harness.choose(begun.headers["location"], "sari.utami")
    other = await harness.browser().get(back)
    assert other.status_code == 400
    assert not harness.sessions.kept


@pytest.mark.parametrize("change", [{"state": "other"}, {"code": "other"}, {"iss": "https://elsewhere.example"}])
async def test_an_answer_that_is_not_the_providers_signs_nobody_in(harness: Harness, change: dict[str, str]) -> None:
    browser = harness.browser()
    begun = await browser.post("/login", data={})
    back = urlsplit(await harness.choose(begun.headers["location"], "sari.utami"))
    answer = await browser.get(back.path, params=dict(httpx.QueryParams(back.query)) | change)
    assert answer.status_code == 403
    assert not harness.sessions.kept


@pytest.mark.parametrize("path", ["/login", "/logout", "/preferences", f"/alerts/{ALERT}/take"])
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
     {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {}],
)  # fmt: skip
async def test_a_write_from_another_sites_page_is_refused(harness: Harness, path: str, headers: dict[str, str]) -> None:
    harness.fake.add()
    browser = await harness.sign_in()
    del browser.headers["Sec-Fetch-Site"]
    answer = await browser.post(path, headers=headers, data={"version": "1", "key": "k"})
    assert answer.status_code == 403
    assert not harness.fake.writes
    assert len(harness.sessions.kept) == 1


async def test_an_older_browser_says_its_origin(harness: Harness) -> None:
    browser = await harness.sign_in()
    del browser.headers["Sec-Fetch-Site"]
    answer = await browser.post("/preferences", headers={"Origin": harness.address}, data={"language": "en"})
    assert answer.status_code == 303


async def test_signing_out_ends_the_session_here_and_at_the_provider(harness: Harness) -> None:
    browser = await harness.sign_in()
    cookie = browser.cookies[COOKIE]
    answer = await browser.post("/logout")
    assert answer.headers["location"].startswith(f"{harness.issuer}/logout?id_token_hint=")
    assert COOKIE not in browser.cookies
    assert not harness.sessions.kept
    again = harness.browser()
    again.cookies.set(COOKIE, cookie)
    assert (await again.get("/alerts")).status_code == 303


async def test_a_session_ends_when_it_is_not_used_and_after_its_longest_time(web_folder: Path) -> None:
    short = Harness(web_folder, absolute=timedelta(seconds=0))
    browser = short.browser()
    begun = await browser.post("/login", data={})
    await browser.get(await short.choose(begun.headers["location"], "sari.utami"))
    assert (await browser.get("/")).status_code == 303
    unused = Harness(web_folder)
    browser = await unused.sign_in()
    unused.sessions.end_all()
    assert (await browser.get("/")).status_code == 303


async def test_use_extends_a_session(harness: Harness) -> None:
    browser = await harness.sign_in()
    (name,) = harness.sessions.kept
    sealed, until = harness.sessions.kept[name]
    harness.sessions.kept[name] = (sealed, until - timedelta(minutes=20))
    await browser.get("/")
    assert harness.sessions.kept[name][1] > until - timedelta(minutes=1)


async def test_a_token_that_v1_takes_no_more_ends_the_session(harness: Harness) -> None:
    browser = await harness.sign_in()
    harness.fake.refuse = {"*": "unauthenticated"}
    assert (await browser.get("/alerts")).status_code == 303
    assert not harness.sessions.kept
    part = await browser.get("/alerts/counts", headers={"X-Fragment": "1"})
    assert part.status_code == 401


async def test_another_process_with_the_same_database_takes_the_session(harness: Harness) -> None:
    browser = await harness.sign_in()
    other = harness.browser(harness.create())
    other.cookies.set(COOKIE, browser.cookies[COOKIE])
    assert (await other.get("/")).status_code == 200


async def test_what_the_database_holds_names_nobody(harness: Harness) -> None:
    browser = await harness.sign_in()
    ((name, (sealed, _)),) = harness.sessions.kept.items()
    assert browser.cookies[COOKIE] not in name
    for secret in (b"sari", b"Sari", b"KP2MI", browser.cookies[COOKIE].encode(), b"eyJ"):
        assert secret not in sealed


async def test_a_session_under_anothers_name_is_nobodys(harness: Harness) -> None:
    """Whoever can write the database cannot make one session into another."""
    browser = await harness.sign_in("made.suartini")
    (name,) = harness.sessions.kept
    await harness.sign_in("sari.utami")
    (other,) = set(harness.sessions.kept) - {name}
    harness.sessions.kept[name] = harness.sessions.kept[other]
    assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "/a\nb", "javascript:x", "", "/ x"],
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


async def test_the_way_back_after_signing_in_stays_here(harness: Harness) -> None:
    browser = harness.browser()
    begun = await browser.post("/login", data={"next": "//elsewhere.example/"})
    done = await browser.get(await harness.choose(begun.headers["location"], "sari.utami"))
    assert done.headers["location"] == "/"


async def test_a_provider_that_is_away_is_said_to_be(harness: Harness) -> None:
    harness.web = harness.create()
    harness.web.site.sign_in._transport = httpx.MockTransport(lambda _: httpx.Response(502))
    answer = await harness.browser().post("/login", data={})
    assert answer.status_code == 503
    assert "tidak tersedia" in answer.text


async def test_a_stream_ends_with_its_session(harness: Harness) -> None:
    browser = await harness.sign_in()
    ended = asyncio.create_task(_read_stream(harness, browser.cookies[COOKIE]))
    while not harness.fake.listeners:
        await asyncio.sleep(0)
    await browser.post("/logout")
    await asyncio.wait_for(ended, 10)
    assert not harness.fake.listeners


async def test_a_stream_ends_with_its_session_after_a_look_that_failed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    browser = await harness.sign_in()
    ended = asyncio.create_task(_read_stream(harness, browser.cookies[COOKIE]))
    while not harness.fake.listeners:
        await asyncio.sleep(0)
    find, looks = harness.sessions.find, list[str]()

    async def away(name: str) -> None:
        looks.append(name)
        raise Outage("the database is away")

    monkeypatch.setattr(harness.sessions, "find", away)
    while len(looks) < 2:
        await asyncio.sleep(0.01)
    monkeypatch.setattr(harness.sessions, "find", find)
    harness.sessions.kept.clear()  # ended in another process
    await asyncio.wait_for(ended, 10)
    assert not harness.web.site.sessions._ended


async def test_a_request_that_no_browser_sends_is_no_fault_of_ours(harness: Harness) -> None:
    many = await harness.browser().post("/login", data={f"field{number}": "" for number in range(3000)})
    assert many.status_code == 400
    answers: list[Any] = []

    async def send(message: Any) -> None:
        answers.append(message)

    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "OPTIONS", "scheme": "http",
        "path": "*", "raw_path": b"*", "query_string": b"", "root_path": "", "client": None, "server": None,
        "headers": [],
    }  # fmt: skip
    await harness.web(scope, lambda: asyncio.sleep(0, {"type": "http.request"}), send)
    assert answers[0]["status"] == 403


async def _read_stream(harness: Harness, cookie: str) -> None:
    """/live as a server would run it: until the app returns."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/live", "raw_path": b"/live", "query_string": b"", "root_path": "", "client": None, "server": None,
        "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())],
    }  # fmt: skip
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        if not sent:
            sent.append(None)
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_: object) -> None:
        """Nobody reads."""

    await harness.web(scope, receive, send)


async def test_the_stream_is_for_those_signed_in(harness: Harness) -> None:
    assert (await harness.browser().get("/live")).status_code == 401


async def test_no_token_and_no_identifier_reaches_an_address_or_a_log(
    harness: Harness, capfd: pytest.CaptureFixture[str]
) -> None:
    harness.fake.add()
    browser = await harness.sign_in()
    report = await browser.get(f"/alerts/{ALERT}/report")
    assert PLANTED_NIK in report.text
    page = Page(report.text)
    links = [value for _, a in page.tags for name, value in a.items() if name in ("href", "action", "src", "value")]
    assert not any(PLANTED_NIK in link or "eyJ" in link for link in links)
    assert PLANTED_NIK not in (page.texts[0][0])
    assert "eyJ" not in report.text
    out, err = capfd.readouterr()
    assert PLANTED_NIK not in out + err
    assert "eyJ" not in out + err
