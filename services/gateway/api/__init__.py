"""The HTTPS door: REST for people, CloudEvents for systems without a Kafka client, and a stream of what happens."""
