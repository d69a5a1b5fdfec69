"""RegimeBinner: from signals to the cells of the operating map."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from signalprep._base import Stored
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import locate
from signalprep.regimes._coverage import category_dtype, coverage_table, interior_cells
from signalprep.regimes._edges import check_spec, learn_edges
from signalprep.regimes._labels import category_labels

__all__ = ["RegimeBinner"]

NO_NAMES = (
    ". X is an array: a step before may have lost the names and the index, which "
    "signalprep.make_pipeline keeps, or set_output(transform='pandas')"
)
CHUNK = 1 << 15  # values placed at a time, which stay in the cache


class RegimeBinner(Stored, TransformerMixin, BaseEstimator):
    """Sort rows into regimes: intervals of the signals that span the operating map.

    Edges are learned in `fit` from the rows given there (training rows). A value never slips into
    the end bin: beyond the edges it is "below" or "above", and a missing one is "missing".
    Intervals are [a, b), the last one of a column is closed.

    Parameters
    ----------
    bins : dict of {column: spec}, default=None
        What to bin and how; None bins every column by "q3". A spec is

        - an int n: n intervals of equal width between the smallest and largest value,
        - a list of increasing edges, for limits that physics or the specification gives,
        - "qN": quantiles, as many rows in each of N intervals as repeated values allow (an edge
          lies where two distinct values meet nearest to its quantile),
        - "kN": k-means in one dimension, edges midway between neighbouring centres,
        - "tN": a regression tree on y with at most N leaves; `fit` needs y.

        Columns of an array are named by position (0, 1, ...) or "x0", "x1", ...
    random_state : int, RandomState or None, default=None
        For "kN" and "tN".

    Attributes
    ----------
    edges_ : dict of {column: ndarray of shape (n_intervals + 1,)}
        Exact edges. There can be fewer intervals than asked for where values repeat; a constant
        column has the one interval [c, c].
    categories_ : dict of {column: list of str}
        Labels in their fixed order: "below", the intervals, "above", "missing". Learned edges are
        rounded in labels by at most 0.5 % of the narrower neighbour, given ones are not.
    cells_ : DataFrame of shape (n_cells, 2 * n_columns)
        The joint cells: the product of the intervals, with ``<column>_low`` and
        ``<column>_high``.
    n_features_in_ : int
    feature_names_in_ : ndarray of str, for frames with string columns

    Notes
    -----
    Linear in rows and logarithmic in intervals; "qN" and "kN" sort the column in `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from signalprep.regimes import RegimeBinner
    >>> X = pd.DataFrame({"omega_m": [0.0, 900.0, 1500.0, 6000.0], "T_m": [1.0, 2.0, 3.0, 4.0]})
    >>> binner = RegimeBinner({"omega_m": [0, 1500, 3000], "T_m": 2}).fit(X)
    >>> print(binner.transform(X))
             omega_m       T_m
    0      [0, 1500)  [1, 2.5)
    1      [0, 1500)  [1, 2.5)
    2   [1500, 3000]  [2.5, 4]
    3          above  [2.5, 4]
    """

    def __init__(
        self,
        bins: Mapping[Hashable, Any] | None = None,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.bins = bins
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the edges.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            NaN is left out; the columns that are binned must be numeric and not infinite.
        y : array-like of shape (n_samples,), default=None
            Target, read by "tN" only.

        Raises
        ------
        InvalidParameterError
            A spec that cannot work, an unknown column, "tN" without y.
        InvalidLogError
            No rows, infinite values, text, a column without any value to learn edges from.
        """
        X = self._checked(X, reset=True)
        specs = self._specs(X)
        target = self._target(specs, X, y)
        self._positions = {name: position for name, (position, _) in specs.items()}
        self.edges_: dict[str, np.ndarray] = {}
        self.categories_: dict[str, list[str]] = {}
        for name, (position, spec) in specs.items():
            values = _column(X, position, name)
            given = not isinstance(spec, (str, int, np.integer))
            known: Any = slice(0) if given else ~np.isnan(values)
            if not given and not known.any():
                raise InvalidLogError(
                    f"bins[{name!r}]={spec!r} is learned from the column, which must hold a value; "
                    "got missing values only"
                )
            known_target = None if target is None else target[known]
            edges = learn_edges(spec, values[known], known_target, self.random_state)
            self.edges_[name] = edges
            self.categories_[name] = category_labels(edges, exact=given)
        return self

    def transform(self, X: Any) -> Any:
        """Label the rows.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        labels : DataFrame or ndarray of shape (n_samples, n_columns)
            A frame gives ordered categoricals, one column for each binned one, with the index of
            X. An array gives int64 positions in `categories_`: 0 is below, 1 the first interval.

        Raises
        ------
        InvalidLogError
            Infinite values, text, no rows.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        if isinstance(X, pd.DataFrame):
            return self._labels(X)
        return np.stack(list(self._codes(X).values()), axis=1).astype(np.int64)

    def coverage(self, X: Any) -> pd.DataFrame:
        """Count what a log holds in each joint cell.

        Parameters
        ----------
        X : log or array of shape (n_samples, n_features)
            A frame indexed by (cycle, time). An array is one recording at unit rate.

        Returns
        -------
        table : DataFrame
            Columns n (rows), n_cycles and seconds (rows times sample time). Every cell of
            `cells_`, empty ones too, and the cells outside ("below", "above", "missing") where
            rows fall.

        Raises
        ------
        InvalidLogError
            A frame without the (cycle, time) index, or with values `transform` refuses.
        InvalidParameterError
            More than a million joint cells.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        index = X.index if isinstance(X, pd.DataFrame) else None
        return coverage_table(self._codes(X), self.categories_, index)

    @property
    def cells_(self) -> pd.DataFrame:
        """Joint cells: the product of the intervals, with their exact bounds."""
        check_is_fitted(self)
        return interior_cells(self.edges_, self.categories_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the binned columns."""
        check_is_fitted(self)
        names = self._names(self.n_features_in_)
        if input_features is not None:
            given = [str(name) for name in input_features]
            if len(given) != len(names):
                raise InvalidParameterError(
                    "input_features should have length equal to number of features "
                    f"({len(names)}), got {len(given)}"
                )
            if hasattr(self, "feature_names_in_") and given != names:
                raise InvalidParameterError("input_features is not equal to feature_names_in_")
            names = given
        return np.array([names[position] for position in self._positions.values()], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []  # labels or their codes come out
        specs = self.bins.values() if isinstance(self.bins, Mapping) else ()
        tags.target_tags.required = any(_needs_target(spec) for spec in specs)
        return tags

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """X as a frame or a float64 array; names and number of columns are checked."""
        if not isinstance(X, pd.DataFrame):
            return validate_data(
                self, X, reset=reset, dtype=np.float64, ensure_all_finite=False, order="F"
            )
        if not X.columns.is_unique:
            name = X.columns[X.columns.duplicated()][0]
            raise InvalidLogError(f"column names must be unique; {name!r} occurs more than once")
        X = validate_data(self, X, reset=reset, skip_check_array=True)
        if X.shape[0] == 0 or X.shape[1] == 0:
            raise InvalidLogError(f"X must hold rows and columns; got shape {X.shape}")
        return X

    def _names(self, n_features: int) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x{k}" for k in range(n_features)]

    def _specs(self, X: Any) -> dict[str, tuple[int, Any]]:
        """Position and spec of each column to bin, by its name."""
        names = self._names(X.shape[1])
        if self.bins is None:
            return {name: (position, "q3") for position, name in enumerate(names)}
        if not isinstance(self.bins, Mapping) or len(self.bins) == 0:
            raise InvalidParameterError(
                f"bins must be a dict of {{column: spec}} or None; got {self.bins!r}"
            )
        labels: list[Any] = (
            list(X.columns) if isinstance(X, pd.DataFrame) else list(range(X.shape[1]))
        )
        specs: dict[str, tuple[int, Any]] = {}
        for key, spec in self.bins.items():
            check_spec(spec, key)
            found: list[Any] = names if key in names else labels
            if key not in found:
                lost = "" if isinstance(X, pd.DataFrame) else NO_NAMES
                raise InvalidParameterError(
                    f"bins must name columns of X ({', '.join(map(repr, labels))}); got {key!r}"
                    f"{lost}"
                )
            name = names[found.index(key)]
            if name in specs:
                raise InvalidParameterError(f"bins names the column {name!r} twice; got {key!r}")
            specs[name] = (found.index(key), spec)
        return specs

    def _target(self, specs: dict[str, tuple[int, Any]], X: Any, y: Any) -> np.ndarray | None:
        """The target in float64, where a spec needs it."""
        asking = [name for name, (_, spec) in specs.items() if _needs_target(spec)]
        if not asking:
            return None
        if y is None:
            raise InvalidParameterError(
                f"bins[{asking[0]!r}]={specs[asking[0]][1]!r} requires y to be passed, but the "
                "target y is None"
            )
        check_consistent_length(X, y)
        is_pandas = isinstance(X, pd.DataFrame) and isinstance(y, (pd.Series, pd.DataFrame))
        if is_pandas and not X.index.equals(y.index):
            raise InvalidLogError("y must have the index of X; got another one")
        target = np.asarray(y, dtype=np.float64)
        if target.ndim != 1:
            raise InvalidParameterError(
                "y must be one column (1-D) for "
                f"bins[{asking[0]!r}]={specs[asking[0]][1]!r}; got shape {target.shape}. Fit the "
                "binner with one of them before"
            )
        if not np.isfinite(target).all():
            row = int(np.argmin(np.isfinite(target)))
            raise InvalidLogError(f"y must be finite; got {target[row]} at {_where(X, row)}")
        return target

    def _codes(self, X: Any) -> dict[str, np.ndarray]:
        """Position of each row's category, for each binned column."""
        return {
            name: _place(_column(X, self._positions[name], name), edges)
            for name, edges in self.edges_.items()
        }

    def _labels(self, X: pd.DataFrame) -> pd.DataFrame:
        columns = {
            name: pd.Categorical.from_codes(code, dtype=category_dtype(self.categories_[name]))
            for name, code in self._codes(X).items()
        }
        return pd.DataFrame(columns, index=X.index)


def _place(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Positions of the values' categories: 0 below, 1 the first interval, at last missing.

    In the smallest signed integers that hold them.
    """
    positions = np.empty(len(values), dtype=np.min_scalar_type(-len(edges) - 2))
    for first in range(0, len(values), CHUNK):
        some = values[first : first + CHUNK]
        place = np.searchsorted(edges, some, side="right")
        place[some == edges[-1]] = len(edges) - 1
        place[np.isnan(some)] = len(edges) + 1
        positions[first : first + CHUNK] = place
    return positions


def _needs_target(spec: Any) -> bool:
    return isinstance(spec, str) and spec.startswith("t")


def _column(X: Any, position: int, name: str) -> np.ndarray:
    """One column in float64 without infinities."""
    if isinstance(X, pd.DataFrame):
        series = X.iloc[:, position]
        is_number = pd.api.types.is_numeric_dtype(series.dtype)
        if not is_number or pd.api.types.is_complex_dtype(series.dtype):
            raise InvalidLogError(f"column {name!r} must hold real numbers; got {series.dtype}")
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values = X[:, position]
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise InvalidLogError(
            f"column {name!r} must hold finite values or NaN; got {values[row]} at {_where(X, row)}"
        )
    return values


def _where(X: Any, row: int) -> str:
    return locate(X.index if isinstance(X, pd.DataFrame) else None, row)
