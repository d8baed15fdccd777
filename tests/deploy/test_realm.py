"""The realm that Keycloak imports, as far as it can be judged without Keycloak (`make oidc` asks it)."""

import json
from pathlib import Path
from typing import Any

from contracts.authority import PLATFORM, ROLES
from contracts.codes import organisations
from deploy.compose.realm import FILE, PURPOSES, rendered
from deploy.compose.secrets import keycloak
from services.gateway.tokens.issuers import read_issuers
from simulation.scenario.officers import OFFICERS

REALM: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def test_it_is_as_its_generator_writes_it() -> None:
    assert FILE.read_text(encoding="utf-8") == rendered(), "python -m deploy.compose.realm"


def test_it_has_the_organisations_with_their_functions_the_roles_and_the_people() -> None:
    groups = {group["name"]: group["attributes"] for group in REALM["groups"]}
    for code, attributes in groups.items():
        assert attributes["organisation"] == [code]
        assert set(attributes["functions"]) == (set() if code == PLATFORM else set(organisations()[code].roles))
    assert {role["name"] for role in REALM["roles"]["realm"]} == {*ROLES, "operator"}
    people = {user["username"]: user for user in REALM["users"]}
    for officer in OFFICERS:
        assert people[officer.username]["groups"] == [f"/{officer.organisation}"]
        assert people[officer.username]["realmRoles"] == list(officer.roles)


def test_nobody_signs_in_without_pkce_or_by_a_password_handed_to_an_application() -> None:
    for client in REALM["clients"]:
        assert not client["directAccessGrantsEnabled"]
        assert not client["implicitFlowEnabled"]
        if client["publicClient"]:
            assert client["attributes"]["pkce.code.challenge.method"] == "S256"
        else:
            assert not client["standardFlowEnabled"]


def test_no_secret_stands_in_it() -> None:
    given = keycloak(dict.fromkeys(("keycloak-admin", "keycloak-people", "keycloak-systems"), "s3cret"))
    secrets = [user["credentials"][0]["value"] for user in REALM["users"]]
    secrets += [client["secret"].rpartition("}")[0] + "}" for client in REALM["clients"] if "secret" in client]
    assert (
        {secret.strip("${}") for secret in secrets} == {"SIMPUL_PEOPLE_PASSWORD", "SIMPUL_SYSTEM_SECRET"} <= set(given)
    )


def test_an_application_can_ask_for_every_purpose_and_gets_none_unasked() -> None:
    assert set(REALM["defaultOptionalClientScopes"]) == {f"purpose:{name}" for name in PURPOSES}
    assert not set(REALM["defaultOptionalClientScopes"]) & set(REALM["defaultDefaultClientScopes"])


def test_the_gateway_of_the_containers_takes_its_tokens() -> None:
    (issuer,) = read_issuers(Path(FILE).with_name("issuers.json"))
    assert issuer.issuer.endswith(f"/realms/{REALM['realm']}")
    assert all(issuer.takes_client(client["clientId"]) for client in REALM["clients"])
    assert all(issuer.speaks_for(officer.organisation) for officer in OFFICERS)
