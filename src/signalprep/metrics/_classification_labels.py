"""Class labels of rows as numbers, and the log loss of their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics._alignment import AlignedErrors, align

__all__ = ["AlignedClasses", "align_classes", "check_labels"]

ROUNDING = 1e-4
"""How far the probabilities of a row may be from a sum of 1, in single precision."""


@dataclass(frozen=True)
class AlignedClasses:
    """Rows of a classification in one order."""

    truth: np.ndarray
    """Number of the true class, int64 of shape (n_samples,)."""
    prediction: np.ndarray
    """Number of the predicted class, int64 of shape (n_samples,)."""
    loss: np.ndarray | None
    """Log loss of each row; None without probabilities."""
    rows: AlignedErrors
    """The rows: their cycles, groups and regimes."""
    classes: pd.Index
    """The classes, sorted or in the order given."""


def align_classes(
    y_true: Any,
    y_pred: Any,
    cycles: Any,
    regimes: Any,
    probabilities: Any,
    classes: Any,
    groups: Any = None,
    weight: str = "row",
) -> AlignedClasses:
    """Bring all inputs into one row order, check them and number the classes.

    Raises
    ------
    InvalidLogError
        A missing label, labels of mixed type, one that is none of `classes`, and all that rows
        without order or cycle raise.
    InvalidParameterError
        Labels of more than one column, real numbers instead of labels, probabilities of another
        shape, an unknown `weight`.
    """
    labels = {"y_true": check_labels(y_true, "y_true"), "y_pred": check_labels(y_pred, "y_pred")}
    known = _classes(list(labels.values()), classes)
    codes = {name: _codes(values, known, name) for name, values in labels.items()}
    coded = (_like(y_true, codes["y_true"]), _like(y_pred, codes["y_pred"]))
    rows = align(*coded, cycles, regimes, groups=groups, weight=weight)
    truth = rows.truth.astype(np.int64)
    prediction = (rows.truth + rows.error).astype(np.int64)
    loss = None
    if probabilities is not None:
        given = (v for v in (y_true, y_pred) if isinstance(v, pd.Series))
        loss = _log_loss(truth, probabilities, len(known), next(given, None))
    return AlignedClasses(truth, prediction, loss, rows, known)


def check_labels(values: Any, name: str) -> np.ndarray:
    """Labels as an array, complete, of one type, and no real numbers."""
    if not hasattr(values, "dtype"):
        values = np.asarray(values)
    if values.ndim != 1:
        raise InvalidParameterError(f"{name} must be one column (1-D); got shape {values.shape}")
    missing = np.asarray(pd.isna(values))
    if missing.any():
        row = int(np.argmax(missing))
        raise InvalidLogError(f"{name} must label every row; row {row} has no label")
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(values).astype(values.dtype.categories.dtype)
    is_nullable = pd.api.types.is_extension_array_dtype(values.dtype)
    if is_nullable and pd.api.types.is_bool_dtype(values.dtype):
        labels = values.astype(bool)
    elif is_nullable and pd.api.types.is_numeric_dtype(values.dtype):
        labels = values.astype(values.dtype.numpy_dtype)
    else:
        labels = values
    array = np.asarray(labels)
    if array.dtype.kind == "O" and pd.api.types.infer_dtype(array) not in ("string", "boolean"):
        kinds = ", ".join(sorted({type(label).__name__ for label in array}))
        raise InvalidLogError(f"{name} must hold labels of one type; found {kinds}")
    if array.dtype.kind not in "biufUOT":
        raise InvalidLogError(f"{name} must hold labels: text, ints or bools; got {array.dtype}")
    broken = array.dtype.kind == "f" and ((array != np.round(array)) | ~np.isfinite(array))
    if np.any(broken):
        raise InvalidParameterError(
            f"{name} must hold class labels; got real numbers such as {array[np.argmax(broken)]:g}"
        )
    return array


def _classes(labels: list[np.ndarray], classes: Any) -> pd.Index:
    if classes is None:
        found = [pd.Index(pd.unique(values)) for values in labels]
        numeric = {pd.api.types.is_numeric_dtype(part.dtype) for part in found}
        boolean = {pd.api.types.is_bool_dtype(part.dtype) for part in found}
        if len(numeric) > 1 or len(boolean) > 1:
            raise InvalidLogError(
                "y_true and y_pred must hold labels of one type; got "
                + " and ".join(str(values.dtype) for values in labels)
            )
        return found[0].union(found[1]).sort_values()
    known = pd.Index(classes)
    if not known.is_unique:
        raise InvalidParameterError(f"classes must be different labels; got {known.tolist()}")
    return known


def _codes(labels: np.ndarray, classes: pd.Index, name: str) -> np.ndarray:
    codes = classes.get_indexer(pd.Index(labels))
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise InvalidLogError(
            f"{name} must hold the classes {', '.join(map(repr, classes.tolist()))}; "
            f"row {row} has {labels[row : row + 1].tolist()[0]!r}"
        )
    return codes


def _like(values: Any, codes: np.ndarray) -> Any:
    return pd.Series(codes, values.index) if isinstance(values, pd.Series) else codes


def _log_loss(
    truth: np.ndarray, probabilities: Any, n_classes: int, rows: pd.Series | None
) -> np.ndarray:
    """Minus the logarithm of the probability of the true class, kept from being infinite."""
    index = probabilities.index if isinstance(probabilities, pd.DataFrame) else None
    if index is not None and rows is not None and not index.equals(rows.index):
        raise InvalidLogError("probabilities must carry the index of the labels; got another index")
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), n_classes):
        raise InvalidParameterError(
            f"probabilities must have shape ({len(truth)}, {n_classes}), one column a class; "
            f"got {p.shape}"
        )
    within = ((p >= -ROUNDING) & (p <= 1.0 + ROUNDING)).all(axis=1)
    right = within & (np.abs(p.sum(axis=1) - 1.0) <= ROUNDING)
    if not right.all():
        row = int(np.argmin(right))
        raise InvalidLogError(
            "probabilities must lie in [0, 1] and sum to 1 in each row; "
            f"got {p[row].tolist()} in row {row}"
        )
    least = np.finfo(np.float64).eps
    return -np.log(np.clip(p[np.arange(len(truth)), truth], least, 1.0 - least))
