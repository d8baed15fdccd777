"""Kafka in and out: consumers, retry, dead letters, publication, retention."""
