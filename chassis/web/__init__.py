"""The HTTP frame of every process: health, metrics, problem+json, operators' routes."""
