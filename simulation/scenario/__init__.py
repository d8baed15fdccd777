"""The story that shows Simpul at work: simulated partners and simulated people."""
