"""How common values are, for a model that is used where the data at hand do not show it."""

from collections.abc import Mapping

import numpy as np

from linkage.features import Codes, Features, Words

MOST_VALUES = 4_000
"""Values listed per field; rarer ones are taken to be as rare as the rarest that is listed."""

FEWEST_RECORDS, SMALLEST_SHARE = 5, 0.001
"""Records that a word must have, and the share of records that a whole value must have, to be listed: values of fewer
records could tell who somebody is."""


def common_values(features: Features) -> Mapping[str, Mapping[str, float]]:
    """Per field the share of records with each of its common values; "" stands for any other value."""
    return {name: _table(feature) for name, feature in features.by_name.items() if isinstance(feature, Words | Codes)}


def _table(feature: Words | Codes) -> dict[str, float]:
    values = feature.words if isinstance(feature, Words) else feature.values
    first = feature.ids[:, 0] if isinstance(feature, Words) else feature.ids
    records = max(1, int((first >= 0).sum()))
    needed = FEWEST_RECORDS if isinstance(feature, Words) else max(FEWEST_RECORDS, SMALLEST_SHARE * records)
    most_common = np.argsort(-feature.counts, kind="stable")[:MOST_VALUES]
    listed = [n for n in most_common if feature.counts[n] >= needed]
    least = feature.counts[listed[-1]] if len(listed) == MOST_VALUES else 1
    table = {values[n]: round(float(feature.counts[n]) / records, 7) for n in sorted(listed, key=lambda n: values[n])}
    return table | {"": float(least) / records}
