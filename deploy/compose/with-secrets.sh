#!/bin/sh
# Takes this container's passwords from its own volume into the environment, and becomes the command.
set -eu
set -a
. /run/simpul/env
set +a
exec "$@"
