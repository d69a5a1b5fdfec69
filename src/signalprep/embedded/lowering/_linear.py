"""Linear models: one sum over the codes, with weights of 32 bits and one rounding at its end."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    Ridge,
    RidgeCV,
    SGDRegressor,
    TheilSenRegressor,
)
from sklearn.svm import LinearSVR

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.flow import Node

__all__ = ["weighted_sum"]

_WEIGHT_BITS = 31
_SUM_BITS = 61
_OUT_BITS = 31


@lowers.register(LinearRegression)
@lowers.register(Ridge)
@lowers.register(RidgeCV)
@lowers.register(Lasso)
@lowers.register(LassoCV)
@lowers.register(ElasticNet)
@lowers.register(ElasticNetCV)
@lowers.register(BayesianRidge)
@lowers.register(ARDRegression)
@lowers.register(HuberRegressor)
@lowers.register(TheilSenRegressor)
@lowers.register(SGDRegressor)
@lowers.register(LinearSVR)
def _(model: Any, node: Node, context: Context, channels: Channels) -> Channels:
    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    bias = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64).ravel(), (len(weights),))
    return weighted_sum(context, channels, weights, bias)


def weighted_sum(
    context: Context, channels: Channels, weights: np.ndarray, bias: np.ndarray
) -> Channels:
    """``weights @ x + bias`` of channels, as precise as 32 bits are.

    Every output has a step of its own, a power of two; the weights, by the steps of the channels,
    are rounded to 31 bits, and the sum is exact until it is rounded to 31 bits.
    """
    low, high = context.proven(channels.value)
    per_code = weights * channels.lsb
    constant = bias + weights @ channels.offset
    reach = np.maximum(np.abs(low), np.abs(high)).astype(float)
    span = np.abs(per_code) @ reach + np.abs(constant)  # no sum is beyond
    largest = np.abs(per_code).max(axis=1)
    shifts: list[int] = []
    downs: list[int] = []
    for most, sum_ in zip(largest, span, strict=True):
        sum_bits = _bits(sum_)
        shift = min(_WEIGHT_BITS - _bits(most), _SUM_BITS - sum_bits)
        shifts.append(shift)
        downs.append(max(0, shift + sum_bits - (_OUT_BITS - 1)))
    down = max(downs)
    fine = np.array([shift - own + down for shift, own in zip(shifts, downs, strict=True)])
    fine = np.minimum(fine, shifts)
    whole = np.round(per_code * 2.0 ** fine[:, None]).astype(np.int64)
    start = np.round(constant * 2.0**fine).astype(np.int64)
    total = context.builder.dot(channels.value, whole, start)
    value = context.builder.shift(total, down)
    names = [f"y{k}" for k in range(len(weights))]
    return channels.made(value, lsb=2.0 ** (down - fine), offset=0.0, names=names)


def _bits(number: float) -> int:
    """The power of two that a number is below."""
    return int(np.frexp(number)[1]) if number > 0 else -(1 << 9)
