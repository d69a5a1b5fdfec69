"""stream: run a fitted pipeline sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike

from signalprep._base import SignalTransformer
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Chain, Handed, Node, tree, walk
from signalprep.log import is_log, segments
from signalprep.streaming._stage import Place, channel_names, open_stage
from signalprep.streaming._words import refuse_words, settled

__all__ = ["Stream", "stream"]


def stream(pipeline: Any, *, dtype: DTypeLike = np.float64) -> Stream:
    """Run a fitted causal pipeline sample by sample, as a controller does.

    Parameters
    ----------
    pipeline : estimator
        Fitted: a pipeline, or a single step, of signalprep's causal steps and scikit-learn's
        estimators that work row by row; ``ColumnTransformer``, ``FeatureUnion``, nested pipelines,
        searches, ``FrozenEstimator``, ``TransformedTargetRegressor``,
        :class:`~signalprep.TrainOnly`, :class:`~signalprep.AtRate` and its like around these.
        It is not copied: do not fit it again while the stream runs.
    dtype : {numpy.float64, numpy.float32}, default=numpy.float64
        Type of the samples. With float32 outputs are rounded after each step, as `transform` does
        with frames of float32.

    Returns
    -------
    stream : Stream
        With ``push`` and ``reset``.

    Raises
    ------
    InvalidParameterError
        A step looks ahead, changes the number of rows, or remembers and has no streaming form. It
        is named.
    sklearn.exceptions.NotFittedError
        A step is not fitted yet.

    Notes
    -----
    signalprep's steps run the same compiled steps as `transform`, so outputs are the same to the
    last bit, however the rows are cut into chunks. The steps of scikit-learn, and the models that
    steps of signalprep hold, are called with the rows of each push: a row that is pushed alone gets
    what `predict` says of that row alone, to the last bit. Linear algebra (BLAS) adds in an order
    that depends on the number of rows, so the same row among others, in a batch or a chunk, may
    differ in the last digits. A wrapped angle is refused in fit only, since a single sample does
    not tell.

    Whether a function in a ``FunctionTransformer``, or an estimator of another package, works row
    by row is seen on the first 32 samples, and `push` raises when it does not.

    A stream can be copied (``copy.deepcopy``) and pickled, with all that it remembers; what is made
    from it goes on from there by itself.

    Cost of a sample: some microseconds for a step of signalprep; for one of scikit-learn, which
    checks its input anew each time, a hundred or more.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> current = np.array([[1.0], [1.1], [0.9], [50.0], [1.1]])
    >>> live = sp.stream(sp.HampelFilter(window_length=5).fit(current[:3]))
    >>> [float(live.push(row)[0]) for row in current]
    [1.0, 1.1, 0.9, 1.05, 1.1]
    """
    return Stream(pipeline, dtype=dtype)


class Stream:
    """A fitted pipeline that takes one sample, or some, at a time and remembers the ones before.

    Made by :func:`~signalprep.stream`. One stream is one segment of one recording at a time: call
    `reset` before the first sample of another cycle, or after a gap.

    Parameters
    ----------
    pipeline : estimator
        As for :func:`~signalprep.stream`.
    dtype : {numpy.float64, numpy.float32}, default=numpy.float64
        As for :func:`~signalprep.stream`.

    Attributes
    ----------
    feature_names_in_ : ndarray of str of shape (n_channels,)
        Names of the channels, in the order of a row; ``x0``, ``x1`` ... of a pipeline that was
        fitted on arrays. Of one whose steps are all passed through, which does not remember its
        channels, those of the first row that is pushed; none before.
    feature_names_out_ : ndarray of str or None
        Names of the outputs; None for predictions, and when a step does not tell.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.arange(12.0).reshape(-1, 2), rate=10.0)
    >>> live = sp.stream(sp.ExponentialFeatures([3], statistics=["mean"]).fit(log))
    >>> live.feature_names_out_.tolist()
    ['x0', 'x1', 'x0_mean_3', 'x1_mean_3']
    >>> live.push({"x0": 0.0, "x1": 1.0}).tolist(), live.push([4.0, 3.0]).tolist()
    ([0.0, 1.0, 0.0, 1.0], [4.0, 3.0, 2.0, 2.0])
    """

    feature_names_in_: np.ndarray
    feature_names_out_: np.ndarray | None

    _last: pd.Index | None  # where the last rows came from, if they were of a log

    def __init__(self, pipeline: Any, *, dtype: DTypeLike = np.float64) -> None:
        self._dtype = np.dtype(dtype)
        if self._dtype not in (np.float64, np.float32):
            raise InvalidParameterError(f"dtype must be float64 or float32; got {dtype!r}")
        self._pipeline = pipeline
        node = tree(pipeline)
        self._stage = open_stage(pipeline, Place("", last=True).inside(node))
        first = _first_step(node)
        self._first = first
        self._by_name = hasattr(first, "feature_names_in_")
        names = [] if first is None else channel_names(first)
        self.feature_names_in_ = np.array(names, dtype=object)
        told = first is not None and not self._stage.predicts
        self.feature_names_out_ = _names_out(pipeline) if told else None
        # the outermost step that knows it comes first, so not one inside AtRate
        known = (getattr(step, "sample_time_", None) for _, step in walk(pipeline))
        self._sample_time = next((dt for dt in known if dt is not None), None)
        self._shape = (len(names),)  # of a row that needs no look
        self.reset()

    def __repr__(self) -> str:
        names = self.feature_names_out_
        gives = "predictions" if self._stage.predicts else "outputs"
        return (
            f"Stream({type(self._pipeline).__name__}: {len(self.feature_names_in_) or 'any'} "
            "channels to "
            f"{gives if names is None else f'{len(names)} {gives}'}, {self._n_seen} samples "
            "since the last reset)"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {
            "pipeline": self._pipeline,
            "dtype": self._dtype,
            "memory": self._stage.remember(),
            "names": (self.feature_names_in_, self.feature_names_out_, self._by_name),
            "pushed": (self._n_seen, self._failed, self._last),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        Stream.__init__(self, state["pipeline"], dtype=state["dtype"])
        self._stage.recall(state["memory"])
        self.feature_names_in_, self.feature_names_out_, self._by_name = state["names"]
        self._n_seen, self._failed, self._last = state["pushed"]

    def reset(self) -> None:
        """Forget all samples: the next one is the first of a segment."""
        self._stage.reset()
        self._n_seen = 0
        self._failed = False
        self._last = None

    def push(self, rows: Any) -> Any:
        """Take the next sample or samples and give their outputs.

        Parameters
        ----------
        rows : sequence, mapping or Series of n_channels values, or 2-D array or DataFrame
            One sample (values in the order of `feature_names_in_`, or by name, where other names
            are ignored), or several, one a row: numbers, and words of channels that a step encodes
            or hands on. Rows of a log must be of one segment and follow those before.

        Returns
        -------
        outputs : ndarray, or number
            Of one sample: an array of shape (n_channels_out,), or its prediction. Of n samples: an
            array of shape (n_samples, n_channels_out), or n predictions.

        Raises
        ------
        InvalidLogError
            The wrong number of channels, a missing name, a value that a step refuses (NaN, unless
            its `nan_policy` says otherwise, and infinities), or rows of another segment. A failed
            push may have reached the first steps only, so `reset` must come next.
        InvalidParameterError
            A step that turns out to see other rows, to drop rows or to give a sparse matrix.
        """
        if self._failed:
            raise InvalidLogError(
                f"the push of sample {self._n_seen} since the last reset failed, so the samples "
                "after it have no past to follow: call reset()"
            )
        plain = type(rows) is np.ndarray and rows.dtype is self._dtype and rows.shape == self._shape
        values = rows if plain else self._values(rows)
        one = values.ndim == 1
        # a copy, to be written to
        x = values.copy()[:, np.newaxis] if one else np.array(values.T, order="C")
        self._failed = True
        out = self._stage.push(x)
        self._failed = False
        self._n_seen += x.shape[1]
        self._last = None if plain or not is_log(rows) else rows.index[-1:]
        if self._stage.predicts:
            return out[0] if one else out
        return out[:, 0] if one else out.T

    def _values(self, rows: Any) -> np.ndarray:
        """Numbers in the order of the channels, one row or several."""
        if len(self.feature_names_in_) == 0:
            self._take_names(rows)
        names = self.feature_names_in_
        given = rows if isinstance(rows, np.ndarray) else self._in_order(rows)
        values = np.asarray(given)
        if values.dtype.kind not in "fiub":  # numpy would make words of numbers, too
            values = np.asarray(given, dtype=object)
        if values.ndim not in (1, 2) or values.shape[-1] != len(names) or values.size == 0:
            raise InvalidLogError(
                f"a row must hold {len(names)} channels "
                f"({', '.join(map(str, names))}); got shape {values.shape}"
            )
        if values.dtype != object:
            return values.astype(self._dtype, copy=False)
        found = settled(values.reshape(-1, len(names)).T, self._dtype)
        if isinstance(self._first, SignalTransformer):  # before any step has seen them
            refuse_words(self._first, type(self._first).__name__, found)
        return found.T.reshape(values.shape)

    def _take_names(self, rows: Any) -> None:
        """Take the channels of the first rows for those of all."""
        self._by_name = isinstance(rows, (pd.DataFrame, pd.Series, Mapping))
        n_channels = (0, *np.shape(rows))[-1]
        names = rows.keys() if self._by_name else [f"x{k}" for k in range(n_channels)]
        self.feature_names_in_ = np.array([*names], dtype=object)
        self.feature_names_out_ = _names_out(self._pipeline, self.feature_names_in_)

    def _in_order(self, rows: Any) -> Any:
        """What comes with names, in the order of the channels; the rest as it is."""
        if isinstance(rows, pd.DataFrame):
            self._check_segment(rows)
        if isinstance(rows, (pd.DataFrame, pd.Series)):
            if not self._by_name:
                return rows
            self._check_names(rows.keys())
            return rows[list(self.feature_names_in_)]
        if isinstance(rows, Mapping):
            self._check_names(rows)
            return [rows[name] for name in self.feature_names_in_]
        return rows

    def _check_names(self, names: Any) -> None:
        """Raise when a channel is not there."""
        for name in self.feature_names_in_:
            if name not in names:
                raise InvalidLogError(
                    f"rows must hold the channel {name!r}; got {', '.join(map(str, names))}"
                )

    def _check_segment(self, frame: pd.DataFrame) -> None:
        """Raise unless the rows of a log are of one segment, and of the one before."""
        if not is_log(frame):
            return
        index = frame.index if self._last is None else self._last.append(frame.index)
        bounds = segments(index, sample_time=self._sample_time)
        if len(bounds) > 2:
            first = bounds[1] - (0 if self._last is None else len(self._last))
            raise InvalidLogError(
                f"rows must be of one segment; row {first} starts another (a new cycle, or after "
                "a gap): call reset() before it"
            )


def _first_step(node: Node) -> Any:
    """The estimator that takes the rows as they come; None where all of them are passed through."""
    if isinstance(node, Chain):
        found = (_first_step(step) for _, step in node.steps)
        return next((step for step in found if step is not None), None)
    if hasattr(node.estimator, "n_features_in_"):
        return node.estimator
    if isinstance(node, Handed):
        return _first_step(node.inner)
    raise InvalidParameterError(
        f"the first step must tell how many channels it takes (n_features_in_); got "
        f"{type(node.estimator).__name__}"
    )


def _names_out(pipeline: Any, *names_in: Any) -> np.ndarray | None:
    try:
        return np.asarray(pipeline.get_feature_names_out(*names_in), dtype=object)
    except AttributeError:  # a step of scikit-learn that does not tell
        return None
