"""Candidates: which pairs of records are worth comparing, within a bound whatever the lists hold."""

from services.registry.matching.candidates.intake import registry_keys
from services.registry.matching.candidates.proposing import Candidates, candidates

__all__ = ["Candidates", "candidates", "registry_keys"]
