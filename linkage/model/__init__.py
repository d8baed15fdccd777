"""The model of a linkage: its parameters, how they are estimated, and the file that keeps them."""

from linkage.model.parameters import LARGEST_RARITY, FieldModel, Model, Thresholds

__all__ = ["LARGEST_RARITY", "FieldModel", "Model", "Thresholds"]
