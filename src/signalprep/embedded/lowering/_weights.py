"""Weights as whole numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from signalprep.embedded.lowering._context import Context
from signalprep.embedded.program import Value, bits_of

__all__ = ["bits_below", "shares", "whole_weights"]

_FACTOR_BITS = 31


def whole_weights(weights: np.ndarray, shift: int) -> np.ndarray:
    """``weights * 2**shift``, rounded so that the sum is the rounded sum.

    So a filter that keeps a constant does so as whole numbers, and one that gives 0 for it, too.
    What is missing goes to those that were rounded farthest away; of weights that are the same
    backwards, in equal parts to both sides, and what is then left to the middle.
    """
    exact = np.asarray(weights, dtype=np.longdouble) * np.longdouble(2) ** shift
    whole = np.round(exact)
    missing = int(np.round(np.round(exact.sum()) - whole.sum()))
    n, sign = len(whole), np.sign(missing)
    order = np.argsort((whole - exact) * sign, kind="stable")
    if n > 1 and (exact == exact[::-1]).all():
        pairs = order[order < n // 2][: abs(missing) // 2]
        order = np.concatenate([pairs, n - 1 - pairs, [n // 2]])
    whole[order[: abs(missing)]] += sign
    return np.asarray(whole, dtype=np.int64)


def bits_below(number: float) -> int:
    """The least power of two that a number is not above."""
    return int(np.ceil(np.log2(number))) if number > 0 else 0


def shares(context: Context, x: Value, weight: Fraction, left: int = 0) -> Value:
    """``weight * x * 2**left``, rounded, with 30 bits of each; for a weight of at least 0."""
    builder = context.builder
    if weight == 1:
        return builder.add(x, builder.const(0), left=left)
    low, high = context.proven(x)
    away = max(0, bits_of(int(low.min()), int(high.max())) - _FACTOR_BITS)
    finer = _FACTOR_BITS - 1 - bits_below(float(weight))
    down = finer - away - left
    reach = 1 << (2 * _FACTOR_BITS - 1 - down)  # no product is beyond
    return builder.scale(
        builder.shift(x, away), round(weight * 2**finer), low=-reach, high=reach, shift=down
    )
