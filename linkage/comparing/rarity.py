"""How rare values are: by counting them in the list, or by a model that counted them elsewhere."""

import numpy as np

from linkage.comparing.level_arrays import Floats, Frequencies
from linkage.features import Codes, Dates, Features, Ints

UNSEEN = 1e-5
"""Share of a value that a table of frequencies says nothing of."""


class Rarities:
    """By feature: bits per single word or code, and how often words go together."""

    def __init__(self, features: Features, known: Frequencies) -> None:
        self._features, self._known = features, known
        self.of = {name: self._single(name) for name in features.by_name}
        self.most = {name: self._most(name, bits) for name, bits in self.of.items()}
        self.together = {name: self._together(name) for name in features.by_name}

    def _single(self, name: str) -> Floats:
        feature = self._features.by_name[name]
        if isinstance(feature, Dates):
            return np.zeros(0, dtype=np.float32)
        if self._known:
            table = self._known.get(name, {})
            unseen = table.get("", UNSEEN)
            values = feature.values if isinstance(feature, Codes) else feature.words
            share = np.array([table.get(value, unseen) for value in values] or [1.0])
        else:
            share = np.maximum(feature.counts, 1) / max(1, self._features.size)
        return np.asarray(-np.log2(share), dtype=np.float32)

    def _most(self, name: str, bits: Floats) -> float:
        """What the rarest value tells: of a table, whoever else is compared."""
        if self._known:
            return float(-np.log2(self._known.get(name, {}).get("", UNSEEN)))
        return float(bits.max(initial=0.0))

    def _together(self, name: str) -> Ints:
        """In how many records the words of each set stand together, and no others.

        They are more common than each by itself lets expect. Empty where a table is all there is.
        """
        feature = self._features.words(name)
        if feature is None or self._known:
            return np.zeros(0, dtype=np.int32)
        return np.bincount(feature.whole[feature.whole >= 0]).astype(np.int32)
