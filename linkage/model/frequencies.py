"""How common values are, kept in a model that is used where the list at hand says nothing of it."""

from collections.abc import Mapping

import numpy as np

from linkage.features import Codes, Features, Words

MOST = 4_000
"""Values listed per field; all rarer ones count as the rarest listed."""

COMMON, SHARE = 5, 0.001
"""Records that must have a word, and the share that must have a whole value, for it to be listed: what few have could
tell who they are."""


def frequencies(features: Features) -> Mapping[str, Mapping[str, float]]:
    """Per field the share of records with each of its common values; "" for any other value."""
    return {name: _table(feature) for name, feature in features.by_name.items() if isinstance(feature, Words | Codes)}


def _table(feature: Words | Codes) -> dict[str, float]:
    values = feature.words if isinstance(feature, Words) else feature.values
    having = feature.ids[:, 0] if isinstance(feature, Words) else feature.ids
    total = max(1, int((having >= 0).sum()))
    enough = COMMON if isinstance(feature, Words) else max(COMMON, SHARE * total)
    order = np.argsort(-feature.counts, kind="stable")[:MOST]
    listed = [n for n in order if feature.counts[n] >= enough]
    least = feature.counts[listed[-1]] if len(listed) == MOST else 1
    table = {values[n]: round(float(feature.counts[n]) / total, 7) for n in sorted(listed, key=lambda n: values[n])}
    return table | {"": float(least) / total}
