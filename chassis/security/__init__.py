"""Key rings, sealing, and the signed principal between processes."""
