"""Stage: one fitted estimator inside a stream."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from signalprep._base import SignalTransformer
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import reach, walk
from signalprep.metrics import task_of
from signalprep.streaming._place import Place
from signalprep.streaming._row_check import RowCheck
from signalprep.streaming._words import as_columns

__all__ = [
    "Place",
    "RowStage",
    "Stage",
    "channel_names",
    "check_regimes",
    "check_runs",
    "not_yet",
    "open_stage",
    "row_stage",
]

OWN = ("signalprep", "sklearn")  # packages whose estimators work row by row, if they claim no more


class Stage(Protocol):
    """Takes the next samples of all its channels, gives as many outputs, and remembers."""

    predicts: bool

    def push(self, x: np.ndarray) -> np.ndarray:
        """Outputs (n_channels_out, n_samples) for ``x`` (n_channels, n_samples), C-contiguous.

        A stage that predicts gives its predictions, one a sample along the first axis.
        """

    def reset(self) -> None:
        """Forget everything: the next sample is the first of a segment."""

    def remember(self) -> Any:
        """A copy of all that it remembers."""

    def recall(self, memory: Any) -> None:
        """Go on from what `remember` gave."""


@singledispatch
def open_stage(estimator: Any, place: Place) -> Stage:
    """Stage of a fitted estimator.

    Other modules register the classes that remember; what is made of others is opened by its parts.
    """
    return row_stage(estimator, place)


def row_stage(estimator: Any, place: Place) -> RowStage:
    """Stage of an estimator that works row by row; raise where it may not."""
    check_runs(estimator, place)
    held = [step for _, step in walk(estimator) if isinstance(step, SignalTransformer)]
    if held or reach(estimator).memory > 0:
        inside = f", which holds {type(held[0]).__name__}," if held else ""
        raise InvalidParameterError(
            f"step {place.path!r} ({type(estimator).__name__}){inside} cannot be streamed yet: "
            "it sees other rows than the newest"
        )
    return RowStage(estimator, place)


def check_runs(estimator: Any, place: Place) -> None:
    """Raise when an estimator is not fitted, or sees samples that are still to come."""
    check_is_fitted(estimator)
    ahead = reach(estimator).lookahead
    draws = getattr(estimator, "action", None) == "interpolate"
    if ahead == 0 and not draws:
        return
    remedy = ""
    if draws:
        remedy = ". Use another action than 'interpolate'"
    elif not getattr(estimator, "causal", True):
        remedy = ". Use causal=True"
    raise InvalidParameterError(
        f"step {place.path!r} looks {ahead} samples ahead, so it cannot run sample by sample"
        f"{remedy}"
    )


def check_regimes(step: Any, place: Place) -> None:
    """Raise when a row does not tell its regime by itself."""
    split = getattr(step, "split_", None)
    if split is None or not hasattr(split.by_, "transform"):
        return
    held = [one for _, one in walk(split.by_) if isinstance(one, SignalTransformer)]
    if held or reach(split.by_).memory > 0:
        raise not_yet(step, place, f"by={type(split.by_).__name__}, which holds a signal step,")


def not_yet(step: Any, place: Place, what: str = "") -> InvalidParameterError:
    """The error for a step that has no streaming form."""
    of = f" with {what}" if what else ""
    return InvalidParameterError(
        f"step {place.path!r} ({type(step).__name__}){of} cannot be streamed yet"
    )


def channel_names(estimator: Any) -> list[Any]:
    """Names of the channels an estimator was fitted on."""
    if hasattr(estimator, "feature_names_in_"):
        return list(estimator.feature_names_in_)
    return [f"x{k}" for k in range(estimator.n_features_in_)]


class RowStage:
    """A scikit-learn estimator that needs no more than the row itself.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    place : Place
        At the end of a pipeline a regressor or classifier predicts; elsewhere what can transform
        does.
    """

    def __init__(self, estimator: Any, place: Place) -> None:
        ends = place.last and task_of(estimator) is not None
        transforms = hasattr(estimator, "transform") and not ends
        self.predicts = place.last and not transforms
        if not transforms and not (self.predicts and hasattr(estimator, "predict")):
            raise InvalidParameterError(
                f"step {place.path!r} ({type(estimator).__name__}) cannot be streamed: it has no "
                f"{'transform or predict' if place.last else 'transform'}"
            )
        self._call = estimator.predict if self.predicts else estimator.transform
        self._names = getattr(estimator, "feature_names_in_", None)
        self._path = place.path
        self._check: RowCheck | None = None
        if _may_see_other_rows(estimator):
            self._check = RowCheck(self._give, 0 if self.predicts else 1, place)

    def push(self, x: np.ndarray) -> np.ndarray:
        return self._give(x) if self._check is None else self._check.push(x)

    def _give(self, x: np.ndarray) -> np.ndarray:
        rows: Any = x.T
        if self._names is not None and x.dtype == object:
            rows = as_columns(x, self._names)
        elif self._names is not None:
            rows = pd.DataFrame(x.T, columns=self._names, copy=False)
        found = self._called(rows) if x.dtype == object else self._call(rows)
        if issparse(found):
            raise InvalidParameterError(
                f"step {self._path!r} must give a dense array (sparse_output=False); "
                f"got {type(found).__name__}"
            )
        out = np.asarray(found)
        if len(out) != x.shape[1]:
            raise InvalidParameterError(
                f"step {self._path!r} must keep rows ({x.shape[1]}); got {len(out)}"
            )
        return out if self.predicts else np.ascontiguousarray(out.reshape(len(out), -1).T)

    def _called(self, rows: Any) -> Any:
        """Outputs for rows with words, of which scikit-learn's own errors do not name the step."""
        try:
            return self._call(rows)
        except (TypeError, ValueError) as error:
            raise InvalidLogError(
                f"step {self._path!r} must get numbers, or words that it knows: {error}"
            ) from error

    def reset(self) -> None:
        """Nothing to forget."""

    def remember(self) -> None:
        """Nothing to remember."""

    def recall(self, memory: None) -> None:
        """Nothing to recall."""


def _may_see_other_rows(estimator: Any) -> bool:
    """Whether an estimator holds code of others."""
    return any(
        isinstance(one, FunctionTransformer) or type(one).__module__.split(".")[0] not in OWN
        for _, one in walk(estimator)
    )
