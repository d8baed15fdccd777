"""The transparency log of disclosures: leaves, Merkle tree (RFC 6962), tiles and checkpoints (C2SP). Pure."""
