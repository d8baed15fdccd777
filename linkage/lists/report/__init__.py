"""The report of a linkage: one HTML file that opens offline, asks for nothing and runs without scripts."""
