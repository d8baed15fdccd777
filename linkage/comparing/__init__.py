"""Compares pairs of records field by field: a level of agreement each, and how rare what agrees is."""

from linkage.comparing.comparer import Comparer
from linkage.comparing.level_arrays import MISSING, Compared, Frequencies, Levels

__all__ = ["MISSING", "Compared", "Comparer", "Frequencies", "Levels"]
