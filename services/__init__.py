"""The four services: registry, indicators, notifications and gateway."""
