"""Causal Savitzky-Golay filters: a filter for every length of the window until it is full."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._savgol import DERIV, TAPS, WINDOW
from signalprep._kernels._savgol_causal import SAVGOL
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced
from signalprep.embedded.lowering._fading import (
    CHANNEL_BITS,
    FRACTION,
    STEEP_BITS,
    fraction_of,
)
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.lowering._weights import bits_below, whole_weights
from signalprep.embedded.lowering._widths import apart

__all__: list[str] = []

_TAP_BITS = 30


@lowers_kernel(SAVGOL)
@apart
def _savgol(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Outputs are off by half their own step; weights, of 30 bits, add far less.

    That step is a 64th of what one step of the input makes of the output at most, once the window
    is full, to a power of two: a 64th of a step where nothing is differentiated. A constant stays
    itself, and its derivative is 0. While the window grows, its filters are those of the float
    step, too.
    """
    builder, at, params = context.builder, plan.channels, plan.params[0]
    if len(at) == 0:
        return channels
    window, deriv = int(params[WINDOW]), int(params[DERIV])
    ends = np.cumsum(np.arange(1, window + 1))
    rows = np.split(params[TAPS : TAPS + ends[-1]], ends[:-1])
    flash = 4 * int(ends[-1])
    if flash > context.options.most_flash:
        context.refuse(
            step,
            f"its window grows to {window} samples, and the filters for all lengths take {flash} "
            f"bytes, more than {context.options.most_flash}; lower the rate first (AtRate)",
        )
    largest = bits_below(max(np.abs(row).max() for row in rows))
    shift = _TAP_BITS - largest
    whole = [whole_weights(row, shift) for row in rows]
    low, high = (end[at] for end in context.proven(channels.value))
    reach = max(int(np.abs(row).sum()) for row in whole) * int(np.maximum(-low, high).max())
    finest = FRACTION - bits_below(np.abs(rows[-1]).max())
    bits = STEEP_BITS if deriv else CHANNEL_BITS
    fraction = fraction_of(reach / 2.0**shift, finest, bits)
    x = builder.gather((channels.value, at))
    windows = [builder.window(builder.gather((x, k)), window) for k in range(len(at))]
    place = builder.subtract(builder.count(window), builder.const(1))
    sums = builder.bank(windows, place, whole)
    value = builder.shift(sums, shift - fraction)
    offset = 0.0 if deriv else channels.offset[at]
    names = [channels.names[k] for k in at]
    made = channels.made(value, lsb=channels.lsb[at] / 2.0**fraction, offset=offset, names=names)
    return replaced(context, channels, at, made)
