"""Compares pairs of records field by field: a comparison level each, and how rare the value is on which they agree."""

from linkage.comparing.comparer import Comparer
from linkage.comparing.level_arrays import MISSING, Comparisons, Frequencies, Levels

__all__ = ["MISSING", "Comparer", "Comparisons", "Frequencies", "Levels"]
