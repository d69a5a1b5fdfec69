"""High-pass filters: sections whose states are plain sums, so that little is ever rounded.

A section g (z - 1)^2 / (z^2 + a1 z + a2) is, with d = z - 1, g d^2 / (d^2 + c1 d + c0), where c1 =
2 + a1 and c0 = 1 + a1 + a2. Its output and states are

    y = g v - c1 p - c0 q,    p <- p + y,    q <- q + p,

so what is rounded in y is filtered as the signal is, however slow the section; in its usual form
it would be amplified by 1 / c0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from scipy.signal import lfilter

from signalprep._base import Plan
from signalprep._kernels._highpass import HIGHPASS
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced
from signalprep.embedded.lowering._fading import FRACTION, fraction_of
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.lowering._weights import bits_below, shares
from signalprep.embedded.lowering._widths import apart
from signalprep.embedded.program import Value

__all__: list[str] = []

_SUM_BITS, _OUT_BITS = 60, 30
_SPARE = 1.001  # what rounding adds to the bounds of states is far less
_LONGEST = 1 << 23  # samples of a response that are looked at


class _Section(NamedTuple):
    """Gain and weights of the sums, with what output and sums reach for inputs of 1 at most."""

    gain: Fraction
    weights: list[Fraction]
    reaches: list[float]


@lowers_kernel(HIGHPASS)
@apart
def _highpass(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Outputs are off by a 50th of a step of the input at most; a constant gives 0."""
    builder, at = context.builder, plan.channels
    if len(at) == 0:
        return channels
    low, high = (ends[at] for ends in context.proven(channels.value))
    span = int((high - low).max())
    sections = _sections(step.sections_, min(4 * step.memory_ + 100, _LONGEST))
    largest = bits_below(span * max(one.reaches[0] for one in sections))
    slowest = bits_below(span * max(max(one.reaches) for one in sections))
    fraction = min(_OUT_BITS - largest, _SUM_BITS - slowest)
    if span >= 1 << (_OUT_BITS - 2):
        context.refuse(step, f"a channel of more than {_OUT_BITS - 2} bits")
    if fraction < min(FRACTION + 2, _OUT_BITS - largest):
        context.refuse(
            step,
            f"cutoff={step.cutoff:g} Hz is too low for its states in 64 bits; raise it, or lower "
            "the rate first (AtRate)",
        )
    x = builder.gather((channels.value, at))
    start = builder.hold(x, builder.first(), low)
    y, bits = builder.subtract(x, start), 0
    for section in sections:
        y = _filtered(context, y, section, span, (bits, fraction))
        bits = fraction
    names = [channels.names[k] for k in at]
    given = min(fraction, fraction_of(2.0**largest))
    value = builder.shift(y, fraction - given)
    made = channels.made(value, channels.lsb[at] / 2.0**given, 0.0, names)
    return replaced(context, channels, at, made)


def _filtered(
    context: Context, v: Value, section: _Section, span: int, bits: tuple[int, int]
) -> Value:
    """The output of a section; `bits` behind the point of its input and of its output."""
    builder = context.builder
    given, fraction = bits
    ends = [int(span * reach * _SPARE * 2.0**fraction) + 64 for reach in section.reaches]
    sums = [builder.state(v.size, low=-end, high=end) for end in ends[1:]]
    y = shares(context, v, section.gain, fraction - given)
    for total, weight in zip(sums, section.weights, strict=True):
        y = builder.subtract(y, shares(context, total, weight))
    y = builder.clamp(y, -ends[0], ends[0])
    added = y
    for total, end in zip(sums, ends[1:], strict=True):
        builder.follow(total, builder.clamp(builder.add(total, added), -end, end))
        added = total
    return y


def _sections(sos: np.ndarray, n: int) -> list[_Section]:
    """Sections in the form of sums; `n` samples of their responses tell how far they reach."""
    wave = np.zeros(n)
    wave[0] = 1.0
    found = []
    for row in sos:
        gain, a = row[0], row[3:]
        a1, a2 = Fraction(a[1]), Fraction(a[2])
        second = row[2] != 0.0
        weights = [2 + a1, 1 + a1 + a2] if second else [1 + a1]
        a = a if second else a[:2]
        reading = [[1.0, -2.0, 1.0], [0.0, 1.0, -1.0], [0.0, 0.0, 1.0]]
        reading = reading if second else [[1.0, -1.0], [0.0, 1.0]]
        waves = [lfilter(np.multiply(gain, one), a, wave) for one in reading]
        found.append(_Section(Fraction(gain), weights, [float(np.abs(w).sum()) for w in waves]))
        wave = waves[0]
    return found
