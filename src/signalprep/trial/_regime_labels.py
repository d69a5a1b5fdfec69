"""Regimes as given to validate(), turned into a label for each row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import at_each_row
from signalprep.regimes import RegimeBinner
from signalprep.trial._splits import Folds


def label_regimes(
    regimes: Any,
    X: pd.DataFrame,
    y: Any,
    context: pd.DataFrame | None,
    omitted: np.ndarray | None = None,
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Give (labels, binned signals), each one column a regime variable, or None.

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
        return labels, None
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


def _signals(binner: RegimeBinner, X: pd.DataFrame, context: pd.DataFrame | None) -> pd.DataFrame:
    """The columns that the binner asks for; of two of one name that of the context."""
    frame = X
    if context is not None:
        context = at_each_row(context, X, "context")
        if not context.index.equals(X.index):
            raise InvalidLogError("context must carry the index of X; got another index")
        own = X[[name for name in X.columns if name not in context.columns]]
        frame = pd.concat([own, context], axis=1)
    names = getattr(binner, "feature_names_in_", binner.bins)
    if names is None:
        return frame
    for name in names:
        if name not in frame.columns:
            raise InvalidParameterError(
                f"regimes must name columns of X or context; {name!r} is not among "
                f"{list(frame.columns)}"
            )
    return frame[list(names)]
