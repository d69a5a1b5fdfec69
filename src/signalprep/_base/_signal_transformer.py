"""SignalTransformer: frame in, frame out, segment by segment. The only base class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from signalprep._base._passed import as_numbers, check_unread, passed_channels, put_back
from signalprep._base._plan import Plan
from signalprep._base._plan_run import PlanRun
from signalprep._base._signals import (
    Refusal,
    Signals,
    channel_positions,
    check_table,
    is_all_float,
)
from signalprep._base._stored import Stored
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.log import clock, is_log, segments


class SignalTransformer(Stored, TransformerMixin, BaseEstimator):
    """Base of the transformers that see more than one row, or a channel at a time.

    A subclass stores its parameters in ``__init__`` and implements

    - ``_learn(signals, y)``: check parameters, learn, and set the claims ``lookahead_``,
      ``memory_`` and ``delay_`` (samples) where they are not 0;
    - ``plan(dtype)``: which causal kernel does its arithmetic. What it remembers adds to
      ``memory_`` by itself; batch and stream follow. Or, without such a kernel,
    - ``_apply(signals)``: give an array of shape (n_channels_out, n_samples), contiguous in time
      and of the dtype of ``signals.samples``.

    Samples are looked through for NaN, infinity and wrapped angles when ``signals.values`` are
    first asked for; a pass that finds the facts on its way takes ``signals.samples`` and tells
    ``signals.check``.

    ``get_feature_names_out`` comes from scikit-learn's ``OneToOneFeatureMixin`` or is written out.
    A frame goes in and out with its index; an array is one recording of one segment.
    """

    lookahead_: int
    memory_: int
    delay_: int

    combines_rows: ClassVar[bool] = False
    """Whether it mixes values of different times: then a wrapped angle is refused."""

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
        signals = self._read(X, reset=True)
        self.sample_time_ = signals.sample_time
        self.fitted_on_log_ = signals.index is not None
        self.lookahead_ = self.memory_ = self.delay_ = 0
        self._learn(signals, y)
        signals.check()
        plan = self.plan(signals.samples.dtype)
        self.memory_ += 0 if plan is None else plan.memory
        names = list(self.get_feature_names_out())
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidParameterError(
                f"the output would have two channels named {twice!r}; rename the channels of X"
            )
        return signals

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
        signals = self._read(X, reset=False)
        out = self._wrap(self._apply(signals), X)
        signals.check()
        return out

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic of the fitted step; None without one.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        return None

    def _learn(self, signals: Signals, y: Any) -> None:
        raise TypeError(f"{type(self).__name__} must implement _learn")

    def _apply(self, signals: Signals) -> np.ndarray:
        plan = self.plan(signals.samples.dtype)
        if plan is None:
            raise TypeError(f"{type(self).__name__} must implement plan or _apply")
        return PlanRun(plan, signals, self._n_threads()).outputs()

    def _read(self, X: Any, reset: bool) -> Signals:
        check_table(X)
        index = X.index if is_log(X) else None
        if not reset and self.fitted_on_log_ and index is None:
            raise LostIndexError(
                f"{type(self).__name__} was fitted on a log; X must carry the (cycle, time) index, "
                f"got {type(X).__name__} without it. A step before it may have lost the index "
                "(signalprep.make_pipeline keeps it), or wrap the data by as_log"
            )
        passed = passed_channels(X)
        numbers = as_numbers(X, passed) if passed else X
        values = np.ascontiguousarray(self._read_samples(numbers, reset).T)
        dt = None if reset else self.sample_time_
        if index is None:
            bounds = np.array([0, values.shape[1]], dtype=np.int64)
        elif dt is None:
            dt, bounds = clock(index)
        else:
            bounds = segments(index, sample_time=dt)
        n_threads = self._n_threads()
        if hasattr(self, "feature_names_in_"):
            names = list(self.feature_names_in_)
        else:
            names = [f"x{k}" for k in range(values.shape[0])]
        self._check_unread(names, passed)
        refusal = self._refusal(names)
        return Signals(values, bounds, index, dt, names, refusal, None, n_threads, passed)

    def _check_unread(self, names: list[Any], passed: Mapping[int, Any]) -> None:
        """Raise for a channel that holds no numbers, of those that the step computes with."""
        if passed:
            remedy = " of columns=, to pass as it is" if hasattr(self, "columns") else ""
            check_unread(names, passed, self._read_channels(names), remedy)

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        """Positions of the channels that it computes with; the others pass, whatever they hold."""
        return channel_positions(getattr(self, "columns", None), names)

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

    def _refusal(self, names: list[Any]) -> Refusal:
        """What the step cannot use."""
        nan_policy = getattr(self, "nan_policy", "raise")
        if not self.combines_rows:
            return Refusal(nan_policy)
        remedy = ", or leave it out with columns=" if hasattr(self, "columns") else ""
        angles = channel_positions(getattr(self, "columns", None), names)
        return Refusal(nan_policy, angles, remedy)

    def _refuses(self) -> float:
        """What a kernel is told to refuse."""
        return Refusal(getattr(self, "nan_policy", "raise")).code

    def _channels(self, signals: Signals) -> np.ndarray:
        """Positions of the channels that the parameter `columns` names; all of them by default."""
        columns = getattr(self, "columns", None)
        return channel_positions(columns, signals.names)

    def _wrap(self, out: np.ndarray, X: Any) -> Any:
        if not isinstance(X, pd.DataFrame):
            return out.T
        return self._framed(out, X, X.index)

    def _framed(self, out: np.ndarray, X: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
        """Outputs as a frame, with what it passes on of `X`: other channels, and its attrs."""
        names = self.get_feature_names_out()
        frame = pd.DataFrame(out.T, index=index, columns=names, copy=False)
        put_back(frame, list(X.columns), passed_channels(X))
        frame.attrs = dict(X.attrs)
        if "units" in X.attrs:
            frame.attrs["units"] = self._units(X.attrs["units"])
        return frame

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        """Units of the outputs by those of the inputs, as far as these are known."""
        return {name: units[name] for name in self.get_feature_names_out() if name in units}

    def _read_output(self, X: Any) -> Signals:
        """Read what `transform` gave, for an `inverse_transform` that works row by row."""
        check_is_fitted(self)
        check_table(X)
        names = list(self.get_feature_names_out())
        named = isinstance(X, pd.DataFrame) and hasattr(self, "feature_names_in_")
        if named and list(X.columns) != names:
            raise InvalidLogError(
                f"X must have the columns that transform gives ({', '.join(names)}); "
                f"got {', '.join(map(str, X.columns))}"
            )
        passed = passed_channels(X)
        self._check_unread(names, passed)
        numbers = as_numbers(X, passed) if passed else X
        rows = check_array(numbers, dtype=[np.float64, np.float32], ensure_all_finite=False)
        if rows.shape[1] != len(names):
            raise InvalidLogError(
                f"X must have the {len(names)} channels that transform gives; got {rows.shape[1]}"
            )
        values = np.ascontiguousarray(rows.T)
        bounds = np.array([0, values.shape[1]], dtype=np.int64)
        refusal = Refusal(getattr(self, "nan_policy", "raise"))
        index = X.index if is_log(X) else None
        return Signals(values, bounds, index, None, names, refusal, passed=passed)

    def _wrap_input(self, out: np.ndarray, X: Any) -> Any:
        """Give channels of the input, as `inverse_transform` does, the form of `X`."""
        if not isinstance(X, pd.DataFrame):
            return out.T
        names = getattr(self, "feature_names_in_", [f"x{k}" for k in range(len(out))])
        frame = pd.DataFrame(out.T, index=X.index, columns=names, copy=False)
        put_back(frame, list(X.columns), passed_channels(X))
        frame.attrs = dict(X.attrs)
        if "units" in X.attrs:
            units, pairs = X.attrs["units"], zip(names, X.columns, strict=True)
            frame.attrs["units"] = {name: units[other] for name, other in pairs if other in units}
        return frame

    def _n_threads(self) -> int:
        return int(effective_n_jobs(getattr(self, "n_jobs", None)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = getattr(self, "nan_policy", "raise") in ("propagate", "omit")
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def outputs(step: SignalTransformer, signals: Signals) -> np.ndarray:
    """What a fitted step makes of samples that somebody else has read, (n_channels_out, .)."""
    return step._apply(signals)


def read_channels(step: SignalTransformer, names: list[Any]) -> np.ndarray:
    """Positions of the channels that a step computes with; the others pass, whatever they hold."""
    return step._read_channels(names)
