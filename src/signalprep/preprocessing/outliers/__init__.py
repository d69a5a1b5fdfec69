"""Outliers: a judge tells which samples they are, an act puts something in their place."""

from signalprep.preprocessing.outliers._hampel_filter import HampelFilter
from signalprep.preprocessing.outliers._iqr_filter import IQRFilter
from signalprep.preprocessing.outliers._isolation_forest_filter import IsolationForestFilter
from signalprep.preprocessing.outliers._local_outlier_factor_filter import LocalOutlierFactorFilter
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._physical_limits import PhysicalLimits
from signalprep.preprocessing.outliers._residual_filter import ResidualFilter
from signalprep.preprocessing.outliers._signed_codes import SignedCodes
from signalprep.preprocessing.outliers._z_score_filter import ZScoreFilter

__all__ = [
    "HampelFilter",
    "IQRFilter",
    "IsolationForestFilter",
    "LocalOutlierFactorFilter",
    "OutlierFilter",
    "PhysicalLimits",
    "ResidualFilter",
    "SignedCodes",
    "ZScoreFilter",
]
