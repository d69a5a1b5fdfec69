"""Predictions where neither the cycle nor the regime was seen in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from signalprep.errors import InvalidParameterError
from signalprep.model_selection import CycleKFold
from signalprep.trial import split_model


def predict_unseen_regimes(
    estimator: Any,
    X: pd.DataFrame,
    y: pd.Series,
    regimes: pd.Series,
    *,
    n_splits: int,
    groups: pd.Series | None,
    omit: np.ndarray | None = None,
    n_jobs: int | None,
) -> pd.DataFrame:
    """Hold out every regime on every set of cycles.

    The steps see whole cycles, so that a filter's memory is not cut where a regime is left; the
    model learns from no row of the held-out regime, and from none that is omitted.

    Returns
    -------
    predictions : DataFrame
        ``truth`` and ``prediction`` of the tested rows, in the order of the log; at the slower
        rate when the model is inside AtRate.
    """
    codes, _ = pd.factorize(regimes)
    folds = CycleKFold(n_splits, together=groups).split(X)
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_one_set)(estimator, X, y, codes, train, test, omit) for train, test in folds
    )
    rows = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    prediction = np.concatenate([prediction for _, prediction in parts])[order]
    if omit is not None:
        rows, prediction = rows[~omit[rows]], prediction[~omit[rows]]
    truth = y.to_numpy(dtype=np.float64)[rows]
    return pd.DataFrame({"truth": truth, "prediction": prediction}, index=X.index[rows])


def _one_set(
    estimator: Any,
    X: pd.DataFrame,
    y: pd.Series,
    codes: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    omit: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and predictions of each regime on one set of test cycles."""
    split = split_model(estimator, X.iloc[train], y.iloc[train])
    learned, tested = split.features, split.apply(X.iloc[test])
    regime, regime_tested = codes[train][learned.rows], codes[test][tested.rows]
    rows, predictions = [], []
    for code in np.unique(regime_tested[regime_tested >= 0]):
        others = (regime != code) & (regime >= 0)
        if omit is not None:
            others &= ~omit[train][learned.rows]
        if not others.any():
            raise InvalidParameterError(
                "the training cycles must visit another regime than the held-out one; got one only"
            )
        model = clone(split.model).fit(learned.X[others], learned.y[others])
        held_out = regime_tested == code
        rows.append(test[tested.rows[held_out]])
        predictions.append(np.asarray(model.predict(tested.X), dtype=float)[held_out])
    if not rows:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate(rows), np.concatenate(predictions)
