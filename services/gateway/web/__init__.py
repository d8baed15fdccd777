"""The coordinators' web: pages over /v1, and over nothing else (docs/web.md).

In: a browser's requests, and a provider's answers (OpenID Connect). Out: requests to /v1 in this process, each with the
token of whoever is signed in. Owns: sessions, sealed, in the gateway's database (`store.web_sessions`).
"""
