"""RecurrentRegressor: a recurrent network that runs along each cycle of a log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from joblib import effective_n_jobs

from signalprep.log import to_samples
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural.forward import CELLS, RecurrentPass
from signalprep.neural.training._batches import Chunks, Segment
from signalprep.neural.training._parameters import check_choice, check_whole
from signalprep.neural.training._recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

__all__ = ["RecurrentRegressor"]


class RecurrentRegressor(NetworkRegressor):
    """A recurrent network: each row is predicted from itself and all rows before it in its segment.

    Trained by torch on whole segments side by side, cut into chunks of `sequence_length` through
    which the state is carried (truncated backpropagation through time); gradients end at the
    borders of chunks, which fall elsewhere in every epoch. A gap or a new cycle starts anew from
    the declared initial state.

    Parameters
    ----------
    cell : {"gru", "lstm", "rnn"}, default="gru"
    hidden_size : int, default=32
        Units of each layer.
    num_layers : int, default=1
    sequence_length : int or str, default=256
        Rows of a chunk, or a duration such as "60s".
    warm_up : int or str, default=0
        Rows, or a duration, at the start of each segment that the loss leaves out.
    initial_state : {"learned", "zero"}, default="learned"
        State before the first row of a segment: a learned map of that row, since a thermal model
        starts at a temperature, or zero.
    learning_rate : float, default=5e-3
        The largest of the recipe's schedule, > 0.
    max_epochs : int, default=80
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
        Threads of torch in training, and in `predict` over segments; None is 1, which is fastest
        for small networks.
    progress : bool or None, default=None
        Whether to show a bar over the epochs once two seconds have passed; None: on a terminal.

    Attributes
    ----------
    weights_ : dict of str to ndarray of float32
        By torch's names.
    cell_ : str
        The kind of cell they are of.
    history_ : DataFrame
        One row an epoch: epoch, learning_rate, training_loss, validation_loss (NaN without cycles
        held out; both of the scaled target), gradient_norm (mean, before it is clipped), seconds.
    n_iter_, best_epoch_ : int
        Epochs trained; the one whose weights are kept.
    training_cycles_, validation_cycles_ : Index
        Ids of the cycles trained on and held out.
    inputs_, targets_ : Standardiser
        Mean and scale of channels and targets.
    sequence_length_, warm_up_ : int
        In samples.
    lookahead_, memory_, delay_ : int
        0; rows of the longest training segment less 1, since a state may hold on to
        anything; 0.

    Notes
    -----
    With states h and scaled inputs x, the scaled prediction is A h + B x + b (of the normalised
    state with the recipe's `layer_norm`); see PyTorch's GRU, LSTM and RNN for the cells. Weights
    are trained in float32; predictions are computed from them in float64, row by row in the same
    order of sums, so that batch, chunks and :func:`~signalprep.stream` agree to the last bit, and a
    segment does not depend on those predicted with it. Cost of a prediction: one multiplication for
    each weight.

    A long recording without borders trains slowly, since there is nothing to go side by side.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, doi:10.3115/v1/D14-1179.

    R. J. Williams, J. Peng, "An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories", Neural Computation 2(4), 1990, pp. 490-501,
    doi:10.1162/neco.1990.2.4.490.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.RecurrentRegressor(hidden_size=8, max_epochs=5, random_state=0)
    >>> model.fit(X, y).predict(X).shape == y.shape
    True
    """

    combines_rows: ClassVar[bool] = True

    sequence_length_: int
    warm_up_: int
    _usual_batch_size = 8

    def __init__(
        self,
        cell: str = "gru",
        hidden_size: int = 32,
        num_layers: int = 1,
        *,
        sequence_length: int | str = 256,
        warm_up: int | str = 0,
        initial_state: str = "learned",
        learning_rate: float = 5e-3,
        max_epochs: int = 80,
        recipe: Recipe | None = None,
        random_state: Any = None,
        device: str = "cpu",
        n_jobs: int | None = None,
        progress: bool | None = None,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.sequence_length = sequence_length
        self.warm_up = warm_up
        self.initial_state = initial_state
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.recipe = recipe
        self.random_state = random_state
        self.device = device
        self.n_jobs = n_jobs
        self.progress = progress

    def _check_own(self) -> None:
        check_choice("cell", self.cell, tuple(CELLS))
        check_choice("initial_state", self.initial_state, ("learned", "zero"))
        check_whole("hidden_size", self.hidden_size)
        check_whole("num_layers", self.num_layers)

    def _keep_own(self) -> None:
        self.cell_ = self.cell

    def _learn_lengths(self) -> None:
        dt = self.sample_time_
        self.sequence_length_ = to_samples(self.sequence_length, dt, "sequence_length")
        no_warm_up = isinstance(self.warm_up, (int, np.integer)) and self.warm_up == 0
        self.warm_up_ = 0 if no_warm_up else to_samples(self.warm_up, dt, "warm_up")

    def _network(self, n_in: int, n_out: int) -> nn.Module:
        from signalprep.neural.training._networks import Recurrent

        recipe = self._recipe()
        return Recurrent(
            n_in,
            n_out,
            self.cell,
            int(self.hidden_size),
            int(self.num_layers),
            recipe.dropout,
            recipe.layer_norm,
            self.initial_state == "learned",
        )

    def _data(self, parts: list[Segment]) -> Chunks:
        late, length = float(self._recipe().late_starts), self.sequence_length_
        return Chunks(parts, self._batch_size(), length, late, self.warm_up_)

    def _seen(self, weight: np.ndarray) -> np.ndarray:
        seen = weight.copy()
        seen[: self.warm_up_] = 0.0
        return seen

    def _run(self, x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        network = RecurrentPass(self.weights_, self.cell_)
        parts = list(pairwise(bounds.tolist()))
        n_threads = min(int(effective_n_jobs(self.n_jobs)), len(parts))
        if n_threads <= 1:
            return np.concatenate([network.run(x[a:b]) for a, b in parts])
        with ThreadPoolExecutor(n_threads) as pool:
            return np.concatenate(list(pool.map(lambda part: network.run(x[slice(*part)]), parts)))

    def _claimed_memory(self, bounds: np.ndarray) -> int:
        return int(np.diff(bounds).max()) - 1
