"""The report of a linkage: one HTML file, in English or Indonesian, that works offline and without scripts."""
