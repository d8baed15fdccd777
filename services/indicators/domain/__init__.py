"""Assessment rounds, the answers of institutions, and who has answered what."""
