"""Constructed people and a played scenario: what tests, demonstrations and benchmarks run on."""
