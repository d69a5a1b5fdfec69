"""Preprocessing: make a raw log fit for a model, one drive cycle at a time."""

from signalprep.preprocessing._decimator import Decimator
from signalprep.preprocessing._detrender import Detrender
from signalprep.preprocessing._kalman_filter import KalmanFilter
from signalprep.preprocessing._savitzky_golay_filter import SavitzkyGolayFilter
from signalprep.preprocessing._scaler import Scaler
from signalprep.preprocessing._train_only import TrainOnly
from signalprep.preprocessing.outliers import (
    HampelFilter,
    IQRFilter,
    IsolationForestFilter,
    LocalOutlierFactorFilter,
    PhysicalLimits,
    ResidualFilter,
    SignedCodes,
    ZScoreFilter,
)

__all__ = [
    "Decimator",
    "Detrender",
    "HampelFilter",
    "IQRFilter",
    "IsolationForestFilter",
    "KalmanFilter",
    "LocalOutlierFactorFilter",
    "PhysicalLimits",
    "ResidualFilter",
    "SavitzkyGolayFilter",
    "Scaler",
    "SignedCodes",
    "TrainOnly",
    "ZScoreFilter",
]
