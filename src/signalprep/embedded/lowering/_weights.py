"""Weights as whole numbers whose sum is kept."""

from __future__ import annotations

import numpy as np

__all__ = ["bits_below", "whole_weights"]


def whole_weights(weights: np.ndarray, shift: int) -> np.ndarray:
    """``weights * 2**shift``, rounded so that the sum is the rounded sum.

    So a filter that keeps a constant does so as whole numbers, and one that gives 0 for it, too.
    What is missing goes to those that were rounded farthest away.
    """
    exact = np.asarray(weights, dtype=np.longdouble) * np.longdouble(2) ** shift
    whole = np.round(exact)
    missing = int(np.round(np.round(exact.sum()) - whole.sum()))
    order = np.argsort((whole - exact) * np.sign(missing), kind="stable")
    whole[order[: abs(missing)]] += np.sign(missing)
    return np.asarray(whole, dtype=np.int64)


def bits_below(number: float) -> int:
    """The least power of two that a number is not above."""
    return int(np.ceil(np.log2(number))) if number > 0 else 0
