"""Plumbing that every service needs; knows no word of migration."""

__version__ = "0.1.0"
"""Of all of Simpul; pyproject.toml reads it here."""
