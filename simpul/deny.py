"""`simpul deny`: a token, or all that somebody got up to now, is refused before its time."""

from pathlib import Path

import click
import httpx

from deploy.local.errors import CannotProceed
from deploy.local.tokens import ISSUER
from deploy.tls_settings import tls_settings
from simpul.operator import SESSION, Session


@click.command()
@click.option("--issuer", default=ISSUER, show_default=True, help="As the token names it (iss).")
@click.option("--token", help="Its id (jti).")
@click.option("--subject", help="The person or system whose tokens are meant (sub).")
@SESSION
def deny(issuer: str, token: str | None, subject: str | None, session: Path) -> None:
    """Refuse one token, or all that a subject got up to now; in force everywhere within five seconds."""
    if (token is None) == (subject is None):
        raise CannotProceed("Say which: --token or --subject.")
    operator = Session.load(session)
    meant = {"token": token} if token is not None else {"subject": subject}
    tls = tls_settings().public_tls
    with httpx.Client(base_url=operator.api, trust_env=False, timeout=30, verify=tls) as http:
        headers = {"Authorization": f"Bearer {operator.access_token}"}
        try:
            answer = http.post("/v1/operations/token-denials", json={"issuer": issuer, **meant}, headers=headers)
        except httpx.TransportError as error:
            raise CannotProceed(f"The api does not answer at {operator.api} ({type(error).__name__}).") from None
    if not answer.is_success:
        raise CannotProceed(f"The api refuses (HTTP {answer.status_code}): is the issuer registered under that name?")
    click.echo(f"Denied until {answer.json()['until']}, when every token that is meant is over.")
