"""Losses of scaled predictions, by row and target."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from signalprep.neural.training._torch import import_torch

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LOSSES", "loss_function"]

LOSSES = ("squared_error", "absolute_error", "huber", "quantile")


def loss_function(
    name: str, huber_delta: float, quantile: float
) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of each value, from predictions and targets of one shape.

    Parameters
    ----------
    name : str
        One of `LOSSES`.
    huber_delta : float
        Where Huber's loss goes over from square to line.
    quantile : float
        Which quantile "quantile" estimates.
    """
    torch = import_torch()
    functional = torch.nn.functional
    if name == "squared_error":
        return lambda found, wanted: (found - wanted) ** 2
    if name == "absolute_error":
        return lambda found, wanted: (found - wanted).abs()
    if name == "huber":
        return lambda found, wanted: functional.huber_loss(
            found, wanted, reduction="none", delta=huber_delta
        )
    return lambda found, wanted: torch.maximum(
        quantile * (wanted - found), (quantile - 1.0) * (wanted - found)
    )
