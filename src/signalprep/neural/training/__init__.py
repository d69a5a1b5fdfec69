"""How a network is trained: what the estimators hand over, and what comes back."""

from signalprep.neural.training._batches import Batch, Chunks, Rows, Segment
from signalprep.neural.training._losses import loss_function
from signalprep.neural.training._parameters import (
    check_choice,
    check_share,
    check_shared,
    check_whole,
)
from signalprep.neural.training._torch import check_device, import_torch, on_its_own
from signalprep.neural.training._training import (
    Recipe,
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
    "Recipe",
    "Result",
    "Rows",
    "Segment",
    "batch_loss",
    "check_choice",
    "check_device",
    "check_share",
    "check_shared",
    "check_whole",
    "cut_off",
    "import_torch",
    "loss_function",
    "make_optimizer",
    "on_its_own",
    "row_weights",
    "step",
    "train",
]
