"""Gates and candidates of a recurrent layer, from what goes in and comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.neural.training._torch import import_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["gates"]


def gates(cell: nn.Module, x: Tensor, before: Any, after: Tensor) -> Tensor:
    """All values of a layer that are bound, between -1 and 1, (batch, length, n * size).

    Parameters
    ----------
    cell : torch.nn.GRU, LSTM or RNN
        Of one layer, batch first.
    x : Tensor of shape (batch, length, n_inputs)
        Its inputs.
    before : Tensor of shape (1, batch, size), or tuple of two
        Its state before the first row.
    after : Tensor of shape (batch, length, size)
        What it puts out.

    Notes
    -----
    A gate g in (0, 1) comes as 2 g - 1. The state after a row is what the layer puts out, so no row
    has to be run again.
    """
    torch = import_torch()
    functional = torch.nn.functional
    start = before[0] if isinstance(before, tuple) else before
    with torch.no_grad():
        last = torch.cat([start.transpose(0, 1), after[:, :-1]], dim=1)
        given = functional.linear(x, cell.weight_ih_l0, cell.bias_ih_l0)
        held = functional.linear(last, cell.weight_hh_l0, cell.bias_hh_l0)
        if isinstance(cell, torch.nn.RNN):
            return after.detach()
        if isinstance(cell, torch.nn.LSTM):
            put_in, forget, candidate, put_out = (given + held).chunk(4, -1)
            opened = torch.sigmoid(torch.cat([put_in, forget, put_out], -1))
            return torch.cat([2.0 * opened - 1.0, torch.tanh(candidate)], -1)
        reset, update, candidate = zip(given.chunk(3, -1), held.chunk(3, -1), strict=True)
        reset, update = (torch.sigmoid(sum(parts)) for parts in (reset, update))
        new = torch.tanh(candidate[0] + reset * candidate[1])
        return torch.cat([2.0 * reset - 1.0, 2.0 * update - 1.0, new], -1)
