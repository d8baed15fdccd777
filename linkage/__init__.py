"""Record linkage: tells which records are of one person. Pure: columns of people in, pairs with explained weights
out."""
