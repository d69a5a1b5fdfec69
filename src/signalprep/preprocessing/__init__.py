"""Preprocessing: make a raw log fit for a model, one drive cycle at a time."""

from signalprep.preprocessing._decimator import Decimator
from signalprep.preprocessing._hampel_filter import HampelFilter
from signalprep.preprocessing._physical_limits import PhysicalLimits
from signalprep.preprocessing._savitzky_golay_filter import SavitzkyGolayFilter
from signalprep.preprocessing._scaler import Scaler
from signalprep.preprocessing._train_only import TrainOnly

__all__ = [
    "Decimator",
    "HampelFilter",
    "PhysicalLimits",
    "SavitzkyGolayFilter",
    "Scaler",
    "TrainOnly",
]
