"""Known once: tells which records are the same person. Pure: columns in, pairs with explained weights out."""
