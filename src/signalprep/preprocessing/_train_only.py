"""TrainOnly: let any scikit-learn transformer remember the cycles it was fitted on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Stored
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.log import cycles, is_log

__all__ = ["TrainOnly"]


def _inner_has(name: str) -> Callable[[TrainOnly], bool]:
    return lambda self: hasattr(self._inner(), name)


class TrainOnly(Stored, TransformerMixin, BaseEstimator):
    """Wrap a scikit-learn transformer so that it tells which cycles it learned from.

    The wrapped transformer must keep rows. A frame comes back as a frame with its index, whatever
    the wrapped transformer gives, so that the steps after it still see the cycle borders.

    Parameters
    ----------
    transformer : transformer, default=None
        What to fit on the training rows; None is ``StandardScaler()``. It is cloned.

    Attributes
    ----------
    transformer_ : transformer
        The fitted clone.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for data without the (cycle, time) index.
    lookahead_, memory_, delay_ : int
        Those of the wrapped transformer; 0 when it has none, as scikit-learn's transformers work
        row by row. Of a wrapped pipeline or union `reach` adds them up.

    Raises
    ------
    InvalidParameterError
        `transformer` is no transformer, changes the number of rows, or gives a sparse matrix for a
        frame.
    LostIndexError
        Fitted on a log, but `transform` gets data without the (cycle, time) index.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.decomposition import PCA
    >>> log = sp.as_log(np.eye(4), cycle=["a", "a", "b", "b"], rate=1.0)
    >>> sp.TrainOnly(PCA(2)).fit(log).cycles_.tolist()
    ['a', 'b']
    """

    def __init__(self, transformer: Any = None) -> None:
        self.transformer = transformer

    def fit(self, X: Any, y: Any = None) -> TrainOnly:
        """Fit a clone of the transformer and remember the cycles.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : array-like, default=None
            Handed on.

        Returns
        -------
        self : the fitted transformer
        """
        inner = self._prototype()
        if isinstance(inner, type) or not (hasattr(inner, "fit") and hasattr(inner, "transform")):
            raise InvalidParameterError(
                f"transformer must have the methods fit and transform; got {inner!r}"
            )
        transformer = clone(inner).fit(X, y)
        self.cycles_ = cycles(X) if is_log(X) else pd.Index([])
        self.fitted_on_log_ = is_log(X)
        self.transformer_ = transformer
        return self

    def transform(self, X: Any) -> Any:
        """Transform rows by the fitted transformer.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        X_out : DataFrame or array of shape (n_samples, n_features_out)
            A frame, with the index of `X`, when `X` is a frame.
        """
        check_is_fitted(self)
        if self.fitted_on_log_ and not is_log(X):
            raise LostIndexError(
                "TrainOnly was fitted on a log; X must carry the (cycle, time) index, "
                f"got {type(X).__name__} without it. A step before it may have lost the index "
                "(signalprep.make_pipeline keeps it), or wrap the data by as_log"
            )
        out = self.transformer_.transform(X)
        if not isinstance(X, pd.DataFrame):
            return out
        if issparse(out):
            raise InvalidParameterError(
                "transformer must give a dense array for a frame (sparse_output=False); "
                f"got {type(out).__name__} from {self.transformer_!r}"
            )
        if len(out) != len(X):
            raise InvalidLogError(
                f"transformer must keep rows ({len(X)}); got {len(out)} from {self.transformer_!r}"
            )
        if isinstance(out, pd.DataFrame):
            return out.set_axis(X.index, axis=0)
        names = self.get_feature_names_out()
        return pd.DataFrame(np.asarray(out), index=X.index, columns=names, copy=False)

    @available_if(_inner_has("inverse_transform"))
    def inverse_transform(self, X: Any) -> Any:
        """Undo the transform, where the wrapped transformer can.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features_out)
            As `transform` gives it.

        Returns
        -------
        X_original : DataFrame or array of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        out = self.transformer_.inverse_transform(X)
        if not isinstance(X, pd.DataFrame):
            return out
        names = getattr(self, "feature_names_in_", None)
        return pd.DataFrame(np.asarray(out), index=X.index, columns=names, copy=False)

    @available_if(_inner_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the output features, from the wrapped transformer."""
        check_is_fitted(self)
        return self.transformer_.get_feature_names_out(input_features)

    @property
    def n_features_in_(self) -> int:
        """Number of features seen in fit."""
        return self._fitted("n_features_in_")

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the features seen in fit, when they were strings."""
        return self._fitted("feature_names_in_")

    @property
    def lookahead_(self) -> int:
        """How far an output sees into the future, in samples."""
        return getattr(self._fitted(), "lookahead_", 0)

    @property
    def memory_(self) -> int:
        """How far an output sees into the past, in samples."""
        return getattr(self._fitted(), "memory_", 0)

    @property
    def delay_(self) -> int:
        """Group delay in samples."""
        return getattr(self._fitted(), "delay_", 0)

    def _inner(self) -> Any:
        """The fitted transformer, or before fit the one to clone."""
        return vars(self).get("transformer_", self._prototype())

    def _prototype(self) -> Any:
        return StandardScaler() if self.transformer is None else self.transformer

    def _fitted(self, name: str | None = None) -> Any:
        if "transformer_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} is not fitted yet")
        return self.transformer_ if name is None else getattr(self.transformer_, name)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self._inner())
        tags.input_tags = inner.input_tags
        tags.target_tags = inner.target_tags
        tags.transformer_tags = inner.transformer_tags
        tags.non_deterministic = inner.non_deterministic
        return tags
