"""Segments of scaled rows, as a training would see them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural.training._batches import Segment

__all__ = ["learn_segments", "scaled_segments"]


def learn_segments(network: NetworkRegressor, X: Any, y: Any) -> list[Segment]:
    """Segments by the scales of these rows, which `network` learns."""
    network._check()
    rows, target, bounds = network._read(X, y, reset=True)
    network.inputs_, network.targets_ = network._scales(rows, target)
    return _cut(network, X, rows, target, bounds)


def scaled_segments(network: NetworkRegressor, X: Any, y: Any) -> list[Segment]:
    """Segments by the scales that the fitted `network` has."""
    rows, target, bounds = network._read(X, y, reset=False)
    return _cut(network, X, rows, target, bounds)


def _cut(
    network: NetworkRegressor, X: Any, rows: np.ndarray, target: np.ndarray, bounds: np.ndarray
) -> list[Segment]:
    weight = network._row_weights(X, rows, np.arange(len(rows)))
    parts = list(pairwise(bounds.tolist()))
    segments = network._segments(rows, target, weight, parts)
    if sum(float(segment.weight.sum()) for segment in segments) == 0.0:
        raise InvalidParameterError("warm_up leaves no row of any segment")
    return segments
