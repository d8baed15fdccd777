"""The scenario "a departure that goes wrong": simulated people and partners on a running Simpul, and its checks."""
