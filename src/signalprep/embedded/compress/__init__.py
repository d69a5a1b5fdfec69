"""Smaller models, judged by regime against what they cost on a controller."""

from signalprep.embedded.compress._compression_sweep import compression_sweep
from signalprep.embedded.compress._sweep_result import CompressionSweep

__all__ = ["CompressionSweep", "compression_sweep"]
