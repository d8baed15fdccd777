"""The exchange: partners' Kafka topics in and out. It has no outbox: input, output with derived ids, acknowledgement, commit."""
