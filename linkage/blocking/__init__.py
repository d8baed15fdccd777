"""Candidates: which pairs of records are worth comparing, within a bound whatever the lists hold."""

from linkage.blocking.candidate_pairs import Candidates, candidates
from linkage.blocking.newcomer_blocking import registry_keys

__all__ = ["Candidates", "candidates", "registry_keys"]
