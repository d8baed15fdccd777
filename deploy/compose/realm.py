"""The realm that Keycloak imports: organisations, functions, roles, clients, and the story's constructed people.

`python -m deploy.compose.realm` writes realm.json anew. Passwords and secrets are not in it: Keycloak takes them from
its environment (SIMPUL_PEOPLE_PASSWORD, SIMPUL_SYSTEM_SECRET).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from contracts import codes
from contracts.authority import OPERATOR, PLATFORM, ROLES
from deploy.local.tokens import AUDIENCE
from simulation.scenario.officers import OFFICERS, Officer
from simulation.scenario.participants import SYSTEMS

FILE = Path(__file__).with_name("realm.json")
REALM = "simpul"
ACCESS_SECONDS = 900
PURPOSES = (
    "consular_protection", "emergency_protection", "identity_stewardship", "local_services", "migration_governance",
    "migration_governance_indicators", "official_statistics", "placement_and_protection", "social_security",
)  # fmt: skip
"""Each is a scope that an application may ask for, `purpose:NAME`, and then stands in the token."""
ROLES_CLAIM = {
    "claim.name": "roles", "multivalued": "true", "jsonType.label": "String", "access.token.claim": "true",
}  # fmt: skip
CALLBACKS = {
    "simpul-dashboard": ("https://localhost:8080/login/callback", "http://127.0.0.1:18080/login/callback"),
    "simpul-cli": ("http://127.0.0.1/callback",),  # any port: RFC 8252 section 7.3
}
OPENED_AFTER_LOGOUT = "https://localhost:8080/logged-out##http://127.0.0.1:18080/logged-out"


def realm() -> dict[str, Any]:
    """As Keycloak 26 imports it."""
    organisations = sorted({officer.organisation for officer in OFFICERS} | set(SYSTEMS))
    return {
        "realm": REALM,
        "enabled": True,
        "displayName": "Simpul",
        "sslRequired": "external",
        "registrationAllowed": False,
        "bruteForceProtected": True,
        "accessTokenLifespan": ACCESS_SECONDS,
        "ssoSessionIdleTimeout": 1800,
        "ssoSessionMaxLifespan": 36_000,
        "defaultSignatureAlgorithm": "RS256",
        "roles": {"realm": [*_roles(), {"name": OPERATOR, "description": "looks after the platform"}]},
        "groups": [_group(code) for code in organisations],
        "users": [_person(officer) for officer in OFFICERS],
        "clientScopes": _scopes(),
        "defaultDefaultClientScopes": ["basic", "profile"],
        "defaultOptionalClientScopes": [f"purpose:{name}" for name in PURPOSES],
        "clients": [*map(_application, CALLBACKS), *map(_system, SYSTEMS)],
        "components": {"org.keycloak.userprofile.UserProfileProvider": [_user_profile()]},
    }


def _roles() -> list[dict[str, Any]]:
    return [{"name": name, "description": role.purpose} for name, role in ROLES.items()]


def _group(code: str) -> dict[str, Any]:
    """An organisation: its people are members, and their tokens take its code from it."""
    functions = [] if code == PLATFORM else sorted(codes.organisations()[code].roles)
    return {"name": code, "attributes": {"organisation": [code], "functions": functions}}


def _person(officer: Officer) -> dict[str, Any]:
    first, _, last = officer.name.partition(" ")
    return {
        "username": officer.username,
        "enabled": True,
        "firstName": first,
        "lastName": last or first,
        "email": f"{officer.username}@simpul.example",
        "emailVerified": True,
        "groups": [f"/{officer.organisation}"],
        "realmRoles": list(officer.roles),
        "credentials": [{"type": "password", "value": "${SIMPUL_PEOPLE_PASSWORD}", "temporary": False}],
    }


def _user_profile() -> dict[str, Any]:
    """Nobody gives himself an organisation: only an administrator writes what the form does not name."""
    everybody = {"view": ["admin", "user"], "edit": ["admin", "user"]}
    names = ("username", "email", "firstName", "lastName")
    profile = {
        "attributes": [{"name": name, "permissions": everybody} for name in names],
        "unmanagedAttributePolicy": "ADMIN_EDIT",
    }
    return {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [json.dumps(profile)]}}


def _scopes() -> list[dict[str, Any]]:
    basic = [_mapper("sub", "oidc-sub-mapper", {"access.token.claim": "true"})]
    profile = [_claim("username", "oidc-usermodel-attribute-mapper", "preferred_username", id_token=True)]
    purposes = [
        {
            **_scope(f"purpose:{name}", [_fixed("purpose", name)]),
            "description": f"The token may be used for {name.replace('_', ' ')}.",
        }
        for name in PURPOSES
    ]
    return [_scope("basic", basic), _scope("profile", profile), *purposes]


def _scope(name: str, mappers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name, "protocol": "openid-connect", "protocolMappers": mappers,
        "attributes": {"include.in.token.scope": "true", "display.on.consent.screen": "false"},
    }  # fmt: skip


def _application(client: str) -> dict[str, Any]:
    """A public client; without PKCE (S256) it signs nobody in."""
    return {
        "clientId": client,
        "enabled": True,
        "publicClient": True,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": True,
        "redirectUris": list(CALLBACKS[client]),
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": OPENED_AFTER_LOGOUT if client == "simpul-dashboard" else "-",
        },
        "protocolMappers": [
            _claim("organisation", "oidc-usermodel-attribute-mapper", "organisation"),
            _mapper("roles", "oidc-usermodel-realm-role-mapper", ROLES_CLAIM),
            _fixed("client_kind", "person"),
            _audience(),
        ],
    }  # fmt: skip


def _system(code: str) -> dict[str, Any]:
    """A partner's system: it fetches its own tokens with its secret, and speaks for its institution."""
    return {
        "clientId": f"system-{code.lower()}",
        "enabled": True,
        "publicClient": False,
        "secret": "${SIMPUL_SYSTEM_SECRET}-" + code.lower(),
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": False,
        "protocolMappers": [_fixed("organisation", code), _fixed("client_kind", "system"), _audience()],
    }


def _mapper(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}


def _claim(attribute: str, kind: str, claim: str, *, id_token: bool = False) -> dict[str, Any]:
    config = {
        "user.attribute": attribute, "claim.name": claim, "jsonType.label": "String", "access.token.claim": "true",
        "id.token.claim": str(id_token).lower(), "userinfo.token.claim": "false",
    }  # fmt: skip
    return _mapper(claim, kind, config)


def _fixed(claim: str, value: str) -> dict[str, Any]:
    config = {
        "claim.name": claim, "claim.value": value, "jsonType.label": "String", "access.token.claim": "true",
        "id.token.claim": "false",
    }  # fmt: skip
    return _mapper(claim, "oidc-hardcoded-claim-mapper", config)


def _audience() -> dict[str, Any]:
    config = {"included.custom.audience": AUDIENCE, "access.token.claim": "true", "id.token.claim": "false"}
    return _mapper("audience", "oidc-audience-mapper", config)


def rendered() -> str:
    """The file's text."""
    return json.dumps(realm(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}\n")
