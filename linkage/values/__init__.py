"""Normalises values: those that mean the same become equal."""
