"""FeedForwardRegressor: a multilayer perceptron on the rows of a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.log import cycle_bounds
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural.forward import FeedForwardPass
from signalprep.neural.training._batches import Rows, Segment
from signalprep.neural.training._parameters import check_choice, check_whole
from signalprep.neural.training._recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

__all__ = ["FeedForwardRegressor"]


class FeedForwardRegressor(NetworkRegressor):
    """A multilayer perceptron: each row is predicted from itself.

    Trained by torch on batches of rows in random order, with whole drive cycles held out to stop
    by. What a row needs of the past comes from features, such as
    :class:`~signalprep.ExponentialFeatures`. scikit-learn's ``MLPRegressor`` is the choice without
    torch; it holds out rows instead of cycles.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Width of each hidden layer; empty for a linear model.
    activation : {"relu", "tanh", "gelu"}, default="relu"
    learning_rate : float, default=2e-3
        The largest of the recipe's schedule, > 0.
    max_epochs : int, default=60
        Passes over the training rows.
    recipe : Recipe or None, default=None
        All else that training goes by: loss, optimizer, penalties, cycles to stop by; None:
        ``Recipe()``.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, order, noise and of the choice of cycles. The same seed gives the same
        weights on the same machine and number of threads.
    device : str, default="cpu"
        Where to train: "cpu", "cuda", "cuda:1", "auto".
    n_jobs : int or None, default=None
        Threads of torch in training; None is 1, which is fastest for small networks.
    progress : bool or None, default=None
        Whether to show a bar over the epochs once two seconds have passed; None: on a terminal.

    Attributes
    ----------
    weights_ : dict of str to ndarray of float32
        By torch's names.
    activation_ : str
        The function between the layers they belong to.
    history_ : DataFrame
        One row an epoch: epoch, learning_rate, training_loss, validation_loss (NaN without cycles
        held out; both of the scaled target), gradient_norm (mean, before it is clipped), seconds.
    n_iter_, best_epoch_ : int
        Epochs trained; the one whose weights are kept.
    training_cycles_, validation_cycles_ : Index
        Ids of the cycles trained on and held out.
    inputs_, targets_ : Standardiser
        Mean and scale of channels and targets.
    lookahead_, memory_, delay_ : int
        All 0.

    Notes
    -----
    Weights are trained in float32; predictions are computed from them in float64, row by row in the
    same order of sums, so that a row is predicted the same whatever rows come with it. Cost of a
    prediction: one multiplication for each weight.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.FeedForwardRegressor((16,), max_epochs=5, random_state=0)
    >>> model.fit(X, y).predict(X).shape == y.shape
    True
    """

    _usual_batch_size = 256

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        activation: str = "relu",
        learning_rate: float = 2e-3,
        max_epochs: int = 60,
        recipe: Recipe | None = None,
        random_state: Any = None,
        device: str = "cpu",
        n_jobs: int | None = None,
        progress: bool | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.recipe = recipe
        self.random_state = random_state
        self.device = device
        self.n_jobs = n_jobs
        self.progress = progress

    def _check_own(self) -> None:
        check_choice("activation", self.activation, ("relu", "tanh", "gelu"))
        if isinstance(self.hidden_layer_sizes, str) or not isinstance(
            self.hidden_layer_sizes, (Sequence, np.ndarray)
        ):
            raise InvalidParameterError(
                f"hidden_layer_sizes must be a sequence of ints; got {self.hidden_layer_sizes!r}"
            )
        for size in self.hidden_layer_sizes:
            check_whole("hidden_layer_sizes", size)

    def _keep_own(self) -> None:
        self.activation_ = self.activation

    def _clock(self, index: pd.MultiIndex) -> tuple[float | None, np.ndarray]:
        return None, cycle_bounds(index)  # rows by themselves: there may be gaps of any length

    def _borders(self, log: pd.DataFrame) -> np.ndarray:
        return np.array([0, len(log)], dtype=np.int64)

    def _network(self, n_in: int, n_out: int) -> nn.Module:
        from signalprep.neural.training._networks import FeedForward

        recipe = self._recipe()
        sizes = [int(size) for size in self.hidden_layer_sizes]
        return FeedForward(n_in, n_out, sizes, self.activation, recipe.dropout, recipe.layer_norm)

    def _data(self, parts: list[Segment]) -> Rows:
        return Rows(parts, self._batch_size())

    def _run(self, x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        return FeedForwardPass(self.weights_, self.activation_).run(x)

    def _claimed_memory(self, bounds: np.ndarray) -> int:
        return 0
