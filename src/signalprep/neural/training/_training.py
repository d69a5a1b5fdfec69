"""Train a network: one loop for rows and for sequences."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep._progress import track
from signalprep.errors import TrainingDivergedError
from signalprep.neural.training._batches import Batch, Chunks, Rows
from signalprep.neural.training._schedules import SCHEDULES
from signalprep.neural.training._torch import import_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "OPTIMIZERS",
    "Recipe",
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
class Recipe:
    """How to train: the parameters of the estimator that say so."""

    loss: Callable[[Any, Any], Any]
    optimizer: str
    learning_rate: float
    momentum: float
    weight_decay: float
    l1: float
    schedule: str
    max_epochs: int
    gradient_clip: float | None
    input_noise: float
    patience: int
    device: str
    progress: bool | None = None


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
    recipe: Recipe,
    rng: np.random.Generator,
) -> Result:
    """Train until the epochs are over, nothing improves, or the user interrupts.

    With `held_out` the weights of the epoch with the least loss there are kept, else the last.

    Raises
    ------
    TrainingDivergedError
        The loss is not finite, or a million times the first one.
    """
    network.to(recipe.device)
    optimizer = make_optimizer(network, recipe)
    best, best_loss, result = _weights(network), np.inf, Result({})
    halved, since_gain = 1.0, 0
    epochs: Any = track(range(recipe.max_epochs), recipe.max_epochs, "training", recipe.progress)
    try:
        for epoch in epochs:
            begin = time.perf_counter()
            entry = _epoch(network, data, optimizer, recipe, rng, epoch, halved, result.history)
            watched = entry["training_loss"]
            if held_out is not None:
                watched = entry["validation_loss"] = evaluate(network, held_out, recipe)
                _check_loss(watched, np.inf, epoch, entry["learning_rate"])
            result.history.append({**entry, "seconds": time.perf_counter() - begin})
            since_gain += 1
            if watched < best_loss:
                best_loss, since_gain = watched, 0
                if held_out is not None:
                    best, result.best_epoch = _weights(network), epoch + 1
            if recipe.schedule == "on_plateau" and since_gain % _plateau(recipe) == 0 < since_gain:
                halved *= 0.5
            if held_out is not None and since_gain >= recipe.patience:
                break
    except KeyboardInterrupt:
        if not result.history:
            raise
        warnings.warn(
            f"training was interrupted in epoch {len(result.history) + 1} of {recipe.max_epochs}; "
            "the best weights so far are kept",
            UserWarning,
            stacklevel=4,
        )
    finally:
        epochs.close()
    if held_out is None:
        best, result.best_epoch = _weights(network), len(result.history)
    result.weights = best
    return result


def _plateau(recipe: Recipe) -> int:
    return max(recipe.patience // PLATEAU, 1)


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {
        name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()
    }


def make_optimizer(network: nn.Module, recipe: Recipe) -> Any:
    """The optimizer of a recipe."""
    torch = import_torch()
    common = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(network.parameters(), **common)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), **common)
    make = torch.optim.SGD if recipe.optimizer == "sgd" else torch.optim.RMSprop
    return make(network.parameters(), momentum=recipe.momentum, **common)


def _epoch(
    network: nn.Module,
    data: Rows | Chunks,
    optimizer: Any,
    recipe: Recipe,
    rng: np.random.Generator,
    epoch: int,
    halved: float,
    history: list[dict[str, float]],
) -> dict[str, float]:
    """One pass over the data; means of the loss by weight, of the gradient's norm by step."""
    network.train()
    factor = SCHEDULES[recipe.schedule]
    first = history[0]["training_loss"] if history else None
    state, before = None, 0.0
    losses, weights, norms, rate = [0.0], [0.0], [], 0.0
    for batch in data.epoch(rng):
        rate = recipe.learning_rate * halved * factor((epoch + before) / recipe.max_epochs)
        before = batch.done
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, n_counted, state = batch_loss(network, batch, state, recipe)
        if n_counted == 0:
            continue
        losses.append(n_counted * loss.item())
        weights.append(float(batch.weight.sum()))
        first = losses[-1] / weights[-1] if first is None else first
        _check_loss(losses[-1] / weights[-1], first, epoch, rate)
        share = n_counted / batch.weight.size  # a batch that is mostly padding moves less
        norms.append(step(network, optimizer, loss * share, recipe))
    _check_loss(_largest(network), 1.0, epoch, rate)  # inputs and targets are scaled
    return {
        "epoch": epoch + 1,
        "learning_rate": rate,
        "training_loss": sum(losses) / max(sum(weights), 1e-300),
        "validation_loss": np.nan,
        "gradient_norm": float(np.mean(norms)) if norms else 0.0,
    }


def batch_loss(
    network: nn.Module, batch: Batch, state: Any, recipe: Recipe
) -> tuple[Tensor, int, Any]:
    """Loss of a batch, how many rows count in it, and the state it ends in."""
    torch = import_torch()
    x, y, weight = _tensors(batch, recipe.device)
    if recipe.input_noise > 0.0 and network.training:
        x = x + recipe.input_noise * torch.randn_like(x)
    found, state = network(x, None if batch.fresh else state)
    n_counted = int((batch.weight > 0.0).sum())  # weights are 1 on average over all batches
    loss = (recipe.loss(found, y).mean(-1) * weight).sum() / max(n_counted, 1)
    return loss, n_counted, cut_off(state)


def step(network: nn.Module, optimizer: Any, loss: Tensor, recipe: Recipe) -> float:
    """Move the weights; the norm of the gradient before it is clipped."""
    torch = import_torch()
    if recipe.l1 > 0.0:
        loss = loss + recipe.l1 * sum(
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
        f"{rate:.3g}. Lower learning_rate (learning_rate_range_test finds one), set gradient_clip, "
        "or look for wild values in the log"
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


def evaluate(network: nn.Module, data: Rows | Chunks, recipe: Recipe) -> float:
    """Mean loss by weight, without noise, dropout and gradients."""
    torch = import_torch()
    network.eval()
    loss, weight, state = 0.0, 0.0, None
    with torch.no_grad():
        for batch in data.whole():
            x, y, parts = _tensors(batch, recipe.device)
            found, state = network(x, None if batch.fresh else state)
            loss += float((recipe.loss(found, y).mean(-1) * parts).sum())
            weight += float(batch.weight.sum())
    return loss / weight if weight > 0.0 else np.nan
