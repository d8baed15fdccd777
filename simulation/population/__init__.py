"""Test populations: constructed people, the records that institutions keep of them, and the true person of each
record."""
