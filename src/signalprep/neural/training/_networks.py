"""The networks as torch modules, for training only. Imported where torch is there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["FeedForward", "Recurrent"]

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}
CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

State = list[tuple[Tensor, ...]]


class FeedForward(nn.Module):
    """Dense layers, each with layer norm if asked for, activation and dropout; a linear output."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        sizes: Sequence[int],
        activation: str,
        dropout: float,
        layer_norm: bool,
    ) -> None:
        super().__init__()
        widths = [n_in, *sizes]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.norms = nn.ModuleList(nn.LayerNorm(size) for size in sizes) if layer_norm else None
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(widths[-1], n_out)

    def forward(self, x: Tensor, state: None = None) -> tuple[Tensor, None]:
        for k, layer in enumerate(self.layers):
            x = layer(x)
            if self.norms is not None:
                x = self.norms[k](x)
            x = self.dropout(self.activation(x))
        return self.out(x), None


class Recurrent(nn.Module):
    """Recurrent layers; the output is linear in the last state and in the inputs.

    The state before the first row is a learned map of that row, or zero.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        cell: str,
        size: int,
        n_layers: int,
        dropout: float,
        layer_norm: bool,
        learned: bool,
    ) -> None:
        super().__init__()
        widths = [n_in, *[size] * (n_layers - 1)]
        self.cells = nn.ModuleList(CELLS[cell](width, size, batch_first=True) for width in widths)
        self.parts = 2 if cell == "lstm" else 1
        self.size = size
        self.starts = (
            nn.ModuleList(nn.Linear(n_in, self.parts * size) for _ in widths) if learned else None
        )
        self.norm = nn.LayerNorm(size) if layer_norm else None
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(size, n_out)
        self.direct = nn.Linear(n_in, n_out, bias=False)
        nn.init.zeros_(self.direct.weight)

    def start(self, first: Tensor) -> State:
        """State before the first row, from that row (batch, n_in)."""
        if self.starts is None:
            zero = first.new_zeros(1, len(first), self.size)
            return [(zero,) * self.parts for _ in self.cells]
        return [
            tuple(part[None].contiguous() for part in torch.tanh(start(first)).chunk(self.parts, 1))
            for start in self.starts
        ]

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        state = self.start(x[:, 0]) if state is None else state
        direct, after = self.direct(x), []
        for cell, before in zip(self.cells, state, strict=True):
            x, h = cell(x, before if self.parts == 2 else before[0])
            after.append(h if self.parts == 2 else (h,))
            if cell is not self.cells[-1]:
                x = self.dropout(x)
        if self.norm is not None:
            x = self.norm(x)
        return self.out(self.dropout(x)) + direct, after
