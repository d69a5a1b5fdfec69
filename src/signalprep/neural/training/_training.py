"""Train a network: one loop for rows and for sequences."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep._progress import track
from signalprep.errors import TrainingDivergedError
from signalprep.neural.training._batches import Batch, Chunks, Rows
from signalprep.neural.training._losses import loss_function
from signalprep.neural.training._recipe import Recipe
from signalprep.neural.training._schedules import SCHEDULES
from signalprep.neural.training._torch import import_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "OPTIMIZERS",
    "Course",
    "Result",
    "batch_loss",
    "cut_off",
    "evaluate",
    "make_optimizer",
    "step",
    "train",
]

OPTIMIZERS = ("adamw", "adam", "sgd", "rmsprop")
DIVERGED = 1e6  # times the first loss
PLATEAU = 3  # of the patience: without gain for a third of it, the learning rate is halved


@dataclass(frozen=True)
class Course:
    """One training: its recipe, and what the network itself says of it."""

    recipe: Recipe
    learning_rate: float
    max_epochs: int
    schedule: str
    device: str
    progress: bool | None = None

    @cached_property
    def loss(self) -> Callable[[Tensor, Tensor], Tensor]:
        """The loss of each value, from predictions and targets."""
        recipe = self.recipe
        return loss_function(recipe.loss, float(recipe.huber_delta), float(recipe.quantile))


@dataclass
class Result:
    """What a training came to: the weights kept, one entry an epoch, and the best of them."""

    weights: dict[str, np.ndarray]
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0


def train(
    network: nn.Module,
    data: Rows | Chunks,
    held_out: Rows | Chunks | None,
    course: Course,
    rng: np.random.Generator,
) -> Result:
    """Train until the epochs are over, nothing improves, or the user interrupts.

    With `held_out` the weights of the epoch with the least loss there are kept, else the last.

    Raises
    ------
    TrainingDivergedError
        The loss is not finite, or a million times the first one.
    """
    network.to(course.device)
    optimizer = make_optimizer(network, course)
    best, best_loss, result = _weights(network), np.inf, Result({})
    halved, since_gain, patience = 1.0, 0, int(course.recipe.patience)
    plateau = max(patience // PLATEAU, 1)
    epochs: Any = track(range(course.max_epochs), course.max_epochs, "training", course.progress)
    try:
        for epoch in epochs:
            begin = time.perf_counter()
            entry = _epoch(network, data, optimizer, course, rng, epoch, halved, result.history)
            watched = entry["training_loss"]
            if held_out is not None:
                watched = entry["validation_loss"] = evaluate(network, held_out, course)
                _check_loss(watched, np.inf, epoch, entry["learning_rate"])
            result.history.append({**entry, "seconds": time.perf_counter() - begin})
            since_gain += 1
            if watched < best_loss:
                best_loss, since_gain = watched, 0
                if held_out is not None:
                    best, result.best_epoch = _weights(network), epoch + 1
            if course.schedule == "on_plateau" and since_gain % plateau == 0 < since_gain:
                halved *= 0.5
            if held_out is not None and since_gain >= patience:
                break
    except KeyboardInterrupt:
        if not result.history:
            raise
        warnings.warn(
            f"training was interrupted in epoch {len(result.history) + 1} of {course.max_epochs}; "
            "the best weights so far are kept",
            UserWarning,
            stacklevel=5,
        )
    finally:
        epochs.close()
    if held_out is None:
        best, result.best_epoch = _weights(network), len(result.history)
    result.weights = best
    return result


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {
        name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()
    }


def make_optimizer(network: nn.Module, course: Course) -> Any:
    """The optimizer of a course."""
    torch = import_torch()
    recipe = course.recipe
    common = {"lr": course.learning_rate, "weight_decay": float(recipe.weight_decay)}
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(network.parameters(), **common)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), **common)
    make = torch.optim.SGD if recipe.optimizer == "sgd" else torch.optim.RMSprop
    return make(network.parameters(), momentum=float(recipe.momentum), **common)


def _epoch(
    network: nn.Module,
    data: Rows | Chunks,
    optimizer: Any,
    course: Course,
    rng: np.random.Generator,
    epoch: int,
    halved: float,
    history: list[dict[str, float]],
) -> dict[str, float]:
    """One pass over the data; means of the loss by weight, of the gradient's norm by step."""
    network.train()
    factor = SCHEDULES[course.schedule]
    first = history[0]["training_loss"] if history else None
    state, before = None, 0.0
    losses, weights, norms, rate = [0.0], [0.0], [], 0.0
    for batch in data.epoch(rng):
        rate = course.learning_rate * halved * factor((epoch + before) / course.max_epochs)
        before = batch.done
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, n_counted, state = batch_loss(network, batch, state, course)
        if n_counted == 0:
            continue
        losses.append(n_counted * loss.item())
        weights.append(float(batch.weight.sum()))
        first = losses[-1] / weights[-1] if first is None else first
        _check_loss(losses[-1] / weights[-1], first, epoch, rate)
        share = n_counted / batch.weight.size  # a batch that is mostly padding moves less
        norms.append(step(network, optimizer, loss * share, course.recipe))
    _check_loss(_largest(network), 1.0, epoch, rate)  # inputs and targets are scaled
    return {
        "epoch": epoch + 1,
        "learning_rate": rate,
        "training_loss": sum(losses) / max(sum(weights), 1e-300),
        "validation_loss": np.nan,
        "gradient_norm": float(np.mean(norms)) if norms else 0.0,
    }


