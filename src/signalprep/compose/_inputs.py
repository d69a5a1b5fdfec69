"""What the estimators that wrap others ask of their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import clone

from signalprep._base import check_rows
from signalprep.errors import InvalidParameterError, LostIndexError
from signalprep.log import is_log
from signalprep.regimes import RegimeBinner

__all__ = ["as_binner", "check_index_kept"]


def check_index_kept(estimator: Any, was_log: bool, X: Any) -> None:
    """Raise when an estimator that was fitted on a log gets data without the index, or no rows."""
    check_rows(X)
    if was_log and not is_log(X):
        raise LostIndexError(
            f"{type(estimator).__name__} was fitted on a log; X must carry the (cycle, time) "
            f"index, got {type(X).__name__} without it"
        )


def as_binner(regimes: Any) -> RegimeBinner:
    """An unfitted binner from what a user gives as `regimes`."""
    if regimes is None or isinstance(regimes, Mapping):
        binner = RegimeBinner(regimes)
    elif isinstance(regimes, RegimeBinner):
        binner = clone(regimes)
    else:
        raise InvalidParameterError(
            "regimes must be a RegimeBinner, its dict of bins or None; "
            f"got {type(regimes).__name__}"
        )
    return binner.set_output(transform="default")
