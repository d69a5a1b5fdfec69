"""Regimes as given to validate(), turned into a label for each row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import at_each_row
from signalprep.model_selection import Folds
from signalprep.regimes import RegimeBinner


def label_regimes(
    regimes: Any,
    X: pd.DataFrame,
    y: Any,
    context: pd.DataFrame | None,
    omitted: np.ndarray | None = None,
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Give (labels, binned signals), each one column a regime variable, or None.

    The names of the variables are text: pandas takes an int for the place of a level.

    The edges only lay out the map: they are learned from all rows but those that are omitted, and
    no model sees them.
    """
    if regimes is None:
        return None, None
    regimes = at_each_row(regimes, X, "regimes")
    if isinstance(regimes, (pd.Series, pd.DataFrame)):
        labels = regimes.to_frame() if isinstance(regimes, pd.Series) else regimes
        if not labels.index.equals(X.index):
            raise InvalidLogError("regimes must carry the index of X; got another index")
        if isinstance(regimes, pd.Series) and regimes.name is None:
            labels = labels.set_axis(["regime"], axis=1)
        return _named_by_text(labels), None
    if isinstance(regimes, dict):
        regimes = RegimeBinner(regimes)
    if not isinstance(regimes, RegimeBinner):
        raise InvalidParameterError(
            "regimes must be a RegimeBinner, its dict of bins, or labels (Series or DataFrame); "
            f"got {type(regimes).__name__}"
        )
    signals = _signals(regimes, X, context)
    try:
        check_is_fitted(regimes)
        binner = regimes
    except NotFittedError:
        kept = slice(None) if omitted is None else ~omitted
        binner = clone(regimes).fit(signals[kept], y[kept])
    labels = binner.set_output(transform="default").transform(signals)
    if not hasattr(binner, "feature_names_in_"):  # of names that are no text it knows the places
        signals = _named_by_text(signals)
        labels = labels.set_axis(binner.get_feature_names_out(signals.columns), axis=1)
    return labels, signals[list(labels.columns)]


def extrapolated(binned: pd.DataFrame, folds: Folds) -> list[np.ndarray]:
    """For each fold: which test rows lie beyond the training range of a regime variable."""
    values = binned.to_numpy(dtype=np.float64)
    found = []
    for train, test in folds:
        low = np.nanmin(values[train], axis=0)
        high = np.nanmax(values[train], axis=0)
        found.append(((values[test] < low) | (values[test] > high)).any(axis=1))
    return found


def cell_names(labels: pd.DataFrame) -> pd.Series:
    """Joint label of each row as a categorical of strings."""
    codes, cells = pd.factorize(pd.MultiIndex.from_frame(labels), sort=False)
    names = [" | ".join(str(part) for part in cell) for cell in cells]
    return pd.Series(
        pd.Categorical.from_codes(codes, pd.Index(names)), index=labels.index, name="regime"
    )


def _named_by_text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


def _signals(binner: RegimeBinner, X: pd.DataFrame, context: pd.DataFrame | None) -> pd.DataFrame:
    """The columns that the binner asks for; of two of one name that of the context."""
    frame = X
    if context is not None:
        if not isinstance(context, pd.DataFrame):
            raise InvalidParameterError(
                f"context must be a DataFrame of signals; got {type(context).__name__}: name them, "
                "such as context=log[['T_coolant']]"
            )
        context = at_each_row(context, X, "context")
        if not context.index.equals(X.index):
            raise InvalidLogError("context must carry the index of X; got another index")
        own = X[[name for name in X.columns if name not in context.columns]]
        frame = pd.concat([own, context], axis=1)
    names = getattr(binner, "feature_names_in_", binner.bins)
    if not isinstance(names, Collection) or isinstance(names, str) or len(names) == 0:
        return frame  # the binner says what is wrong
    if getattr(binner, "n_features_in_", len(names)) != len(names):
        return frame  # fitted on more columns than it bins, whose names are no text
    known: list[Any] = list(frame.columns)
    for name in names:
        if name not in known:
            raise InvalidParameterError(
                f"regimes must name columns of X or context; {name!r} is not among {known}"
            )
    places = [known.index(name) for name in names]
    return frame.take(places, axis=1)
