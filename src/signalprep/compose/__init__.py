"""Pipelines that keep the index, and estimators that run at another rate."""

from signalprep.compose._at_rate import AtRate
from signalprep.compose._make_pipeline import make_pipeline
from signalprep.compose._reach import Reach, reach

__all__ = ["AtRate", "Reach", "make_pipeline", "reach"]
