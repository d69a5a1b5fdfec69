"""Features: what the controller's signals say about the machine."""

from signalprep.features._clarke_transformer import ClarkeTransformer
from signalprep.features._exponential_features import ExponentialFeatures
from signalprep.features._park_transformer import ParkTransformer

__all__ = ["ClarkeTransformer", "ExponentialFeatures", "ParkTransformer"]
