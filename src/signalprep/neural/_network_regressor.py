"""NetworkRegressor: what the neural regressors share. Private: users see its two children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.flow import Leaf, tree
from signalprep.log import clock, cycles, is_log, locate, segments
from signalprep.neural._batches import Chunks, Rows, Segment
from signalprep.neural._losses import loss_function
from signalprep.neural._parameters import check_shared
from signalprep.neural._standardiser import Standardiser
from signalprep.neural._torch import check_device, import_torch, on_its_own
from signalprep.neural._training import Recipe, Result, train
from signalprep.neural._weights import row_weights

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NetworkRegressor"]

LARGEST_SEED = 2**31 - 1

Scales = tuple[Standardiser, Standardiser]


class NetworkRegressor(RegressorMixin, BaseEstimator):
    """Fit and predict of a network on a log; a child says what the network is.

    A child stores all parameters and implements ``_check_own``, ``_network(n_in, n_out)`` (a torch
    module), ``_data(segments)`` (its batches), ``_claimed_memory(bounds)`` and
    ``_run(x, bounds)`` (scaled predictions by the kernels).
    """

    weights_: dict[str, np.ndarray]
    inputs_: Standardiser
    targets_: Standardiser
    history_: pd.DataFrame
    n_iter_: int
    memory_: int
    n_targets_: int
    fitted_on_log_: bool
    sample_time_: float | None

    dropout: float
    layer_norm: bool
    input_noise: float
    loss: str
    huber_delta: float
    quantile: float
    regimes: Any
    regime_balance: float
    optimizer: str
    learning_rate: float
    momentum: float
    weight_decay: float
    l1: float
    schedule: str
    max_epochs: int
    batch_size: int
    gradient_clip: float | None
    early_stopping: bool
    validation_fraction: float
    patience: int
    warm_start: bool
    scale_inputs: bool
    random_state: Any
    device: str
    n_jobs: int | None
    progress: bool | None

    def fit(self, X: Any, y: Any) -> Self:
        """Train on a log.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log indexed by (cycle, time); an array is one recording. No NaN.
        y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
            The target at each row; a pandas one must carry the index of `X`.

        Returns
        -------
        self : the fitted estimator

        Raises
        ------
        ImportError
            torch is not installed.
        InvalidParameterError
            A parameter out of its range; a device that is not there.
        InvalidLogError
            `y` carries another index than `X`; too few rows.
        TrainingDivergedError
            The loss grew beyond all bounds.
        ValueError
            NaN or infinity in `X` or `y`.
        """
        import_torch()
        check_shared(self)
        self._check_own()
        device = check_device(self.device)
        go_on = bool(self.warm_start) and hasattr(self, "weights_")
        rows, target, bounds = self._read(X, y, reset=not go_on)
        rng = check_random_state(self.random_state)
        training, held_out = self._split(X, bounds, rng)
        chosen = np.concatenate([np.arange(a, b) for a, b in training])
        scales = self._scales(rows[chosen], target[chosen], go_on)
        signals = X if isinstance(X, pd.DataFrame) else rows
        weight = row_weights(signals, self.regimes, self.regime_balance, chosen)
        parts = [
            self._segments(rows, target, weight, some, scales) for some in (training, held_out)
        ]
        result = self._train(parts[0], parts[1], self._recipe(device), rng, go_on)
        self.inputs_, self.targets_ = scales
        self._keep(result, go_on)
        self._claim(bounds, self.memory_ if go_on else 0)
        return self

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Train for one more epoch, on these rows, at the learning rate as it is set.

        The first call is that of an untrained network and learns the scales from its rows; later
        ones keep scales and early stopping out of it.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `fit`.
        y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
            As for `fit`.

        Returns
        -------
        self : the fitted estimator
        """
        import_torch()
        check_shared(self)
        self._check_own()
        device = check_device(self.device)
        go_on = hasattr(self, "weights_")
        rows, target, bounds = self._read(X, y, reset=not go_on)
        scales = self._scales(rows, target, go_on)
        self.training_cycles_ = _ids(X)
        self.validation_cycles_ = _ids(X)[:0]
        signals = X if isinstance(X, pd.DataFrame) else rows
        weight = row_weights(signals, self.regimes, self.regime_balance, np.arange(len(rows)))
        whole = list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
        recipe = self._recipe(device, max_epochs=1, schedule="constant", progress=False)
        rng = check_random_state(self.random_state)
        data = self._segments(rows, target, weight, whole, scales)
        result = self._train(data, [], recipe, rng, go_on)
        self.inputs_, self.targets_ = scales
        self._keep(result, go_on)
        self._claim(bounds, self.memory_ if go_on else 0)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row. torch is not needed.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log with the channels, and at the rate, seen in fit.

        Returns
        -------
        y : ndarray of float64 of shape (n_samples,) or (n_samples, n_targets)

        Raises
        ------
        LostIndexError
            Fitted on a log, but `X` has no (cycle, time) index.
        InvalidLogError
            A value that is not finite; of a recurrent network, another rate than in fit.
        """
        check_is_fitted(self)
        if self.fitted_on_log_ and not is_log(X):
            raise LostIndexError(
                f"{type(self).__name__} was fitted on a log; X must carry the (cycle, time) "
                f"index, got {type(X).__name__} without it"
            )
        rows = validate_data(
            self, X, reset=False, dtype=np.float64, order="C", ensure_all_finite=False
        )
        self._require_finite(rows, X)
        bounds = self._borders(X) if is_log(X) else np.array([0, len(rows)], dtype=np.int64)
        scaled = np.ascontiguousarray(self.inputs_.forward(rows))
        found = self.targets_.backward(self._run(scaled, bounds))
        return found if self.n_targets_ else found[:, 0]

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and targets (n, n_targets) in float64, and the borders of segments."""
        if is_log(X) and isinstance(y, (pd.Series, pd.DataFrame)) and not y.index.equals(X.index):
            raise InvalidLogError("y must carry the index of X; got another index")
        rows, target = validate_data(
            self,
            X,
            y,
            reset=reset,
            dtype=np.float64,
            order="C",
            multi_output=True,
            y_numeric=True,
            ensure_all_finite=False,
            ensure_min_samples=2,
        )
        self._require_finite(rows, X)
        target = np.asarray(target, dtype=np.float64)
        n_targets = 0 if target.ndim == 1 else target.shape[1]
        if not reset and n_targets != self.n_targets_:
            raise InvalidLogError(
                f"y must have the targets of the fit before ({max(self.n_targets_, 1)}); "
                f"got {max(n_targets, 1)}"
            )
        self.n_targets_ = n_targets
        dt, bounds = self._clock(X.index) if is_log(X) else (None, np.array([0, len(rows)]))
        if reset:
            self.fitted_on_log_, self.sample_time_ = is_log(X), dt
        self._learn_lengths()
        return rows, target.reshape(len(target), -1), bounds

    def _require_finite(self, rows: np.ndarray, X: Any) -> None:
        finite = np.isfinite(rows)
        if finite.all():
            return
        row, k = divmod(int(np.argmin(finite)), rows.shape[1])
        what = "NaN" if np.isnan(rows[row, k]) else "infinity"
        name = self.feature_names_in_[k] if hasattr(self, "feature_names_in_") else f"x{k}"
        raise InvalidLogError(
            f"Input X contains {what}: channel {name!r}, "
            f"{locate(X.index if is_log(X) else None, row)}. A network takes numbers only: fill "
            "what is missing before it"
        )

    def _clock(self, index: pd.MultiIndex) -> tuple[float | None, np.ndarray]:
        """Sample time, and the borders of what is read in one go; a child may need no time."""
        return clock(index)

    def _borders(self, log: pd.DataFrame) -> np.ndarray:
        """The borders of what is predicted in one go."""
        return segments(log, sample_time=self.sample_time_)

    def _split(
        self, X: Any, bounds: np.ndarray, rng: np.random.RandomState
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Segments to train on and to stop by: whole cycles, or the end of the only one."""
        whole = list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
        ids = _ids(X)
        self.training_cycles_, self.validation_cycles_ = ids, ids[:0]
        if not self.early_stopping:
            return whole, []
        if len(ids) < 2:
            n = int(bounds[-1])
            cut = max(n - round(self.validation_fraction * n), 1)
            parts = [
                [(max(a, lo), min(b, hi)) for a, b in whole] for lo, hi in ((0, cut), (cut, n))
            ]
            first, last = ([(a, b) for a, b in part if a < b] for part in parts)
            return first, last
        n_held = min(max(round(self.validation_fraction * len(ids)), 1), len(ids) - 1)
        held = np.zeros(len(ids), dtype=bool)
        held[rng.permutation(len(ids))[:n_held]] = True
        self.training_cycles_, self.validation_cycles_ = ids[~held], ids[held]
        code = X.index.codes[0]
        number = {int(c): k for k, c in enumerate(dict.fromkeys(code[bounds[:-1]].tolist()))}
        is_held = [bool(held[number[int(code[a])]]) for a, _ in whole]
        training = [part for part, out in zip(whole, is_held, strict=True) if not out]
        return training, [part for part, out in zip(whole, is_held, strict=True) if out]

    def _scales(self, rows: np.ndarray, target: np.ndarray, go_on: bool) -> Scales:
        """Of inputs and targets: those of the fit before, or what the rows say."""
        if go_on:
            return self.inputs_, self.targets_
        if self.scale_inputs:
            return Standardiser.of(rows), Standardiser.of(target)
        return Standardiser.none(rows.shape[1]), Standardiser.of(target)

    def _segments(
        self,
        rows: np.ndarray,
        target: np.ndarray,
        weight: np.ndarray,
        parts: Sequence[tuple[int, int]],
        scales: Scales | None = None,
    ) -> list[Segment]:
        """Scaled segments in float32, by the scales given or learned."""
        inputs, targets = (self.inputs_, self.targets_) if scales is None else scales
        found = []
        for a, b in parts:
            x = inputs.forward(rows[a:b]).astype(np.float32)
            y = targets.forward(target[a:b]).astype(np.float32)
            found.append(Segment(x, y, self._seen(weight[a:b]).astype(np.float32)))
        return found

    def _seen(self, weight: np.ndarray) -> np.ndarray:
        """Weights of the rows of one segment; a child may leave some out."""
        return weight

    def _recipe(self, device: str, **changes: Any) -> Recipe:
        known: dict[str, Any] = {
            "loss": loss_function(self.loss, float(self.huber_delta), float(self.quantile)),
            "optimizer": self.optimizer,
            "learning_rate": float(self.learning_rate),
            "momentum": float(self.momentum),
            "weight_decay": float(self.weight_decay),
            "l1": float(self.l1),
            "schedule": self.schedule,
            "max_epochs": int(self.max_epochs),
            "gradient_clip": self.gradient_clip,
            "input_noise": float(self.input_noise),
            "patience": int(self.patience),
            "device": device,
            "progress": self.progress,
        }
        return Recipe(**(known | changes))

    def _train(
        self,
        training: list[Segment],
        held_out: list[Segment],
        recipe: Recipe,
        rng: np.random.RandomState,
        go_on: bool,
    ) -> Result:
        torch = import_torch()
        seed = int(rng.randint(LARGEST_SEED))
        if go_on:  # not the same order, noise and dropout again
            seed = (seed + self.n_iter_) % LARGEST_SEED
        if sum(float(segment.weight.sum()) for segment in training) == 0.0:
            raise InvalidParameterError("warm_up leaves no row of any segment to train on")
        with on_its_own(seed, int(effective_n_jobs(self.n_jobs)), recipe.device):
            network = self._network(training[0].x.shape[1], training[0].y.shape[1])
            if go_on:
                self._check_same_sizes(network)
                network.load_state_dict(
                    {name: torch.from_numpy(value.copy()) for name, value in self.weights_.items()}
                )
            counted = sum(float(segment.weight.sum()) for segment in held_out)
            watched = self._data(held_out) if counted > 0.0 else None
            shuffling = np.random.default_rng(seed)
            return train(network, self._data(training), watched, recipe, shuffling)

    def _check_same_sizes(self, network: nn.Module) -> None:
        """Raise InvalidParameterError unless the weights of the fit before go into `network`."""
        wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
        known = {name: value.shape for name, value in self.weights_.items()}
        different = [name for name in wanted | known if wanted.get(name) != known.get(name)]
        if different:
            name = different[0]
            raise InvalidParameterError(
                "warm_start and partial_fit go on with the network of the fit before, whose kind "
                f"and sizes must stay: {name} was of shape {known.get(name)}, it would be "
                f"{wanted.get(name)}. Fit a clone to begin anew"
            )

    def _keep(self, result: Result, go_on: bool) -> None:
        n_before = len(self.history_) if go_on else 0
        history = pd.DataFrame(result.history)
        history["epoch"] += n_before
        before = [self.history_] if go_on else []
        self.weights_ = result.weights
        self._keep_own()
        self.history_ = pd.concat([*before, history], ignore_index=True)
        self.n_iter_ = len(self.history_)
        self.best_epoch_ = result.best_epoch + n_before

    def _claim(self, bounds: np.ndarray, before: int) -> None:
        self.lookahead_, self.delay_ = 0, 0
        self.memory_ = max(self._claimed_memory(bounds), before)

    def _check_own(self) -> None:
        raise TypeError(f"{type(self).__name__} must implement _check_own")

    def _keep_own(self) -> None:
        """Keep what the weights are read by, whatever the parameters are set to later."""
        raise TypeError(f"{type(self).__name__} must implement _keep_own")

    def _learn_lengths(self) -> None:
        """Lengths in samples, once the rate is known; a child may have some."""

    def _network(self, n_in: int, n_out: int) -> nn.Module:
        raise TypeError(f"{type(self).__name__} must implement _network")

    def _data(self, parts: list[Segment]) -> Rows | Chunks:
        raise TypeError(f"{type(self).__name__} must implement _data")

    def _run(self, x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} must implement _run")

    def _claimed_memory(self, bounds: np.ndarray) -> int:
        raise TypeError(f"{type(self).__name__} must implement _claimed_memory")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.non_deterministic = False
        return tags


def _ids(X: Any) -> pd.Index:
    """Cycles of a log; one, 0, of an array."""
    return cycles(X) if is_log(X) else pd.Index([0], name="cycle")


@tree.register
def _(estimator: NetworkRegressor) -> Leaf:
    return Leaf(estimator, claims=True)
