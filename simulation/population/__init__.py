"""Test populations: constructed people, the records that institutions keep of them, and who is who."""
