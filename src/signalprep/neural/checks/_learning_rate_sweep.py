"""learning_rate_range_test: which learning rates a network can be trained at."""

from __future__ import annotations

import copy
import numbers
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from signalprep import _doors
from signalprep.errors import InvalidLogError, InvalidParameterError, TrainingDivergedError
from signalprep.neural.checks._last_network import new_network
from signalprep.neural.checks._scaled_segments import learn_segments
from signalprep.neural.training._batches import Batch, Chunks, Rows
from signalprep.neural.training._parameters import check_whole
from signalprep.neural.training._torch import check_device, import_torch, on_its_own
from signalprep.neural.training._training import Course, batch_loss, make_optimizer, step

if TYPE_CHECKING:
    from torch import nn

__all__ = ["LearningRateRange", "learning_rate_range_test"]

DIVERGED = 4.0  # times the least ratio so far
MEMORY = 0.8  # of the loss that tells divergence: weight of what was before
SMOOTHING = 40  # steps of a test to one standard deviation of the smoothing
BELOW = 10.0  # the suggestion is at least so many times below the rate of the least loss
TINY = 1e-12  # a loss below it is rounding
LEAST_GAIN = 0.05  # of the loss: less is no descent


@dataclass(frozen=True, repr=False)
class LearningRateRange:
    """The loss over rising learning rates, and the rate to begin with.

    Made by :func:`signalprep.neural.learning_rate_range_test`.

    Attributes
    ----------
    table : DataFrame
        One row a step: ``learning_rate``; ``loss`` of its batch (of the scaled target);
        ``untrained``, that of the network as it began on the same batch; ``smoothed``, the ratio of
        the two, both smoothed.
    suggestion : float
        Where the loss falls fastest, at most a tenth of `lowest`; NaN where it hardly falls.
    lowest : float
        The rate of the least smoothed ratio.
    diverged : bool
        Whether the test ended early since the loss grew.
    """

    table: pd.DataFrame
    suggestion: float
    lowest: float
    diverged: bool

    def __repr__(self) -> str:
        low, high = self.table["learning_rate"].iloc[[0, -1]]
        end = "where the loss grew" if self.diverged else "without divergence"
        lines = [f"LearningRateRange: {len(self.table)} steps from {low:.2g} to {high:.2g}, {end}"]
        if np.isnan(self.suggestion):
            lines.append(
                "  no suggestion: the loss hardly falls; take more steps, look at the scale of "
                "the data (check_setup) or at the gradients (network_statistics)"
            )
        else:
            lines.append(
                f"  learning_rate={self.suggestion:.2g} is a good start (least loss at "
                f"{self.lowest:.2g})"
            )
        return "\n".join(lines)

    def plot(self, *, ax: Any = None) -> _doors.plotting.LearningRateDisplay:
        """Draw the loss over the learning rate.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LearningRateDisplay
        """
        return _doors.plotting.LearningRateDisplay(self.table, self.suggestion).plot(ax)


