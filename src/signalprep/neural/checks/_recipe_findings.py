"""Usual mistakes in how a network is set to be trained."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from signalprep.metrics import effective_samples
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural._recurrent_regressor import RecurrentRegressor
from signalprep.neural.checks._finding import Finding
from signalprep.neural.training._recipe import Recipe

__all__ = ["length_findings", "loss_findings", "penalty_findings", "recipe_findings"]

RATES = {
    "adamw": (1e-5, 3e-2),
    "adam": (1e-5, 3e-2),
    "rmsprop": (1e-5, 3e-2),
    "sgd": (1e-4, 1.0),
}
DELTAS = (0.01, 10.0)  # standard deviations of the target
MOST = {
    "dropout": (0.8, "share of the units", "0 to 0.5"),
    "input_noise": (1.0, "standard deviations of the inputs", "0 to 0.3"),
    "weight_decay": (1.0, "shares of the weights that the learning rate takes away", "0 to 0.1"),
    "l1": (0.1, "sum of the sizes of all weights, added to a loss of about 1", "0 to 1e-3"),
}
"""From where on a penalty drowns what is to be learned, what it is measured in, what is usual."""
LEAST_CLIP = 1e-3
FEWEST_UPDATES = 100
SHORT = 0.1  # of the time over which the target remembers


def loss_findings(recipe: Recipe) -> Iterator[Finding]:
    """A loss that is another one in disguise."""
    if recipe.loss == "quantile" and recipe.quantile == 0.5:
        yield Finding(
            "the quantile loss of the median is half the absolute error",
            "recipe__quantile",
            0.5,
            'recipe=Recipe(loss="absolute_error"), or the quantile that is wanted',
        )
    delta = float(recipe.huber_delta)
    if recipe.loss == "huber" and not DELTAS[0] <= delta <= DELTAS[1]:
        other = "squared" if delta > DELTAS[1] else "absolute"
        yield Finding(
            f"Huber's loss is the {other} error: its border is in the target's standard deviations",
            "recipe__huber_delta",
            delta,
            f'about 1, or recipe=Recipe(loss="{other}_error")',
        )


def penalty_findings(recipe: Recipe) -> Iterator[Finding]:
    """Penalties and limits so strong that nothing is learned."""
    for name, (most, measure, usual) in MOST.items():
        value = float(getattr(recipe, name))
        if value >= most:
            what = f"so much of it drowns what is to be learned ({measure})"
            yield Finding(what, f"recipe__{name}", value, usual)
    clip = recipe.gradient_clip
    if clip is not None and float(clip) < LEAST_CLIP:
        yield Finding(
            "every step is cut short: gradients of the scaled loss have norms of 0.01 to 10",
            "recipe__gradient_clip",
            float(clip),
            "about 1, or None",
        )


def recipe_findings(
    network: NetworkRegressor, bounds: np.ndarray, n_cycles: int
) -> Iterator[Finding]:
    """Rates, batches, updates and held-out cycles that do not fit."""
    recipe = network._recipe()
    low, high = RATES[recipe.optimizer]
    rate = float(network.learning_rate)
    if not low <= rate <= high:
        yield Finding(
            f"the learning rate is out of what is usual for {recipe.optimizer!r}",
            "learning_rate",
            rate,
            f"{low:g} to {high:g}; learning_rate_range_test finds one",
        )
    if recipe.early_stopping and n_cycles * recipe.validation_fraction < 1.0:
        if n_cycles == 1:
            what = "the only cycle is both trained on and, at its end, stopped by"
            remedy = "more cycles, or recipe=Recipe(early_stopping=False)"
        else:
            what = "fewer cycles than validation_fraction needs: one is held out all the same"
            remedy = f"at least {int(np.ceil(1.0 / recipe.validation_fraction))} cycles, or a "
            remedy += "larger validation_fraction, or recipe=Recipe(early_stopping=False)"
        yield Finding(what, "recipe__validation_fraction", float(n_cycles), remedy)
    kept = 1.0 - (recipe.validation_fraction if recipe.early_stopping else 0.0)
    recurrent = isinstance(network, RecurrentRegressor)
    n_units = (len(bounds) - 1 if recurrent else int(bounds[-1])) * kept
    batch = network._batch_size()
    if batch > max(np.ceil(n_units), 1.0):
        unit = "segments" if recurrent else "rows"
        yield Finding(
            f"the batch is larger than all there is to train on: {int(np.ceil(n_units))} {unit}",
            "recipe__batch_size",
            float(batch),
            "smaller, so that an epoch has more than one step",
        )
    n_updates = _updates(network, batch, np.diff(bounds), kept)
    if n_updates < FEWEST_UPDATES:
        yield Finding(
            "few steps of the optimizer in all",
            "max_epochs",
            float(n_updates),
            f"at least {FEWEST_UPDATES}: more epochs, or a smaller recipe__batch_size",
        )


def _updates(network: NetworkRegressor, batch: int, lengths: np.ndarray, kept: float) -> int:
    """About how many steps a training has."""
    if not isinstance(network, RecurrentRegressor):
        return int(network.max_epochs) * max(int(np.ceil(kept * lengths.sum() / batch)), 1)
    n_batches = int(np.ceil(kept * len(lengths) / batch))
    n_chunks = int(np.ceil(lengths.max() / network.sequence_length_))
    return int(network.max_epochs) * max(n_batches * n_chunks, 1)


def length_findings(
    network: NetworkRegressor, target: np.ndarray, bounds: np.ndarray
) -> Iterator[Finding]:
    """Chunks of a recurrent network that are too long, or too short for what is to be learned."""
    if not isinstance(network, RecurrentRegressor):
        return
    length, longest = network.sequence_length_, int(np.diff(bounds).max())
    if length > longest:
        yield Finding(
            f"chunks longer than every segment: the longest has {longest} rows",
            "sequence_length",
            float(length),
            "harmless; shorter chunks give more steps an epoch",
        )
    segment = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    times = [
        float(
            effective_samples(y, np.zeros(len(y)), cycles=segment)["autocorrelation_time"].iloc[0]
        )
        for y in target.T
        if y.std() > 0.0
    ]
    memory = max(times, default=0.0)
    if length < min(SHORT * memory, longest):
        yield Finding(
            f"chunks far shorter than the target remembers: about {memory:.0f} rows",
            "sequence_length",
            float(length),
            "longer chunks, features with memory (ExponentialFeatures), or a slower rate (AtRate)",
        )
    if network.warm_up_ >= longest:
        yield Finding(
            f"the warm-up leaves no row: the longest segment has {longest}",
            "warm_up",
            float(network.warm_up_),
            "shorter",
        )
