"""How a service processes commands: one batch, one transaction, one outcome each."""