def learning_rate_range_test(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    low: float = 1e-5,
    high: float = 1.0,
    n_steps: int = 100,
) -> LearningRateRange:
    r"""Train a new network while the learning rate rises, and see where the loss falls and grows.

    Step k of n is taken at the rate :math:`low (high / low)^{k / (n - 1)}`, with the optimizer,
    batches and regularisation of the estimator and all rows. The test ends where the loss is not
    finite, or its smoothed ratio to that of the untrained network exceeds four times the least so
    far.

    Parameters
    ----------
    estimator : RecurrentRegressor, FeedForwardRegressor, or Pipeline or AtRate with one at its end
        Not changed, and need not be fitted; the steps before the network are cloned and fitted.
    X : DataFrame or array of shape (n_samples, n_channels)
        A log, as for ``fit``.
    y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
        The target at each row.
    low, high : float, default=1e-5, 1.0
        First and last learning rate, 0 < low < high.
    n_steps : int, default=100
        Steps of the optimizer, at least 10; passes over the rows begin anew until they are done.

    Returns
    -------
    found : LearningRateRange

    Raises
    ------
    ImportError
        torch is not installed.
    InvalidParameterError
        A parameter out of its range; an estimator that is no network.
    InvalidLogError
        The target is constant.
    TrainingDivergedError
        The very first loss is not finite.

    Notes
    -----
    Parts of a cycle are not equally hard, so the loss is taken relative to that of the network as
    it began, on the same batch; both are smoothed by a Gaussian over neighbouring steps (standard
    deviation: a fortieth of `n_steps`). The suggestion is the rate at which the ratio falls fastest
    over the logarithm of the rate, but no more than a tenth of the rate of the least ratio. It is a
    start, not an optimum: a schedule that fades bears a higher rate than a constant one. Cost:
    `n_steps` batches.

    References
    ----------
    L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, pp. 464-472,
    doi:10.1109/WACV.2017.58.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.FeedForwardRegressor(random_state=0)
    >>> found = sp.neural.learning_rate_range_test(model, X, y)
    >>> 1e-4 < found.suggestion < found.lowest
    True
    """
    for name, value in (("low", low), ("high", high)):
        if not isinstance(value, numbers.Real) or not 0 < value < np.inf:
            raise InvalidParameterError(f"{name} must be a number above 0; got {value!r}")
    if low >= high:
        raise InvalidParameterError(f"low must be below high={high!r}; got {low!r}")
    check_whole("n_steps", n_steps, 10)
    import_torch()
    network, X, y = new_network(estimator, X, y)
    device = check_device(network.device)
    rng = check_random_state(network.random_state)
    segments = learn_segments(network, X, y)
    if not any(segment.y.any() for segment in segments):  # scaled, so 0 is the mean
        raise InvalidLogError("y must vary, or any learning rate does; got a constant target")
    rates = np.geomspace(low, high, int(n_steps))
    seed = int(rng.randint(2**31 - 1))
    with on_its_own(seed, int(effective_n_jobs(network.n_jobs)), device):
        module, data = network._module(trained=False), network._data(segments)
        losses = _rise(module, data, network._course(device), rates, np.random.default_rng(seed))
    if not losses:
        raise TrainingDivergedError(
            f"the loss of the first batch, at low={low:.3g}, is not finite: look for wild values "
            "in the log"
        )
    return _found(rates, losses)


def _rise(
    module: nn.Module,
    data: Rows | Chunks,
    course: Course,
    rates: np.ndarray,
    rng: np.random.Generator,
) -> list[tuple[float, float]]:
    """Loss at each rate before the step, and that of the untrained network, up to divergence."""
    module.to(course.device).train()
    untrained = copy.deepcopy(module).eval()
    optimizer = make_optimizer(module, replace(course, learning_rate=float(rates[0])))
    batches, state, first_state = _endless(data, rng), None, None
    losses: list[tuple[float, float]] = []
    recent, least = np.zeros(2), np.inf
    while len(losses) < len(rates):
        for group in optimizer.param_groups:
            group["lr"] = float(rates[len(losses)])
        batch = next(batches)
        loss, n_counted, state = batch_loss(module, batch, state, course)
        first, _, first_state = batch_loss(untrained, batch, first_state, course)
        if n_counted == 0:
            continue
        values = float(loss.item()), float(first.item())
        if not np.isfinite(values).all():
            break
        losses.append(values)
        recent = MEMORY * recent + (1.0 - MEMORY) * np.array(values)
        ratio = recent[0] / max(recent[1], TINY)
        least = min(least, ratio)
        if ratio > DIVERGED * least:
            break
        step(module, optimizer, loss * (n_counted / batch.weight.size), course.recipe)
    return losses


def _endless(data: Rows | Chunks, rng: np.random.Generator) -> Iterator[Batch]:
    while True:
        yield from data.epoch(rng)


def _found(rates: np.ndarray, losses: list[tuple[float, float]]) -> LearningRateRange:
    diverged = len(losses) < len(rates)
    trained, untrained = np.array(losses).T
    width = len(rates) / SMOOTHING
    smoothed = _smooth(trained, width) / np.maximum(_smooth(untrained, width), TINY)
    table = pd.DataFrame(
        {
            "learning_rate": rates[: len(losses)],
            "loss": trained,
            "untrained": untrained,
            "smoothed": smoothed,
        }
    )
    at = int(np.argmin(smoothed))
    lowest = float(rates[at])
    falls = smoothed[: at + 1].max() - smoothed[at] > LEAST_GAIN * smoothed[: at + 1].max()
    below = int(np.searchsorted(rates, lowest / BELOW, side="right"))
    suggestion = np.nan
    if falls and below >= 2:
        slope = np.gradient(smoothed[: at + 1], np.log(rates[: at + 1]))
        suggestion = float(rates[int(np.argmin(slope[:below]))])
    return LearningRateRange(table, suggestion, lowest, diverged)


def _smooth(values: np.ndarray, width: float) -> np.ndarray:
    """Gaussian means over neighbours; at the ends over those that are there."""
    place = np.arange(len(values))
    weight = np.exp(-0.5 * ((place[:, None] - place) / width) ** 2)
    return (weight @ values) / weight.sum(axis=1)
