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
from signalprep.model_selection import CycleRidgeCV

__all__ = ["weighted_sum"]

_WEIGHT_BITS = 31
_SUM_BITS = 61
_OUT_BITS = 31
_LOSS = 2.0**-26  # of the span of a sum, by which rounded weights may move it


@lowers.register(LinearRegression)
@lowers.register(Ridge)
@lowers.register(RidgeCV)
@lowers.register(CycleRidgeCV)
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

    Every output has a step of its own, a power of two. The weights, by the steps of the channels,
    are rounded to 31 bits, and the sum is exact until it is rounded to 31 bits. Where that would
    leave too little of small weights beside large ones, codes are first brought to one size.
    """
    low, high = context.proven(channels.value)
    reach = np.maximum(np.maximum(np.abs(low), np.abs(high)), 1).astype(float)
    per_code = weights * channels.lsb
    constant = bias + weights @ channels.offset
    value, fine = channels.value, _fine(per_code, reach, constant)
    span = np.abs(per_code) @ reach + np.abs(constant)  # no sum is beyond
    lost = (0.5 * reach.sum() * 2.0**-fine / np.maximum(span, np.finfo(float).tiny)).max()
    if lost > _LOSS:
        lifts = 31 - np.array([_bits(most) for most in reach])
        value = context.builder.mul(value, context.builder.const(1 << lifts))
        per_code, reach = per_code / 2.0**lifts, reach * 2.0**lifts
        fine = _fine(per_code, reach, constant)
    downs = [max(0, f + _bits(s) - (_OUT_BITS - 1)) for f, s in zip(fine, span, strict=True)]
    down = max(downs)
    fine = np.minimum(fine, [f - own + down for f, own in zip(fine, downs, strict=True)])
    whole = np.round(per_code * 2.0 ** fine[:, None]).astype(np.int64)
    start = np.round(constant * 2.0**fine).astype(np.int64)
    total = context.builder.dot(value, whole, start)
    names = [f"y{k}" for k in range(len(weights))]
    rounded = context.builder.shift(total, down)
    return channels.made(rounded, lsb=2.0 ** (down - fine), offset=0.0, names=names)


def _fine(per_code: np.ndarray, reach: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """By which power of two the weights of each output can be multiplied."""
    span = np.abs(per_code) @ reach + np.abs(constant)
    largest = np.abs(per_code).max(axis=1)
    return np.array(
        [
            min(_WEIGHT_BITS - _bits(most), _SUM_BITS - _bits(sum_))
            for most, sum_ in zip(largest, span, strict=True)
        ]
    )


def _bits(number: float) -> int:
    """The power of two that a number is below; of 0 one that never matters."""
    return int(np.frexp(number)[1]) if number > 0 else -(1 << 7)
