"""SignalTransformer: frame in, frame out, segment by segment. The only base class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from signalprep._base._signals import (
    Signals,
    channel_positions,
    check_columns,
    check_finite,
    is_all_float,
    refuse_wrapped_angles,
)
from signalprep._base._stored import Stored
from signalprep._kernels._blocks import run_blocks
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.log import LEVELS, clock, is_log, segments


class SignalTransformer(Stored, TransformerMixin, BaseEstimator):
    """Base of the transformers that see more than one row, or a channel at a time.

    A subclass stores its parameters in ``__init__`` and implements

    - ``_learn(signals, y)``: check parameters, learn, and set the claims ``lookahead_``,
      ``memory_`` and ``delay_`` (samples);
    - ``_apply(signals)``: give an array of shape (n_channels_out, n_samples), contiguous in time
      and of the dtype of ``signals.values``.

    A light step, whose kernel bears NaN and infinity, can save a pass over the memory: where
    ``_checks_in_passing()`` says so, ``_apply`` runs its kernel by ``_run_checked``, which makes
    the checks as it goes. Where ``_checks_in_learning()`` says so, ``_learn`` calls ``_check``
    itself, with facts that it finds on the way.

    ``get_feature_names_out`` comes from scikit-learn's ``OneToOneFeatureMixin`` or is written out.
    A frame goes in and out with its index; an array is one recording of one segment.
    """

    lookahead_: int
    memory_: int
    delay_: int

    _averages = False  # combines values of different times: a wrapped angle is refused

    def fit(self, X: Any, y: Any = None) -> SignalTransformer:
        """Check the parameters and learn from a log.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log indexed by (cycle, time); an array is one recording at unit rate.
        y : ignored
            Here for scikit-learn's pipelines.

        Returns
        -------
        self : the fitted transformer
        """
        self._fit(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit, and transform the same log; it is read and checked once.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `fit`.
        y : ignored
            Here for scikit-learn's pipelines.

        Returns
        -------
        X_out : DataFrame or array of shape (n_samples, n_channels_out)
            As `transform` gives it.
        """
        own = type(self)
        if own.fit is SignalTransformer.fit and own.transform is SignalTransformer.transform:
            return self._wrap(self._apply(self._fit(X, y)), X)
        return self.fit(X, y).transform(X)  # of a subclass

    def _fit(self, X: Any, y: Any) -> Signals:
        signals = self._read(X, reset=True, check=not self._checks_in_learning())
        self.sample_time_ = signals.sample_time
        self.fitted_on_log_ = signals.index is not None
        self._learn(signals, y)
        names = list(self.get_feature_names_out())
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidParameterError(
                f"the output would have two channels named {twice!r}; rename the channels of X"
            )
        return replace(signals, checked=True)

    def transform(self, X: Any) -> Any:
        """Transform a log, segment by segment.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            Signals with the channels seen in fit, at the same rate.

        Returns
        -------
        X_out : DataFrame or array of shape (n_samples, n_channels_out)
            A frame, with the index of `X`, when `X` is a frame.
        """
        check_is_fitted(self)
        signals = self._read(X, reset=False, check=not self._checks_in_passing())
        return self._wrap(self._apply(signals), X)

    def _checks_in_learning(self) -> bool:
        return False

    def _checks_in_passing(self) -> bool:
        return False

    def _learn(self, signals: Signals, y: Any) -> None:
        raise TypeError(f"{type(self).__name__} must implement _learn")

    def _apply(self, signals: Signals) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} must implement _apply")

    def _read(self, X: Any, reset: bool, check: bool = True) -> Signals:
        check_columns(X)
        index = X.index if is_log(X) else None
        if isinstance(X, pd.DataFrame) and list(X.index.names) == list(reversed(LEVELS)):
            raise InvalidLogError(
                f"a log is indexed by the levels {list(LEVELS)} in this order; "
                f"got {list(X.index.names)}"
            )
        if not reset and self.fitted_on_log_ and index is None:
            raise LostIndexError(
                f"{type(self).__name__} was fitted on a log; X must carry the (cycle, time) index, "
                f"got {type(X).__name__} without it. A step before it may have lost the index "
                "(signalprep.make_pipeline keeps it), or wrap the data by as_log"
            )
        values = np.ascontiguousarray(self._read_samples(X, reset).T)
        dt = None if reset else self.sample_time_
        if index is None:
            bounds = np.array([0, values.shape[1]], dtype=np.int64)
        elif dt is None:
            dt, bounds = clock(index)
        else:
            bounds = segments(index, sample_time=dt)
        if hasattr(self, "feature_names_in_"):
            names = list(self.feature_names_in_)
        else:
            names = [f"x{k}" for k in range(values.shape[0])]
        signals = Signals(values, bounds, index, dt, names, checked=check)
        if check:
            self._check(signals, self._facts(signals))
        return signals

    def _read_samples(self, X: Any, reset: bool) -> np.ndarray:
        """The samples, (n_samples, n_channels), float64 or float32; names and number checked."""
        if is_all_float(X):
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X.to_numpy()
        return validate_data(
            self,
            X,
            reset=reset,
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,
            ensure_min_samples=1,
        )

    def _check(self, signals: Signals, facts: np.ndarray) -> None:
        """Raise for samples that the step refuses; `facts` as `_facts` gives them."""
        check_finite(signals, getattr(self, "nan_policy", "raise"), facts)
        if self._averages:
            remedy = ", or leave it out with columns=" if hasattr(self, "columns") else ""
            refuse_wrapped_angles(signals, self._channels(signals), facts, remedy)

    def _run_checked(self, kernel: Callable[..., None], signals: Signals, *args: Any) -> None:
        """Call ``kernel(first, last, values, bounds, *args)`` for all channels.

        Looks for NaN and infinity on the way where `_read` put that off; not for angles.
        """
        values, bounds = signals.values, signals.bounds
        task = (kernel, bounds, len(values), self._n_threads(), values, bounds, *args)
        if signals.checked:
            run_blocks(*task)
        else:
            from signalprep._kernels._scan import scan_and_run

            self._check(signals, scan_and_run(*task))

    def _facts(self, signals: Signals) -> np.ndarray:
        """Sum, least and greatest value of each channel, (n_channels, 3)."""
        from signalprep._kernels._scan import scan

        n_channels, n_samples = signals.values.shape
        facts = np.empty((n_channels, 3))
        whole = np.array([0, n_samples], dtype=np.int64)
        run_blocks(scan, whole, n_channels, self._n_threads(), signals.values, facts)
        return facts

    def _channels(self, signals: Signals) -> np.ndarray:
        """Positions of the channels that the parameter `columns` names; all of them by default."""
        columns = getattr(self, "columns", None)
        return channel_positions(columns, signals.names)

    def _wrap(self, out: np.ndarray, X: Any) -> Any:
        if not isinstance(X, pd.DataFrame):
            return out.T
        names = self.get_feature_names_out()
        return pd.DataFrame(out.T, index=X.index, columns=names, copy=False)

    def _read_output(self, X: Any) -> Signals:
        """Read what `transform` gave, for an `inverse_transform` that works row by row."""
        check_is_fitted(self)
        check_columns(X)
        names = list(self.get_feature_names_out())
        named = isinstance(X, pd.DataFrame) and hasattr(self, "feature_names_in_")
        if named and list(X.columns) != names:
            raise InvalidLogError(
                f"X must have the columns that transform gives ({', '.join(names)}); "
                f"got {', '.join(map(str, X.columns))}"
            )
        rows = check_array(X, dtype=[np.float64, np.float32], ensure_all_finite=False)
        if rows.shape[1] != len(names):
            raise InvalidLogError(
                f"X must have the {len(names)} channels that transform gives; got {rows.shape[1]}"
            )
        values = np.ascontiguousarray(rows.T)
        bounds = np.array([0, values.shape[1]], dtype=np.int64)
        signals = Signals(values, bounds, X.index if is_log(X) else None, None, names)
        check_finite(signals, getattr(self, "nan_policy", "raise"), self._facts(signals))
        return signals

    def _wrap_input(self, out: np.ndarray, X: Any) -> Any:
        """Give channels of the input, as `inverse_transform` does, the form of `X`."""
        if not isinstance(X, pd.DataFrame):
            return out.T
        names = getattr(self, "feature_names_in_", [f"x{k}" for k in range(len(out))])
        return pd.DataFrame(out.T, index=X.index, columns=names, copy=False)

    def _n_threads(self) -> int:
        return int(effective_n_jobs(getattr(self, "n_jobs", None)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = getattr(self, "nan_policy", "raise") in ("propagate", "omit")
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
