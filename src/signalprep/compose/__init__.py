"""Pipelines that keep the index, and estimators that run at another rate."""

from signalprep.compose._at_rate import AtRate
from signalprep.compose._fit_on_inliers import FitOnInliers
from signalprep.compose._make_pipeline import make_pipeline
from signalprep.compose._reach import Reach, reach
from signalprep.compose._walk import walk

__all__ = ["AtRate", "FitOnInliers", "Reach", "make_pipeline", "reach", "walk"]
