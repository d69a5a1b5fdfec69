"""Recipe: how a network is trained."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from signalprep._base import Stored

__all__ = ["Recipe"]


class Recipe(Stored, BaseEstimator):
    """How a network is trained: loss, optimizer, penalties, and the cycles to stop by.

    Given to a network as its ``recipe``, which then has these as parameters of its own, under names
    such as ``recipe__weight_decay``: for ``set_params``, and to be searched. It is not fitted.

    Parameters
    ----------
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
    momentum : float, default=0.9
        Of "sgd" and "rmsprop", [0, 1).
    schedule : str, default="warmup_cosine"
        What the learning rate goes through: "constant"; "step" (times 0.3 after each quarter);
        "exponential" (to 1 %); "cosine" (to 1 %); "warmup_cosine" (rises over the first 5 %, then
        cosine); "warm_restarts" (three cosines, each twice as long as the last); "one_cycle" (rises
        over 30 %); "on_plateau" (halved after a third of `patience` without gain).
    batch_size : int or None, default=None
        Rows of a feed-forward network, segments side by side of a recurrent one; None: 256, or 8.
    gradient_clip : float or None, default=1.0
        Longest gradient, > 0.
    weight_decay : float, default=1e-4
        >= 0; decoupled for "adamw", else added to the gradient.
    l1 : float, default=0.0
        Weight of the sum of absolute weights (not of biases) in the loss, >= 0.
    dropout : float, default=0.0
        Share of hidden values left out at random in training, [0, 1).
    input_noise : float, default=0.0
        Standard deviation of noise on the scaled inputs in training, >= 0.
    layer_norm : bool, default=False
        Whether to normalise the sums of each hidden layer over its units, or the state of the last
        recurrent layer before the output. It eases training and stays in the trained network.
    late_starts : float, default=0.25
        Of recurrent networks: share of the segments that begin at a random row of their first half
        in an epoch, [0, 1]. Cycles begin at rest, but what follows a gap begins anywhere, and the
        first row's map has to know such rows, too.
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

    Notes
    -----
    What is out of its range is found when a network is fitted.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, arXiv:1711.05101.

    Examples
    --------
    >>> import signalprep as sp
    >>> model = sp.neural.RecurrentRegressor(recipe=sp.Recipe(dropout=0.1))
    >>> model.set_params(recipe__weight_decay=1e-3)
    RecurrentRegressor(recipe=Recipe(dropout=0.1, weight_decay=0.001))
    """

    def __init__(
        self,
        *,
        loss: str = "squared_error",
        huber_delta: float = 1.0,
        quantile: float = 0.5,
        regimes: Any = None,
        regime_balance: float = 0.5,
        optimizer: str = "adamw",
        momentum: float = 0.9,
        schedule: str = "warmup_cosine",
        batch_size: int | None = None,
        gradient_clip: float | None = 1.0,
        weight_decay: float = 1e-4,
        l1: float = 0.0,
        dropout: float = 0.0,
        input_noise: float = 0.0,
        layer_norm: bool = False,
        late_starts: float = 0.25,
        early_stopping: bool = True,
        validation_fraction: float = 0.15,
        patience: int = 20,
        warm_start: bool = False,
        scale_inputs: bool = True,
    ) -> None:
        self.loss = loss
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.regimes = regimes
        self.regime_balance = regime_balance
        self.optimizer = optimizer
        self.momentum = momentum
        self.schedule = schedule
        self.batch_size = batch_size
        self.gradient_clip = gradient_clip
        self.weight_decay = weight_decay
        self.l1 = l1
        self.dropout = dropout
        self.input_noise = input_noise
        self.layer_norm = layer_norm
        self.late_starts = late_starts
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.scale_inputs = scale_inputs
