"""Candidates: which pairs of records are worth comparing, within a bound whatever the lists hold."""

from linkage.blocking.newcomer_blocking import registry_keys
from linkage.blocking.proposing import Candidates, candidates

__all__ = ["Candidates", "candidates", "registry_keys"]
