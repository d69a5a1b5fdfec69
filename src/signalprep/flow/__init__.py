"""What an estimator is made of, asked in one place, and what follows from it."""

from signalprep.flow import _scikit_learn, _signal_steps  # noqa: F401  register their composites
from signalprep.flow._before_model import (
    BeforeModel,
    Prepared,
    before_model,
    target_at,
)
from signalprep.flow._fit_rows import fit_rows, summed_to, taken
from signalprep.flow._nodes import (
    Branch,
    Branches,
    Chain,
    Handed,
    Leaf,
    Node,
    Opaque,
    Slow,
    below,
    check_node,
    frozen_in,
    inside,
    is_fitted,
)
from signalprep.flow._passing import Passed, Stage, dense, passing
from signalprep.flow._reach import Reach, reach, reach_of
from signalprep.flow._steps import Step, steps_of
from signalprep.flow._tree import handed, handed_to_best, tree
from signalprep.flow._walk import walk
from signalprep.flow._weights import as_weights, weight_params
from signalprep.flow._with_model import holds_own_steps, with_model

__all__ = [
    "BeforeModel",
    "Branch",
    "Branches",
    "Chain",
    "Handed",
    "Leaf",
    "Node",
    "Opaque",
    "Passed",
    "Prepared",
    "Reach",
    "Slow",
    "Stage",
    "Step",
    "as_weights",
    "before_model",
    "below",
    "check_node",
    "dense",
    "fit_rows",
    "frozen_in",
    "handed",
    "handed_to_best",
    "holds_own_steps",
    "inside",
    "is_fitted",
    "passing",
    "reach",
    "reach_of",
    "steps_of",
    "summed_to",
    "taken",
    "target_at",
    "tree",
    "walk",
    "weight_params",
    "with_model",
]
