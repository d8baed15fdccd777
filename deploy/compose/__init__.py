"""Simpul in containers: the passwords and keys of an installation, and what its servers need before services start."""
