"""Pipelines that keep the index, estimators at another rate, on fewer rows, or by regime."""

from signalprep.compose._at_rate import AtRate
from signalprep.compose._conformal_bands import ConformalBands
from signalprep.compose._fit_on_inliers import FitOnInliers
from signalprep.compose._inputs import as_binner, check_index_kept
from signalprep.compose._make_pipeline import make_pipeline
from signalprep.compose._per_regime import PerRegime

__all__ = [
    "AtRate",
    "ConformalBands",
    "FitOnInliers",
    "PerRegime",
    "as_binner",
    "check_index_kept",
    "make_pipeline",
]
