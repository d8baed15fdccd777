#!/bin/sh
# mongod wants the replica set's key in a file that its own user alone reads.
set -eu
install -o mongodb -g mongodb -m 400 /run/simpul/replica.key /tmp/replica.key
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/replica.key --bind_ip_all
