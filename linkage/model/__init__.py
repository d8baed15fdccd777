"""The model of a linkage: its parameters, how they are estimated, and the file that keeps them."""

from linkage.model.parameters import UNIQUE, FieldModel, Limits, Model

__all__ = ["UNIQUE", "FieldModel", "Limits", "Model"]
