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
from signalprep.neural.training import Rows, Segment, check_choice, check_whole

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
    dropout : float, default=0.0
        Share of hidden values left out at random in training, [0, 1).
    layer_norm : bool, default=False
        Whether to normalise the sums of each hidden layer over its units.
    input_noise : float, default=0.0
        Standard deviation of noise on the scaled inputs in training, >= 0.
    loss : {"squared_error", "absolute_error", "huber", "quantile"}, default="squared_error"
        Of the scaled target.
    huber_delta : float, default=1.0
        Where Huber's loss goes over from square to line, in standard deviations of the target.
    quantile : float, default=0.5
        Which quantile ``loss="quantile"`` estimates, (0, 1).
    regimes : RegimeBinner or dict of bins, default=None
        The operating map: rows of rare cells weigh more in the loss. None weighs all alike.
    regime_balance : float, default=0.5
        How much: a weight of (mean rows of a cell / rows of its cell) to this power; 1 makes every
        cell count alike.
    optimizer : {"adamw", "adam", "sgd", "rmsprop"}, default="adamw"
    learning_rate : float, default=2e-3
        The largest of the schedule, > 0.
    momentum : float, default=0.9
        Of "sgd" and "rmsprop", [0, 1).
    weight_decay : float, default=1e-4
        >= 0; decoupled for "adamw", else added to the gradient.
    l1 : float, default=0.0
        Weight of the sum of absolute weights (not of biases) in the loss, >= 0.
    schedule : str, default="warmup_cosine"
        "constant"; "step" (times 0.3 after each quarter); "exponential" (to 1 %); "cosine" (to
        1 %); "warmup_cosine" (rises over the first 5 %, then cosine); "warm_restarts" (three
        cosines, each twice as long as the last); "one_cycle" (rises over 30 %); "on_plateau"
        (halved after a third of `patience` without gain).
    max_epochs : int, default=60
        Passes over the training rows.
    batch_size : int, default=256
        Rows.
    gradient_clip : float or None, default=1.0
        Longest gradient, > 0.
    early_stopping : bool, default=True
        Whether to hold out cycles, stop after `patience` epochs without gain on them, and keep the
        best weights. Of a single cycle its end is held out.
    validation_fraction : float, default=0.15
        Share of the cycles held out, (0, 1); at least one.
    patience : int, default=20
        Epochs.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights and scales of the last fit.
    scale_inputs : bool, default=True
        Whether inputs are brought to zero mean and unit spread, by the training rows; a constant
        one is left out. The target always is.
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

    Raises
    ------
    ImportError
        torch is not installed; only `fit` and `partial_fit` need it.
    InvalidParameterError
        A parameter out of its range, a device that is not there.
    TrainingDivergedError
        The loss grew beyond all bounds.

    Warns
    -----
    UserWarning
        Training was interrupted from the keyboard: the best weights so far are kept.

    Notes
    -----
    Weights are trained in float32; predictions are computed from them in float64, row by row in the
    same order of sums, so that a row is predicted the same whatever rows come with it. Cost of a
    prediction: one multiplication for each weight.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, arXiv:1711.05101.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.FeedForwardRegressor((16,), max_epochs=5, random_state=0)
    >>> model.fit(X, y).predict(X).shape == y.shape
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        activation: str = "relu",
        dropout: float = 0.0,
        layer_norm: bool = False,
        input_noise: float = 0.0,
        loss: str = "squared_error",
        huber_delta: float = 1.0,
        quantile: float = 0.5,
        regimes: Any = None,
        regime_balance: float = 0.5,
        optimizer: str = "adamw",
        learning_rate: float = 2e-3,
        momentum: float = 0.9,
        weight_decay: float = 1e-4,
        l1: float = 0.0,
        schedule: str = "warmup_cosine",
        max_epochs: int = 60,
        batch_size: int = 256,
        gradient_clip: float | None = 1.0,
        early_stopping: bool = True,
        validation_fraction: float = 0.15,
        patience: int = 20,
        warm_start: bool = False,
        scale_inputs: bool = True,
        random_state: Any = None,
        device: str = "cpu",
        n_jobs: int | None = None,
        progress: bool | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.layer_norm = layer_norm
        self.input_noise = input_noise
        self.loss = loss
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.regimes = regimes
        self.regime_balance = regime_balance
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.l1 = l1
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.gradient_clip = gradient_clip
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.scale_inputs = scale_inputs
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

        sizes = [int(size) for size in self.hidden_layer_sizes]
        return FeedForward(n_in, n_out, sizes, self.activation, self.dropout, self.layer_norm)

    def _data(self, parts: list[Segment]) -> Rows:
        return Rows(parts, int(self.batch_size))

    def _run(self, x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        return FeedForwardPass(self.weights_, self.activation_).run(x)

    def _claimed_memory(self, bounds: np.ndarray) -> int:
        return 0
