"""Clusters: which linked records are one person, and which must not be joined."""
