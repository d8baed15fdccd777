"""Blocking: which pairs of records are worth comparing, within a budget of pairs whatever the lists hold."""

from linkage.blocking.candidate_pairs import CandidatePairs, propose_pairs
from linkage.blocking.newcomer_blocking import registry_keys

__all__ = ["CandidatePairs", "propose_pairs", "registry_keys"]
