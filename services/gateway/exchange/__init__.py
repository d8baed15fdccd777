"""The exchange, partners' Kafka topics in and out: input, output with derived ids, acknowledgement, commit."""
