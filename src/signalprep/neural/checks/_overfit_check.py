"""overfit_check: can a network memorise a few rows? The first test on any new set-up."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array

from signalprep.errors import InvalidLogError, InvalidParameterError, TrainingDivergedError
from signalprep.log import clock, is_log, to_samples
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural._recurrent_regressor import RecurrentRegressor
from signalprep.neural.checks._last_network import new_network
from signalprep.neural.training._parameters import check_choice, check_whole

__all__ = ["OverfitCheck", "overfit_check"]

N_ROWS = {"rows": 32, "cycle": 256}
N_ROUNDS = 10
PLAIN = {
    "recipe__dropout": 0.0,
    "recipe__input_noise": 0.0,
    "recipe__weight_decay": 0.0,
    "recipe__l1": 0.0,
    "recipe__regimes": None,
    "recipe__early_stopping": False,
    "recipe__schedule": "constant",
    "recipe__warm_start": True,
    "progress": False,
}


@dataclass(frozen=True, repr=False)
class OverfitCheck:
    """Whether a network could memorise a few rows, and what to look at if not.

    Made by :func:`signalprep.neural.overfit_check`.

    Attributes
    ----------
    ok : bool
        Whether `share` came below `threshold`.
    error : float
        RMSE on the rows it was trained on, in the target's unit; of several targets that with the
        largest share. Infinite where the training diverged.
    share : float
        `error` as a share of the target's standard deviation over these rows.
    threshold : float
        Largest share that passes.
    n_rows : int
        Rows trained on.
    target : str
        Name of the target.
    history : DataFrame
        One row an epoch, as ``history_`` of the estimator; empty where the training diverged.
    advice : tuple of str
        What to look at; empty when all is well.
    """

    ok: bool
    error: float
    share: float
    threshold: float
    n_rows: int
    target: str
    history: pd.DataFrame
    advice: tuple[str, ...] = ()

    def __repr__(self) -> str:
        done = "memorises" if self.ok else "does NOT memorise"
        lines = [
            f"OverfitCheck: the network {done} {self.n_rows} rows of {self.target!r}",
            f"  RMSE {self.error:.3g}, {100 * self.share:.2g} % of the target's spread (limit "
            f"{100 * self.threshold:.2g} %) after {len(self.history)} epochs",
        ]
        return "\n".join([*lines, *(f"  - {text}" for text in self.advice)])


def overfit_check(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    n_rows: int | None = None,
    by: str = "auto",
    max_epochs: int = 1000,
    threshold: float = 0.05,
) -> OverfitCheck:
    """Train a network on a few rows until it knows them by heart.

    A network that cannot is broken, too small, trained at a wrong rate, or cannot see what the
    target depends on; more data will not help. What would stand in the way is switched off in a
    clone: dropout, noise, weight decay, l1, early stopping, weights by regime; the learning rate is
    constant. The steps of a pipeline before the network are fitted on all rows.

    Parameters
    ----------
    estimator : RecurrentRegressor, FeedForwardRegressor, or Pipeline or AtRate with one at its end
        Not changed, and need not be fitted.
    X : DataFrame or array of shape (n_samples, n_channels)
        A log, as for ``fit``.
    y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
        The target at each row.
    n_rows : int or None, default=None
        How many rows to learn, at least 2; None: 32 for "rows", at most 256 for "cycle".
    by : {"auto", "rows", "cycle"}, default="auto"
        "rows": rows spread evenly over the log (for a recurrent network, neighbouring ones);
        "cycle": the first rows of the segment in which the target varies most. "auto": "cycle" for
        a recurrent network, else "rows".
    max_epochs : int, default=1000
        Most epochs; it ends as soon as the rows are known.
    threshold : float, default=0.05
        Largest RMSE, as a share of the target's standard deviation over these rows, that counts as
        known, (0, 1).

    Returns
    -------
    check : OverfitCheck

    Raises
    ------
    ImportError
        torch is not installed.
    InvalidParameterError
        A parameter out of its range; an estimator that is no network.
    InvalidLogError
        The target does not vary over the rows.

    Notes
    -----
    A training that diverges is a check that failed, not an error. Rows of the `warm_up` come on top
    of `n_rows` and are not judged. Cost: at most `max_epochs` passes over `n_rows` rows.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=3, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.FeedForwardRegressor(random_state=0)
    >>> sp.neural.overfit_check(model, X, y).ok
    True
    """
    check_choice("by", by, ("auto", "rows", "cycle"))
    check_whole("max_epochs", max_epochs)
    if n_rows is not None:
        check_whole("n_rows", n_rows, 2)
    if not isinstance(threshold, numbers.Real) or not 0 < threshold < 1:
        raise InvalidParameterError(f"threshold must be a number in (0, 1); got {threshold!r}")
    network, X, y = new_network(estimator, X, y)
    network._check()
    recurrent = isinstance(network, RecurrentRegressor)
    if by == "auto":
        by = "cycle" if recurrent else "rows"
    n_rows = N_ROWS[by] if n_rows is None else int(n_rows)
    target = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    together = by == "cycle" or recurrent
    chosen, n_left_out = _choose(network, X, target, n_rows, together)
    some_X = X.iloc[chosen] if together and is_log(X) else np.asarray(X)[chosen]
    some_y = target[chosen]
    known = target.reshape(len(target), -1)[chosen][n_left_out:]
    spread = known.std(axis=0)
    if not (spread > 1e-12 * np.abs(known).max(axis=0)).all():
        raise InvalidLogError(
            f"y must vary over the {len(known)} rows to learn; it is constant there"
        )
    network.set_params(**PLAIN)
    if not recurrent:
        network.set_params(recipe__batch_size=min(network._batch_size(), len(chosen)))
    error, history = _learn(network, some_X, some_y, n_left_out, max_epochs, threshold)
    shares = error / spread
    worst = int(np.argmax(shares))
    ok = bool(shares[worst] <= threshold)
    repeated = _contradiction(np.asarray(some_X, dtype=np.float64), known / spread, recurrent)
    return OverfitCheck(
        ok,
        float(error[worst]),
        float(shares[worst]),
        float(threshold),
        len(known),
        _name(y, worst),
        history,
        () if ok else _advice(network, history, float(shares[worst]), repeated),
    )


def _choose(
    network: NetworkRegressor, X: Any, target: np.ndarray, n_rows: int, together: bool
) -> tuple[np.ndarray, int]:
    """Rows to learn, and how many of the first of them are not judged."""
    n = len(target)
    if not together:
        return np.unique(np.linspace(0, n - 1, min(n_rows, n)).round().astype(int)), 0
    dt, bounds = clock(X.index) if is_log(X) else (None, np.array([0, n]))
    left_out = 0
    if isinstance(network, RecurrentRegressor):
        left_out = 0 if network.warm_up == 0 else to_samples(network.warm_up, dt, "warm_up")
    ends = np.minimum(bounds[1:], bounds[:-1] + left_out + n_rows)
    values = target.reshape(n, -1) / np.maximum(target.reshape(n, -1).std(axis=0), 1e-300)
    spreads = [
        values[a + left_out : b].std(axis=0).min() if b - a > left_out + 1 else -1.0
        for a, b in zip(bounds[:-1], ends, strict=True)
    ]
    best = int(np.argmax(spreads))
    if spreads[best] < 0.0:
        raise InvalidLogError(
            f"X must have a segment of more than warm_up={left_out} + 1 rows; the longest has "
            f"{int(np.diff(bounds).max())}"
        )
    return np.arange(bounds[best], ends[best]), left_out


def _learn(
    network: NetworkRegressor,
    X: Any,
    y: Any,
    n_left_out: int,
    max_epochs: int,
    threshold: float,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Train in rounds until the rows are known: RMSE of each target, and the history."""
    target = np.asarray(y, dtype=np.float64).reshape(len(X), -1)
    error, done = np.full(target.shape[1], np.inf), 0
    for epochs in np.diff(np.linspace(0, max_epochs, N_ROUNDS + 1).round().astype(int)):
        if epochs == 0:
            continue
        try:
            network.set_params(max_epochs=int(epochs)).fit(X, y)
        except TrainingDivergedError:
            return np.full(target.shape[1], np.inf), pd.DataFrame()
        done += int(epochs)
        missed = (network.predict(X).reshape(target.shape) - target)[n_left_out:]
        error = np.sqrt((missed**2).mean(axis=0))
        if (error <= threshold * target[n_left_out:].std(axis=0)).all():
            break
    return error, network.history_


