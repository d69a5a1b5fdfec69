"""Splitters that keep drive cycles whole."""

from signalprep.model_selection._cycle_k_fold import CycleKFold

__all__ = ["CycleKFold"]
