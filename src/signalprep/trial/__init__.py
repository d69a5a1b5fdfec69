"""What fits a model on some cycles and tests it on others: data, folds, guards, cases."""

from signalprep.trial._case import Case
from signalprep.trial._data import check_data
from signalprep.trial._folds import FoldResult, check_weights, run_folds
from signalprep.trial._guards import (
    ROUNDINGS,
    fitted_on,
    fitted_without_index,
    nudged,
    warn_of_frozen,
)
from signalprep.trial._lost_index import losing_steps, naming_lost_index
from signalprep.trial._missing import naming_missing
from signalprep.trial._nested import nested_inflation
from signalprep.trial._omit import as_omitted, check_omitted, fit_on
from signalprep.trial._regime_labels import cell_names, extrapolated, label_regimes
from signalprep.trial._settings import one_line
from signalprep.trial._split_model import SplitModel, split_model
from signalprep.trial._steps import steps_table, told_steps
from signalprep.trial._target_copies import check_inputs, names_given
from signalprep.trial._task import Task
from signalprep.trial._tasks import task_for
from signalprep.trial._threads import one_thread
from signalprep.trial._vote import Vote, check_one_truth, most_common_cell, mostly, vote_for
