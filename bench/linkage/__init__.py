"""Measures the linkage without configuration beside hand-written Splink models, on the same lists in one run."""
