"""`simpul login`: an operator signs in under his own name, by authorization code and PKCE (RFC 8252)."""

import base64
import hashlib
import json
import secrets
import threading
import webbrowser
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import click
import httpx

from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.tls_settings import tls_settings
from simpul.addresses import addresses
from simpul.operator import SESSION, Session

CLIENT, PATH = "simpul-cli", "/callback"
WAIT_SECONDS = 300.0


@click.command()
@click.option("--issuer", help="Address of the issuer.  [default: the sign-in of this machine]")
@click.option("--api", help="Base address of the api.  [default: as SIMPUL_URLS says, else on this machine]")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page, or only print it.")
@SESSION
def login(issuer: str | None, api: str | None, browser: bool, session: Path) -> None:
    """Sign in as an operator; what you do then carries your name. Good for an hour at most."""
    issuer = issuer or f"http://{ports.HOST}:{ports.fixed()['issuer']}"
    api = api or addresses()["gateway-api"]
    with httpx.Client(trust_env=False, timeout=30, verify=tls_settings().public_tls) as http:
        try:
            token = sign_in(http, issuer, lambda url: _show(url, browser))
            kept = get_pass(http, api, token)
        except httpx.HTTPError as error:
            raise CannotProceed(f"The issuer or the api does not answer ({type(error).__name__}).") from None
    kept.keep(session)
    click.echo(f"Signed in as {kept.name}.")


def sign_in(http: httpx.Client, issuer: str, show: Any, wait: float = WAIT_SECONDS) -> str:
    """The access token of whoever signs in at the page that `show` is given. Raises CannotProceed, httpx's errors."""
    provider = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    if provider.get("issuer") != issuer:
        raise CannotProceed(f"{issuer} says that it is {provider.get('issuer')}.")
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    with _Callback() as callback:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": CLIENT, "redirect_uri": callback.address, "scope": "openid profile",
            "state": state, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        show(f"{provider['authorization_endpoint']}?{urlencode(query)}")
        back = callback.wait(wait)
    if back.get("state") != state or "code" not in back:
        raise CannotProceed(f"The sign-in did not come to an end ({back.get('error', 'no answer')}).")
    form = {
        "grant_type": "authorization_code", "code": back["code"], "redirect_uri": callback.address,
        "client_id": CLIENT, "code_verifier": verifier,
    }  # fmt: skip
    answer = http.post(provider["token_endpoint"], data=form)
    if not answer.is_success:
        raise CannotProceed(f"The issuer gives no token (HTTP {answer.status_code}).")
    return str(answer.json()["access_token"])


def get_pass(http: httpx.Client, api: str, token: str) -> Session:
    """The session of whoever holds the token. Raises CannotProceed for somebody who is no operator, httpx's errors."""
    answer = http.post(f"{api}/v1/operations/pass", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise CannotProceed("You have signed in, but not as an operator of the platform.")
    operator_pass = answer.raise_for_status().json()
    claims = json.loads(base64.urlsafe_b64decode(operator_pass["signed"].split(".")[1] + "=="))
    return Session(operator_pass["name"], api, token, operator_pass["signed"], float(claims["exp"]))


def _show(url: str, browser: bool) -> None:
    click.echo(f"Sign in at\n  {url}")
    if browser:
        webbrowser.open(url)


class _Callback:
    """A server on loopback that is called back once, and tells with which parameters."""

    def __init__(self) -> None:
        came = self._came = threading.Event()
        parameters = self._parameters = dict[str, str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path != PATH or came.is_set():
                    self.send_error(404)
                    return
                parameters.update({name: values[0] for name, values in parse_qs(parts.query).items()})
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"You may close this page and go back to the terminal.\n")
                came.set()

            def log_message(self, *_: object) -> None:
                """The address has the code in it: say nothing."""

        self._server = HTTPServer((ports.HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.address = f"http://{ports.HOST}:{self._server.server_port}{PATH}"

    def __enter__(self) -> "_Callback":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, seconds: float) -> Mapping[str, str]:
        """Empty when nobody came in time."""
        return self._parameters if self._came.wait(seconds) else {}