def batch_loss(
    network: nn.Module, batch: Batch, state: Any, course: Course
) -> tuple[Tensor, int, Any]:
    """Loss of a batch, how many rows count in it, and the state it ends in."""
    torch = import_torch()
    x, y, weight = _tensors(batch, course.device)
    noise = float(course.recipe.input_noise)
    if noise > 0.0 and network.training:
        x = x + noise * torch.randn_like(x)
    found, state = network(x, None if batch.fresh else state)
    n_counted = int((batch.weight > 0.0).sum())  # weights are 1 on average over all batches
    loss = (course.loss(found, y).mean(-1) * weight).sum() / max(n_counted, 1)
    return loss, n_counted, cut_off(state)


def step(network: nn.Module, optimizer: Any, loss: Tensor, recipe: Recipe) -> float:
    """Move the weights; the norm of the gradient before it is clipped."""
    torch = import_torch()
    l1 = float(recipe.l1)
    if l1 > 0.0:
        loss = loss + l1 * sum(
            value.abs().sum() for value in network.parameters() if value.ndim > 1
        )
    optimizer.zero_grad()
    loss.backward()
    limit = np.inf if recipe.gradient_clip is None else recipe.gradient_clip
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), limit)
    optimizer.step()
    return float(norm)


def _largest(network: nn.Module) -> float:
    """Size of the largest weight; NaN where one is."""
    return max(float(value.detach().abs().max()) for value in network.parameters())


def _check_loss(loss: float, first: float, epoch: int, rate: float) -> None:
    """Raise where a loss, or a weight, has gone beyond all bounds."""
    if np.isfinite(loss) and (loss <= DIVERGED * first or first == 0.0):
        return
    raise TrainingDivergedError(
        f"training diverged in epoch {epoch + 1}: it came to {loss:.3g} at a learning rate of "
        f"{rate:.3g}. Lower learning_rate (learning_rate_range_test finds one), clip gradients "
        "(recipe=Recipe(gradient_clip=1.0)), or look for wild values in the log"
    )


def _tensors(batch: Batch, device: str) -> tuple[Tensor, Tensor, Tensor]:
    torch = import_torch()
    x, y, weight = (torch.from_numpy(part).to(device) for part in batch[:3])
    return x, y, weight


def cut_off(state: Any) -> Any:
    """The state without the way it came to be, so that gradients end here."""
    if state is None:
        return None
    return [tuple(part.detach() for part in parts) for parts in state]


def evaluate(network: nn.Module, data: Rows | Chunks, course: Course) -> float:
    """Mean loss by weight, without noise, dropout and gradients."""
    torch = import_torch()
    network.eval()
    loss, weight, state = 0.0, 0.0, None
    with torch.no_grad():
        for batch in data.whole():
            x, y, parts = _tensors(batch, course.device)
            found, state = network(x, None if batch.fresh else state)
            loss += float((course.loss(found, y).mean(-1) * parts).sum())
            weight += float(batch.weight.sum())
    return loss / weight if weight > 0.0 else np.nan
