"""Repeatable measurements, each against a raw floor in the same run."""
