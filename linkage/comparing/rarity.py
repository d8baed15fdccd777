"""How rare values are, in bits: counted in the list itself, or taken from a model that counted them elsewhere."""

import numpy as np

from linkage.comparing.level_arrays import Floats, Frequencies
from linkage.features import Codes, Dates, Features, Ints

UNSEEN = 1e-5
"""Share assumed of a value about which a table of frequencies says nothing."""


class Rarity:
    """By feature. `bits[name][k]` is the rarity of the feature's k-th word or value, `largest[name]` that of the
    rarest.

    `set_counts[name][k]` counts the records whose words are exactly the k-th set of words, which are more than the
    rarity of each word lets expect; it is empty where the frequencies come from a model.
    """

    def __init__(self, features: Features, frequencies: Frequencies) -> None:
        self._features, self._frequencies = features, frequencies
        self.bits = {name: self._bits(name) for name in features.by_name}
        self.largest = {name: self._largest(name, bits) for name, bits in self.bits.items()}
        self.set_counts = {name: self._set_counts(name) for name in features.by_name}

    def _bits(self, name: str) -> Floats:
        feature = self._features.by_name[name]
        if isinstance(feature, Dates):
            return np.zeros(0, dtype=np.float32)
        if self._frequencies:
            table = self._frequencies.get(name, {})
            unseen = table.get("", UNSEEN)
            values = feature.values if isinstance(feature, Codes) else feature.words
            share = np.array([table.get(value, unseen) for value in values] or [1.0])
        else:
            share = np.maximum(feature.counts, 1) / max(1, self._features.size)
        return np.asarray(-np.log2(share), dtype=np.float32)

    def _largest(self, name: str, bits: Floats) -> float:
        """With frequencies from a model this does not depend on who else is compared."""
        if self._frequencies:
            return float(-np.log2(self._frequencies.get(name, {}).get("", UNSEEN)))
        return float(bits.max(initial=0.0))

    def _set_counts(self, name: str) -> Ints:
        feature = self._features.words(name)
        if feature is None or self._frequencies:
            return np.zeros(0, dtype=np.int32)
        return np.bincount(feature.sets[feature.sets >= 0]).astype(np.int32)
