#!/bin/sh
# Formats the broker's disk once, with its administrator in it, and becomes the broker.
set -eu
umask 077
here=$(dirname "$0")
home=${KAFKA_HOME:-/opt/kafka}
properties=${PROPERTIES:-/tmp/server.properties}
secrets=${SECRETS:-/run/simpul}
password=$(cat "$secrets/admin.password")
scram=org.apache.kafka.common.security.scram.ScramLoginModule
plain=org.apache.kafka.common.security.plain.PlainLoginModule

cat "$here/kafka.properties" - > "$properties" <<EOF
listener.name.internal.scram-sha-512.sasl.jaas.config=$scram required username="simpul" password="$password";
listener.name.partners.scram-sha-512.sasl.jaas.config=$scram required;
listener.name.controller.plain.sasl.jaas.config=$plain required username="simpul" password="$password" user_simpul="$password";
EOF

# Nobody else sees this command line: a container has its own processes.
"$home/bin/kafka-storage.sh" format --ignore-formatted --cluster-id "$(cat "$secrets/cluster.id")" --config "$properties" \
    --add-scram "SCRAM-SHA-512=[name=simpul,password=$password]"
exec "$home/bin/kafka-server-start.sh" "$properties"
