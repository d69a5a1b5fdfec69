"""Splitters that keep drive cycles whole, and what searches and chooses by them."""

from signalprep.model_selection._bayesian_search_cv import BayesianSearchCV
from signalprep.model_selection._cycle_k_fold import CycleKFold
from signalprep.model_selection._cycle_ridge_cv import CycleRidgeCV
from signalprep.model_selection._cycle_shuffle_split import CycleShuffleSplit
from signalprep.model_selection._folds import (
    STUDY,
    Folds,
    as_splitter,
    check_fold_borders,
    check_groups_whole,
    cv_text,
    groups_for,
    listed,
    shared_cycles,
    shared_groups,
    split,
)
from signalprep.model_selection._forward_cycle_split import ForwardCycleSplit
from signalprep.model_selection._near_duplicates import NearDuplicates, group_near_duplicates
from signalprep.model_selection._regime_holdout import RegimeHoldout
from signalprep.model_selection._selection_bias import (
    SelectionBias,
    SelectionBiasWarning,
    selection_bias,
)
from signalprep.model_selection._split_cycles import split_cycles

__all__ = [
    "STUDY",
    "BayesianSearchCV",
    "CycleKFold",
    "CycleRidgeCV",
    "CycleShuffleSplit",
    "Folds",
    "ForwardCycleSplit",
    "NearDuplicates",
    "RegimeHoldout",
    "SelectionBias",
    "SelectionBiasWarning",
    "as_splitter",
    "check_fold_borders",
    "check_groups_whole",
    "cv_text",
    "group_near_duplicates",
    "groups_for",
    "listed",
    "selection_bias",
    "shared_cycles",
    "shared_groups",
    "split",
    "split_cycles",
]
