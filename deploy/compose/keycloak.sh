#!/bin/sh
# Takes Keycloak's passwords from its own volume into the environment, and becomes the server; the realm is imported once.
set -eu
set -a
. /run/simpul/env
set +a
exec /opt/keycloak/bin/kc.sh start --import-realm
