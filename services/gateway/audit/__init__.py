"""Keeps the transparency log of disclosures: one sequencer makes batches leaves, and publishes tiles and checkpoint."""
