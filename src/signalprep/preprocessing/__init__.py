"""Preprocessing: make a raw log fit for a model, one drive cycle at a time."""

from signalprep.preprocessing._decimator import Decimator
from signalprep.preprocessing._detrender import Detrender
from signalprep.preprocessing._iqr_filter import IQRFilter
from signalprep.preprocessing._isolation_forest_filter import IsolationForestFilter
from signalprep.preprocessing._kalman_filter import KalmanFilter
from signalprep.preprocessing._local_outlier_factor_filter import LocalOutlierFactorFilter
from signalprep.preprocessing._physical_limits import PhysicalLimits
from signalprep.preprocessing._residual_filter import ResidualFilter
from signalprep.preprocessing._savitzky_golay_filter import SavitzkyGolayFilter
from signalprep.preprocessing._scaler import Scaler
from signalprep.preprocessing._signed_codes import SignedCodes
from signalprep.preprocessing._train_only import TrainOnly
from signalprep.preprocessing._z_score_filter import ZScoreFilter
from signalprep.preprocessing.outliers import HampelFilter

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
