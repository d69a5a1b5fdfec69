"""Checks of what a network is to be trained by."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.neural.training._losses import LOSSES
from signalprep.neural.training._recipe import Recipe
from signalprep.neural.training._schedules import SCHEDULES
from signalprep.neural.training._training import OPTIMIZERS

__all__ = ["check_choice", "check_number", "check_recipe", "check_whole"]

WITHIN = {
    "of at least 0": lambda value: value >= 0,
    "above 0": lambda value: value > 0,
    "in [0, 1]": lambda value: 0 <= value <= 1,
    "in [0, 1)": lambda value: 0 <= value < 1,
    "in (0, 1)": lambda value: 0 < value < 1,
}
CHOICES = {"loss": LOSSES, "optimizer": OPTIMIZERS, "schedule": tuple(SCHEDULES)}
SWITCHES = ("layer_norm", "early_stopping", "warm_start", "scale_inputs")
NUMBERS = {
    "huber_delta": "above 0",
    "quantile": "in (0, 1)",
    "regime_balance": "of at least 0",
    "momentum": "in [0, 1)",
    "weight_decay": "of at least 0",
    "l1": "of at least 0",
    "dropout": "in [0, 1)",
    "input_noise": "of at least 0",
    "late_starts": "in [0, 1]",
    "validation_fraction": "in (0, 1)",
}


def check_recipe(recipe: Recipe) -> None:
    """Raise InvalidParameterError for a parameter that is out of its range."""
    for name, choices in CHOICES.items():
        check_choice(name, getattr(recipe, name), choices)
    check_whole("patience", recipe.patience)
    if recipe.batch_size is not None:
        check_whole("batch_size", recipe.batch_size)
    for name, where in NUMBERS.items():
        check_number(name, getattr(recipe, name), where)
    for name in SWITCHES:
        value = getattr(recipe, name)
        if not isinstance(value, (bool, np.bool_)):
            raise InvalidParameterError(f"{name} must be True or False; got {value!r}")
    clip = recipe.gradient_clip
    if clip is not None and (not _is_number(clip) or clip <= 0):
        raise InvalidParameterError(f"gradient_clip must be a number above 0 or None; got {clip!r}")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise unless `value` is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidParameterError(
            f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}"
        )


def check_number(name: str, value: Any, where: str) -> None:
    """Raise unless `value` is a number where `WITHIN` says."""
    if not _is_number(value) or not WITHIN[where](value):
        raise InvalidParameterError(f"{name} must be a number {where}; got {value!r}")


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Raise unless `value` is an int of at least `least`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or value < least:
        raise InvalidParameterError(f"{name} must be an int of at least {least}; got {value!r}")


def _is_number(value: Any) -> bool:
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    return real and bool(np.isfinite(float(value)))