def _contradiction(X: np.ndarray, scaled: np.ndarray, recurrent: bool) -> float:
    """Share of the spread that no function of a row can learn: equal inputs, other targets."""
    if recurrent:
        return 0.0
    group = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    count = np.bincount(group)
    worst = 0.0
    for values in scaled.T:
        mean = np.bincount(group, values) / count
        worst = max(worst, float(np.sqrt(((values - mean[group]) ** 2).mean())))
    return worst


def _advice(
    network: NetworkRegressor, history: pd.DataFrame, share: float, repeated: float
) -> tuple[str, ...]:
    rate = f"learning_rate={float(network.learning_rate):.3g}"
    if history.empty:
        return (f"the training diverged: lower {rate} (learning_rate_range_test finds one)",)
    found = []
    if repeated > 0.01:
        found.append(
            f"rows with equal inputs have other targets ({100 * repeated:.2g} % of the spread): "
            "the inputs do not hold what the target depends on; add features with memory, or take "
            "a recurrent network"
        )
    loss = history["training_loss"].to_numpy()
    tenth = max(len(loss) // 10, 1)
    if loss[-tenth:].mean() < 0.97 * loss[-3 * tenth : -2 * tenth].mean():
        found.append(f"the loss still falls: raise max_epochs or {rate}")
    elif np.diff(loss[len(loss) // 2 :]).std() > 0.1 * loss[len(loss) // 2 :].mean():
        found.append(f"the loss jumps about: lower {rate} (learning_rate_range_test finds one)")
    if share > 0.9:
        found.append(
            "nothing is learned: check that y belongs to the rows of X, and look at the gradients "
            "with network_statistics"
        )
    if not network._recipe().scale_inputs:
        found.append(
            "the inputs may be far from unit spread: recipe=Recipe(scale_inputs=True), or a Scaler "
            "before the network"
        )
    return (*found, "more hidden units, or another layer, if neither rate nor inputs are at fault")


def _name(y: Any, column: int) -> str:
    if isinstance(y, pd.DataFrame):
        return str(y.columns[column])
    name = getattr(y, "name", None)
    return "target" if name is None else str(name)
