"""Strata of a log: the regime or label of each row, and how many rows of each a cycle has."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import is_log, locate, shown
from signalprep.model_selection._cycle_groups import CycleGroups
from signalprep.regimes import RegimeBinner

__all__ = ["Strata", "read_strata"]

MISSING = "missing"
MOST_STRATA = 10_000
MOST_FLOATS = 100  # distinct values of a floating-point column: beyond that it is a signal
WIDEST_RANGE = 1 << 16  # of integers that serve as stratum numbers as they are
MOST_CELLS = 1_000_000
FEW_CELLS = 4096  # as many can be counted for each cycle, whether they occur or not
CHUNK = 1 << 16  # rows whose numbers are counted at a time, in the cache

Labelled = tuple[np.ndarray, list[str]]


@dataclass(frozen=True)
class Strata:
    """The stratum of each row.

    Attributes
    ----------
    codes : ndarray of int of shape (n_samples,)
        A number for each row.
    cells : ndarray of int of shape (n_strata,)
        The number of each stratum, increasing.
    names : list of str
        Their labels.
    known : ndarray of bool of shape (n_strata,)
        False where a value that decides on the stratum is missing.
    """

    codes: np.ndarray
    cells: np.ndarray
    names: list[str]
    known: np.ndarray

    def counts(self, bounds: np.ndarray) -> np.ndarray:
        """Rows of each stratum in each cycle, (n_cycles, n_strata)."""
        out = np.empty((len(bounds) - 1, len(self.names)), dtype=np.int64)
        width = int(self.cells[-1]) + 1
        for counted, (first, last) in zip(out, pairwise(bounds.tolist()), strict=True):
            counted[:] = np.bincount(self.codes[first:last], minlength=width)[self.cells]
        return out


def read_strata(given: Any, X: Any, y: Any, units: CycleGroups, name: str) -> Strata:
    """Strata of the rows from what a splitter was given.

    Parameters
    ----------
    given : RegimeBinner, dict of bins, column name, Series or DataFrame
        A Series or DataFrame is aligned by the (cycle, time) index, or by cycle id.
    X, y : log or array
    units : CycleGroups
        The cycles of `X`.
    name : str
        The parameter's name, for messages.
    """
    if isinstance(given, Mapping):
        given = RegimeBinner(given)
    if isinstance(given, RegimeBinner):
        labels = _binned(given, X, y, name)
    elif isinstance(given, (pd.Series, pd.DataFrame)):
        labels = _aligned(given, units, name)
    elif isinstance(given, Hashable):
        labels = _column(given, X, name)
    else:
        raise InvalidParameterError(
            f"{name} must be a RegimeBinner, a dict of bins, a column of X, or labels with the "
            f"index of X (Series or DataFrame); got {type(given).__name__}"
        )
    strata = _joint([_numbered(column, name) for column in labels], name)
    if len(strata.codes) != units.n_rows:
        raise InvalidLogError(
            f"{name} must give one label a row ({units.n_rows}); got {len(strata.codes)}"
        )
    return strata


def _binned(binner: RegimeBinner, X: Any, y: Any, name: str) -> list[Any]:
    if X is None:
        raise InvalidLogError(f"{name}={binner!r} reads X; got None")
    signals = X
    if isinstance(X, pd.DataFrame):
        wanted = getattr(binner, "feature_names_in_", binner.bins)
        if wanted is not None and len(wanted):
            missing = [column for column in wanted if column not in X.columns]
            if missing:
                raise InvalidParameterError(
                    f"{name} must name columns of X ({', '.join(map(repr, X.columns))}); "
                    f"got {missing[0]!r}"
                )
            signals = X[list(wanted)]
    try:
        check_is_fitted(binner)
        fitted = deepcopy(binner)
    except NotFittedError:
        fitted = clone(binner).fit(signals, y)
    labels = fitted.set_output(transform="default").transform(signals)
    if isinstance(labels, pd.DataFrame):
        return [labels[column] for column in labels.columns]
    categories = list(fitted.categories_.values())
    return [
        pd.Series(pd.Categorical.from_codes(codes, pd.Index(names)))
        for codes, names in zip(labels.T, categories, strict=True)
    ]


def _column(column: Hashable, X: Any, name: str) -> list[Any]:
    if not isinstance(X, pd.DataFrame):
        raise InvalidParameterError(
            f"{name}={column!r} names a column, so X must be a DataFrame; got {type(X).__name__}"
        )
    if column not in X.columns:
        raise InvalidParameterError(
            f"{name} must name a column of X ({', '.join(map(repr, X.columns))}); got {column!r}"
        )
    values = X[column]
    if isinstance(values, pd.DataFrame):
        raise InvalidParameterError(f"{name}={column!r} names {values.shape[1]} columns")
    return [values]


def _aligned(given: pd.Series | pd.DataFrame, units: CycleGroups, name: str) -> list[Any]:
    if not is_log(given):
        if len(given) >= units.n_rows > len(units.ids):
            raise InvalidLogError(
                f"{name} must carry the (cycle, time) index of X, or be indexed by cycle id; got "
                f"{len(given)} labels with an index of {list(given.index.names)}"
            )
        by_cycle = _aligned_rows(given, units.ids, name, lambda k: f"cycle {shown(units.ids[k])}")
        columns = [by_cycle] if isinstance(by_cycle, pd.Series) else _columns_of(by_cycle)
        return [column.array.repeat(units.lengths) for column in columns]
    if not units.timed:
        raise InvalidLogError(
            f"{name} carries the (cycle, time) index, so X must carry it too; got data without it"
        )
    same = given.index is units.index or given.index.equals(units.index)
    index = units.index
    found = given if same else _aligned_rows(given, index, name, lambda row: locate(index, row))
    return [found] if isinstance(found, pd.Series) else _columns_of(found)


def _aligned_rows(given: Any, index: pd.Index, name: str, place: Any) -> Any:
    if not given.index.is_unique:
        raise InvalidLogError(f"{name} must have one label for each entry of its index")
    rows = given.index.get_indexer(index)
    if (rows < 0).any():
        raise InvalidLogError(
            f"{name} must have a label for every row of X; it has none for "
            + place(int(np.argmax(rows < 0)))
        )
    return given.iloc[rows]


def _columns_of(frame: pd.DataFrame) -> list[pd.Series]:
    return [frame.iloc[:, k] for k in range(frame.shape[1])]


def _numbered(values: Any, name: str) -> Labelled:
    """Numbers of the labels, and the labels; a missing value is a label of its own."""
    values = pd.Series(values, copy=False)
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        labels = [str(label) for label in values.cat.categories]
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low < WIDEST_RANGE:
            codes = (values.to_numpy() - low).astype(np.intp, copy=False)
            return codes, [str(low + k) for k in range(high - low + 1)]
        codes, uniques = pd.factorize(values)
        labels = [str(label) for label in uniques.tolist()]
    else:
        codes, uniques = pd.factorize(values)
        labels = [str(label) for label in uniques.tolist()]
        if values.dtype.kind == "f" and len(labels) > MOST_FLOATS:
            raise InvalidParameterError(
                f"{name} must give labels; got {len(labels)} different numbers, which is a "
                "signal: bin it with a RegimeBinner"
            )
    if (codes < 0).any():
        return np.where(codes < 0, len(labels), codes), [*labels, MISSING]
    return codes, labels


def _joint(columns: list[Labelled], name: str) -> Strata:
    """The cells of several columns that occur, numbered."""
    shape = [len(labels) for _, labels in columns]
    width = int(np.prod(shape, dtype=np.float64))
    if width > MOST_CELLS:
        raise InvalidParameterError(
            f"{name} may span at most {MOST_CELLS} joint cells; got {width}: use fewer bins"
        )
    joint = columns[0][0]
    if len(columns) > 1:
        joint = joint.astype(np.intp)
    for codes, labels in columns[1:]:
        joint = joint * len(labels) + codes
    cells = _occurring(joint, width)
    if len(cells) > MOST_STRATA:
        raise InvalidParameterError(
            f"{name} must give at most {MOST_STRATA} different labels; got {len(cells)}"
        )
    names, known = [], []
    for cell in zip(*(part.tolist() for part in np.unravel_index(cells, shape)), strict=True):
        parts = [labels[part] for (_, labels), part in zip(columns, cell, strict=True)]
        names.append(" | ".join(parts))
        known.append(MISSING not in parts)
    if width > FEW_CELLS:
        number = np.zeros(width, dtype=np.intp)
        number[cells] = np.arange(len(cells))
        joint, cells = number[joint], np.arange(len(cells))
    return Strata(joint, cells, names, np.array(known))


def _occurring(codes: np.ndarray, width: int) -> np.ndarray:
    """Which of the numbers below `width` occur."""
    if width > FEW_CELLS:
        return np.flatnonzero(np.bincount(codes, minlength=width))
    counted = np.zeros(width, dtype=np.intp)
    for first in range(0, len(codes), CHUNK):
        counted += np.bincount(codes[first : first + CHUNK], minlength=width)
    return np.flatnonzero(counted)
