"""Dense layers: weights of few bits, every sum exact."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._activations import Codes
from signalprep.embedded.lowering._context import Context, power_of_two
from signalprep.embedded.program import Value

__all__ = ["dense", "weight_steps"]

_BIAS_BITS = 29  # a bias of more coarsens the weights of its row
_ALIKE = 2.0**-10  # of the coarsest row of a layer, whose rows become codes of one step
_FEW = 4  # bits up to which the largest weight may be cut off for the sake of the others
_SHARES = np.linspace(0.3, 1.0, 71)


def dense(
    context: Context,
    codes: Codes,
    weights: np.ndarray,
    bias: np.ndarray,
    bits: int,
    *,
    alike: bool,
) -> tuple[Value, np.ndarray]:
    """Sums of a layer, and the step of each.

    `alike`: all of them become codes of one step, so that no row needs a much finer one.
    """
    most = (1 << (bits - 1)) - 1
    fine = weight_steps(context, weights, bits)
    fine = np.maximum(fine, np.abs(bias) / (codes.step * 2.0**_BIAS_BITS))
    fine = np.maximum(fine, fine.max() * _ALIKE if alike else 0.0)
    if context.options.granularity == "tensor":
        fine = np.full_like(fine, fine.max())
    fine[fine == 0.0] = 1.0
    if context.options.power_of_two:
        fine = np.array([power_of_two(one) for one in fine])
    exact = weights / fine[:, None]
    whole = np.clip(np.round(exact), -most, most).astype(np.int64)
    constant = bias / (codes.step * fine) + exact @ codes.rest
    start = np.round(constant).astype(np.int64) - codes.zero * whole.sum(axis=1)
    return context.builder.dot(codes.value, whole, start), codes.step * fine


def weight_steps(context: Context, weights: np.ndarray, bits: int) -> np.ndarray:
    """The step of the weights of each row.

    At which the largest one has the greatest code; with few bits, or where ranges are asked for by
    least squares, the one with the least squared error, which may cut off the largest.
    """
    most = (1 << (bits - 1)) - 1
    largest = np.abs(weights).max(axis=1) / most
    if bits > _FEW and context.options.ranges != "mse":
        return largest
    steps = largest[:, None] * _SHARES
    safe = np.where(steps > 0.0, steps, 1.0)[:, :, None]
    codes = np.clip(np.round(weights[:, None, :] / safe), -most, most)
    errors = np.square(codes * safe - weights[:, None, :]).sum(axis=2)
    return np.asarray(steps[np.arange(len(steps)), errors.argmin(axis=1)])
