"""How a network is trained: what the estimators hand over, and what comes back."""

from signalprep.neural.training._batches import Batch, Chunks, Rows, Segment
from signalprep.neural.training._held_out import Parts, hold_out
from signalprep.neural.training._parameters import (
    check_choice,
    check_number,
    check_recipe,
    check_whole,
)
from signalprep.neural.training._recipe import Recipe
from signalprep.neural.training._torch import check_device, import_torch, on_its_own
from signalprep.neural.training._training import (
    Course,
    Result,
    batch_loss,
    cut_off,
    make_optimizer,
    step,
    train,
)
from signalprep.neural.training._weights import row_weights

__all__ = [
    "Batch",
    "Chunks",
    "Course",
    "Parts",
    "Recipe",
    "Result",
    "Rows",
    "Segment",
    "batch_loss",
    "check_choice",
    "check_device",
    "check_number",
    "check_recipe",
    "check_whole",
    "cut_off",
    "hold_out",
    "import_torch",
    "make_optimizer",
    "on_its_own",
    "row_weights",
    "step",
    "train",
]
