"""The sign-in of one machine: an OpenID provider on loopback that asks nobody for a password.

In (HTTP): discovery, authorization code with PKCE (S256), client credentials, JWKS, RP-initiated logout. Owns nothing:
codes and sessions live in memory, the key is that of the data folder. Beyond one machine a real provider takes its
place (docs/security.md).
"""
