"""Pipelines that keep the index, estimators at another rate, on fewer rows, or by regime."""

from signalprep.compose._at_rate import AtRate
from signalprep.compose._conformal_bands import ConformalBands
from signalprep.compose._fit_on_inliers import FitOnInliers
from signalprep.compose._make_pipeline import make_pipeline
from signalprep.compose._per_regime import PerRegime
from signalprep.compose._reach import Reach, reach
from signalprep.compose._walk import walk

__all__ = [
    "AtRate",
    "ConformalBands",
    "FitOnInliers",
    "PerRegime",
    "Reach",
    "make_pipeline",
    "reach",
    "walk",
]
