"""RegimeSplit: which regime each row belongs to, by a channel or by a transformer."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import clone

from signalprep._base import Signals, Stored, channel_positions, put_back
from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = ["RegimeSplit", "as_frame", "check_min_rows", "filtered_channels", "regime_channel"]

MISSING = "missing"  # label of a row whose regime is not known
FLOATS = {np.dtype(np.float32), np.dtype(np.float64)}


class RegimeSplit(Stored):
    """The regimes of the training rows, numbered, and the number of each row of any log.

    Parameters
    ----------
    by : channel or transformer
        A channel, each of whose values is a regime, or anything with ``fit`` and ``transform`` that
        gives labels, such as RegimeBinner. It is cloned.
    min_rows : int
        A regime with fewer training rows counts as not seen.

    Attributes
    ----------
    by_ : channel or transformer
        The fitted clone.
    labels_ : DataFrame of shape (n_regimes, n_label_columns)
        Labels of every regime of the training rows.
    n_rows_ : ndarray of int
        Training rows of each.
    own_ : ndarray of bool
        Whether it has `min_rows` of them.
    """

    def __init__(self, by: Any, min_rows: int) -> None:
        self.by = by
        self.min_rows = min_rows

    def fit(self, signals: Signals, y: Any, named: bool) -> np.ndarray:
        """Learn the regimes; give the number of each row, ``len(n_rows_)`` for none."""
        check_min_rows(self.min_rows)
        self.named_ = named
        self.by_ = self.by
        if regime_channel(self.by, signals.names) is None:
            if isinstance(self.by, type) or not hasattr(self.by, "fit"):
                raise InvalidParameterError(
                    "by must be a channel or a transformer that gives labels; "
                    f"got {self.by!r} for the channels {', '.join(map(str, signals.names))}"
                )
            self.by_ = clone(self.by).fit(as_frame(signals, named), _target(signals, y))
        labels = self._labels(signals)
        self.known_ = [_known(labels[name]) for name in labels]
        key = self._keys(labels)
        self.keys_, n_rows = np.unique(key[key >= 0], return_counts=True)
        self.n_rows_ = n_rows
        self.own_ = n_rows >= self.min_rows
        if not self.own_.any():
            raise InvalidParameterError(
                f"by={self.by!r} must give a regime at least min_rows={self.min_rows} training "
                f"rows; got {len(n_rows)} regimes, the largest of {n_rows.max(initial=0)} rows"
            )
        places = np.unravel_index(self.keys_, [len(known) for known in self.known_])
        columns = zip(labels, self.known_, places, strict=True)
        self.labels_ = pd.DataFrame({name: known.take(at) for name, known, at in columns})
        return self._numbers(key)

    def number(self, signals: Signals) -> np.ndarray:
        """Number of each row's regime; ``len(n_rows_)`` where it is missing or was never seen."""
        return self._numbers(self._keys(self._labels(signals)))

    def _numbers(self, key: np.ndarray) -> np.ndarray:
        n_regimes = len(self.keys_)
        number = np.minimum(np.searchsorted(self.keys_, key), n_regimes - 1)
        number[self.keys_[number] != key] = n_regimes
        return number.astype(np.int16 if n_regimes < 2**15 else np.int64)

    def _labels(self, signals: Signals) -> pd.DataFrame:
        channel = regime_channel(self.by_, signals.names)
        if channel is not None:
            values = signals.passed.get(channel, signals.values[channel])
            return pd.DataFrame({signals.names[channel]: values}, copy=False)
        labels = self.by_.transform(as_frame(signals, self.named_))
        n_rows = signals.values.shape[1]
        if issparse(labels):
            raise InvalidParameterError(
                f"by must give dense labels; got a sparse matrix, {self.by!r}"
            )
        if isinstance(labels, (pd.Series, pd.DataFrame)):
            labels = pd.DataFrame(labels).reset_index(drop=True)
        else:
            labels = pd.DataFrame(np.asarray(labels).reshape(len(labels), -1))
            labels = labels.set_axis([f"regime_{k}" for k in labels], axis=1)
        if len(labels) != n_rows:
            raise InvalidLogError(f"by must keep rows ({n_rows}); got {len(labels)}, {self.by!r}")
        return labels

    def _keys(self, labels: pd.DataFrame) -> np.ndarray:
        """One number for each combination of known labels; -1 where one of them is not known."""
        key = np.zeros(len(labels), dtype=np.int64)
        unknown = np.zeros(len(labels), dtype=bool)
        for name, known in zip(labels, self.known_, strict=True):
            code = _codes(known, labels[name])
            unknown |= code < 0
            key = key * max(len(known), 1) + code
        key[unknown] = -1
        return key


def _target(signals: Signals, y: Any) -> np.ndarray | None:
    """What a transformer that learns from a target gets, in the order of the rows."""
    is_pandas = isinstance(y, (pd.Series, pd.DataFrame))
    if is_pandas and signals.index is not None and not y.index.equals(signals.index):
        raise InvalidLogError("y must carry the index of X; got another index")
    return None if y is None else np.asarray(y)


def _known(labels: pd.Series) -> pd.Index:
    """Labels that occur, those for a missing value left out."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        codes = labels.cat.codes.to_numpy()
        known = labels.cat.categories[np.unique(codes[codes >= 0])]
    else:
        known = pd.Index(labels.dropna().unique())
        known = known.sort_values() if pd.api.types.is_numeric_dtype(known.dtype) else known
    return known[known != MISSING]


def _codes(known: pd.Index, labels: pd.Series) -> np.ndarray:
    """Position of each label in `known`; -1 where it is not there."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        position = np.append(known.get_indexer(labels.cat.categories), -1)
        return position[labels.cat.codes.to_numpy()]
    values = pd.Index(labels)
    if {known.dtype, values.dtype} == FLOATS:  # rounding makes no new regime
        known, values = known.astype(np.float32), values.astype(np.float32)
        first = np.flatnonzero(~known.duplicated())
        return np.append(first, -1)[known[first].get_indexer(values)]
    return known.get_indexer(values)


def regime_channel(by: Any, names: list[Any]) -> int | None:
    """Position of the channel that `by` names; None where it is a transformer."""
    if hasattr(by, "transform") or not isinstance(by, Hashable):
        return None
    return int(channel_positions([by], names, "by")[0])


def filtered_channels(step: Any, names: list[Any]) -> np.ndarray:
    """Positions of the channels a step filters: those of `columns`, all but `by` by default."""
    channels = channel_positions(step.columns, names)
    if step.columns is not None or step.by is None:
        return channels
    channels = channels[channels != regime_channel(step.by, names)]
    if len(channels) == 0:
        raise InvalidParameterError(
            f"by={step.by!r} must leave a channel to filter; X has no other"
        )
    return channels


def as_frame(signals: Signals, named: bool) -> pd.DataFrame:
    """Signals as a frame, without a copy; columns without names are numbered."""
    columns = signals.names if named else range(len(signals.names))
    frame = pd.DataFrame(signals.values.T, index=signals.index, columns=columns, copy=False)
    put_back(frame, list(columns), signals.passed)
    return frame


def check_min_rows(min_rows: Any) -> None:
    """Raise unless `min_rows` is a whole number of at least 1."""
    if isinstance(min_rows, bool) or not isinstance(min_rows, (int, np.integer)) or min_rows < 1:
        raise InvalidParameterError(f"min_rows must be an int of at least 1; got {min_rows!r}")
