"""Splitters that keep drive cycles whole."""

from signalprep.model_selection._cycle_k_fold import CycleKFold
from signalprep.model_selection._cycle_shuffle_split import CycleShuffleSplit
from signalprep.model_selection._forward_cycle_split import ForwardCycleSplit
from signalprep.model_selection._near_duplicates import NearDuplicates, group_near_duplicates
from signalprep.model_selection._regime_holdout import RegimeHoldout
from signalprep.model_selection._split_cycles import split_cycles

__all__ = [
    "CycleKFold",
    "CycleShuffleSplit",
    "ForwardCycleSplit",
    "NearDuplicates",
    "RegimeHoldout",
    "group_near_duplicates",
    "split_cycles",
]
