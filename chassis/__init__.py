"""Plumbing that every service needs; knows no word of migration."""
