"""Repeatable measurements, each against the raw floor in the same run."""
