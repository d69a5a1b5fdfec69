"""Checks of the parameters that all networks share."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.neural.training._losses import LOSSES
from signalprep.neural.training._schedules import SCHEDULES
from signalprep.neural.training._training import OPTIMIZERS

__all__ = ["check_choice", "check_share", "check_shared", "check_whole"]

AT_LEAST_ZERO = ("input_noise", "weight_decay", "l1", "regime_balance")
ABOVE_ZERO = ("huber_delta", "learning_rate")
SWITCHES = ("layer_norm", "early_stopping", "warm_start", "scale_inputs")


def check_shared(estimator: Any) -> None:
    """Raise InvalidParameterError for a shared parameter that is out of its range."""
    for name, choices in (("loss", LOSSES), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        check_choice(name, getattr(estimator, name), tuple(choices))
    for name in ("max_epochs", "batch_size", "patience"):
        check_whole(name, getattr(estimator, name))
    for name in AT_LEAST_ZERO:
        value = getattr(estimator, name)
        if not _is_number(value) or value < 0:
            raise InvalidParameterError(f"{name} must be a number of at least 0; got {value!r}")
    for name in ABOVE_ZERO:
        value = getattr(estimator, name)
        if not _is_number(value) or value <= 0:
            raise InvalidParameterError(f"{name} must be a number above 0; got {value!r}")
    for name in SWITCHES:
        value = getattr(estimator, name)
        if not isinstance(value, (bool, np.bool_)):
            raise InvalidParameterError(f"{name} must be True or False; got {value!r}")
    _check_shares(estimator)


def _check_shares(estimator: Any) -> None:
    for name in ("dropout", "momentum"):
        value = getattr(estimator, name)
        if not _is_number(value) or not 0 <= value < 1:
            raise InvalidParameterError(f"{name} must be a number in [0, 1); got {value!r}")
    for name in ("quantile", "validation_fraction"):
        value = getattr(estimator, name)
        if not _is_number(value) or not 0 < value < 1:
            raise InvalidParameterError(f"{name} must be a number in (0, 1); got {value!r}")
    clip = estimator.gradient_clip
    if clip is not None and (not _is_number(clip) or clip <= 0):
        raise InvalidParameterError(f"gradient_clip must be a number above 0 or None; got {clip!r}")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise unless `value` is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidParameterError(
            f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}"
        )


def check_share(name: str, value: Any) -> None:
    """Raise unless `value` is a number from 0 to 1."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise InvalidParameterError(f"{name} must be a number in [0, 1]; got {value!r}")


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Raise unless `value` is an int of at least `least`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or value < least:
        raise InvalidParameterError(f"{name} must be an int of at least {least}; got {value!r}")


def _is_number(value: Any) -> bool:
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    return real and bool(np.isfinite(float(value)))
