"""NetworkRegressor: what the neural regressors share. Private: users see its two children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.flow import Leaf, tree
from signalprep.log import clock, cycles, is_log, locate, refuse_lookalike, segments
from signalprep.neural._standardiser import Standardiser
from signalprep.neural.training._batches import Chunks, Rows, Segment
from signalprep.neural.training._held_out import Parts, hold_out
from signalprep.neural.training._parameters import check_number, check_recipe, check_whole
from signalprep.neural.training._recipe import Recipe
from signalprep.neural.training._torch import check_device, import_torch, on_its_own
from signalprep.neural.training._training import Course, Result, train
from signalprep.neural.training._weights import row_weights

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NetworkRegressor"]

LARGEST_SEED = 2**31 - 1

Scales = tuple[Standardiser, Standardiser]


class NetworkRegressor(Stored, RegressorMixin, BaseEstimator):
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

    learning_rate: float
    max_epochs: int
    recipe: Recipe | None
    random_state: Any
    device: str
    n_jobs: int | None
    progress: bool | None
    _usual_batch_size: int

    def set_params(self, **params: Any) -> Self:
        """Set parameters, ``recipe__loss`` and the like on a new Recipe where there is none.

        Parameters
        ----------
        **params : dict
            By name.

        Returns
        -------
        self : the estimator
        """
        given = params.get("recipe", self.recipe)
        if given is None and any(name.startswith("recipe__") for name in params):
            params = {**params, "recipe": Recipe()}
        return super().set_params(**params)

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

        Warns
        -----
        UserWarning
            Training was interrupted from the keyboard: the best weights so far are kept.
        """
        return self._learn(X, y, once=False)

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
        return self._learn(X, y, once=True)

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
        refuse_lookalike(X)
        rows = validate_data(
            self, X, reset=False, dtype=np.float64, order="C", ensure_all_finite=False
        )
        self._require_finite(rows, X)
        bounds = self._borders(X) if is_log(X) else np.array([0, len(rows)], dtype=np.int64)
        scaled = np.ascontiguousarray(self.inputs_.forward(rows))
        found = self.targets_.backward(self._run(scaled, bounds))
        return found if self.n_targets_ else found[:, 0]

    def _learn(self, X: Any, y: Any, *, once: bool) -> Self:
        """Train as far as the recipe says, or for one epoch on all rows."""
        import_torch()
        self._check()
        recipe, course = self._recipe(), self._course(check_device(self.device))
        if once:
            course = replace(course, max_epochs=1, schedule="constant", progress=False)
        go_on = (once or bool(recipe.warm_start)) and hasattr(self, "weights_")
        rows, target, bounds = self._read(X, y, reset=not go_on)
        rng = check_random_state(self.random_state)
        share = recipe.validation_fraction if recipe.early_stopping and not once else 0.0
        training, held_out = self._split(X, bounds, share, rng)
        chosen = np.concatenate([np.arange(a, b) for a, b in training])
        known = (self.inputs_, self.targets_) if go_on else None
        scales = known or self._scales(rows[chosen], target[chosen])
        weight = self._row_weights(X, rows, chosen)
        parts = [
            self._segments(rows, target, weight, some, scales) for some in (training, held_out)
        ]
        result = self._train(parts[0], parts[1], course, rng, go_on)
        self.inputs_, self.targets_ = scales
        self._keep(result, go_on)
        self._claim(bounds, self.memory_ if go_on else 0)
        return self

    def _check(self) -> None:
        """Raise InvalidParameterError for a parameter that is out of its range."""
        check_whole("max_epochs", self.max_epochs)
        check_number("learning_rate", self.learning_rate, "above 0")
        check_recipe(self._recipe())
        self._check_own()

    def _recipe(self) -> Recipe:
        """The recipe to train by."""
        recipe = Recipe() if self.recipe is None else self.recipe
        if not isinstance(recipe, Recipe):
            raise InvalidParameterError(f"recipe must be a Recipe or None; got {recipe!r}")
        return recipe

    def _batch_size(self) -> int:
        given = self._recipe().batch_size
        return self._usual_batch_size if given is None else int(given)

    def _course(self, device: str) -> Course:
        recipe, rate = self._recipe(), float(self.learning_rate)
        return Course(
            recipe, rate, int(self.max_epochs), recipe.schedule, device, progress=self.progress
        )

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and targets (n, n_targets) in float64, and the borders of segments."""
        refuse_lookalike(X)
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
        self, X: Any, bounds: np.ndarray, share: float, rng: np.random.RandomState
    ) -> tuple[Parts, Parts]:
        """Segments to train on and to stop by; which cycles they are of is kept."""
        ids = cycles(X) if is_log(X) else pd.Index([0], name="cycle")
        code = X.index.codes[0][bounds[:-1]] if is_log(X) else np.zeros(len(bounds) - 1)
        training, held_out, held = hold_out(bounds, pd.factorize(code)[0], share, rng)
        self.training_cycles_, self.validation_cycles_ = ids[~held], ids[held]
        return training, held_out

    def _scales(self, rows: np.ndarray, target: np.ndarray) -> Scales:
        """Of inputs and targets, by what the rows say."""
        if self._recipe().scale_inputs:
            return Standardiser.of(rows), Standardiser.of(target)
        return Standardiser.none(rows.shape[1]), Standardiser.of(target)

    def _row_weights(self, X: Any, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Weight of each row, by the regimes of those chosen."""
        recipe = self._recipe()
        signals = X if isinstance(X, pd.DataFrame) else rows
        return row_weights(signals, recipe.regimes, recipe.regime_balance, chosen)

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

    def _train(
        self,
        training: list[Segment],
        held_out: list[Segment],
        course: Course,
        rng: np.random.RandomState,
        go_on: bool,
    ) -> Result:
        seed = int(rng.randint(LARGEST_SEED))
        if go_on:  # not the same order, noise and dropout again
            seed = (seed + self.n_iter_) % LARGEST_SEED
        if sum(float(segment.weight.sum()) for segment in training) == 0.0:
            raise InvalidParameterError("warm_up leaves no row of any segment to train on")
        with on_its_own(seed, int(effective_n_jobs(self.n_jobs)), course.device):
            module = self._module(trained=go_on)
            counted = sum(float(segment.weight.sum()) for segment in held_out)
            watched = self._data(held_out) if counted > 0.0 else None
            shuffling = np.random.default_rng(seed)
            return train(module, self._data(training), watched, course, shuffling)

    def _module(self, *, trained: bool) -> nn.Module:
        """The network for the channels and targets seen, with the weights of the fit before."""
        network = self._network(self.n_features_in_, max(self.n_targets_, 1))
        if not trained:
            return network
        torch = import_torch()
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
        network.load_state_dict(
            {name: torch.from_numpy(value.copy()) for name, value in self.weights_.items()}
        )
        return network

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


@tree.register
def _(estimator: NetworkRegressor) -> Leaf:
    return Leaf(estimator, claims=True)
