"""Checks of parameters that many functions share; each says what to pass."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError

__all__ = ["check_bootstrap", "check_count", "check_jobs", "check_seed"]

LARGEST_SEED = 2**32 - 1


def is_int(value: Any) -> bool:
    """Whether it is a whole number; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def check_count(name: str, value: Any, least: int, otherwise: str = "") -> None:
    """Raise InvalidParameterError unless it is an int that large; `otherwise` else may do."""
    if not is_int(value) or value < least:
        raise InvalidParameterError(f"{name} must be an int >= {least}{otherwise}; got {value!r}")


def check_seed(value: Any) -> None:
    """Raise InvalidParameterError unless it seeds a generator, or is one."""
    is_source = value is None or isinstance(value, (np.random.RandomState, np.random.Generator))
    if not is_source and not (is_int(value) and 0 <= value <= LARGEST_SEED):
        raise InvalidParameterError(
            f"random_state must be an int from 0 to {LARGEST_SEED}, a RandomState or None; got "
            f"{value!r}: pass random_state=0 for the same numbers each time"
        )


def check_jobs(value: Any) -> None:
    """Raise InvalidParameterError unless it is a number of workers."""
    if value is not None and (not is_int(value) or value == 0):
        raise InvalidParameterError(
            f"n_jobs must be an int other than 0, or None; got {value!r}: pass n_jobs=1 for one "
            "worker, n_jobs=-1 for all cores"
        )


def check_bootstrap(
    n_bootstrap: Any,
    confidence: Any,
    min_cycles: Any = 1,
    random_state: Any = None,
    n_jobs: Any = None,
) -> None:
    """Raise InvalidParameterError unless intervals over cycles can be made so."""
    check_count("n_bootstrap", n_bootstrap, 0)
    check_count("min_cycles", min_cycles, 1)
    if not isinstance(confidence, numbers.Real) or not 0.0 < float(confidence) < 1.0:
        raise InvalidParameterError(
            f"confidence must lie between 0 and 1 (0.95 means 95 %); got {confidence!r}"
        )
    check_seed(random_state)
    check_jobs(n_jobs)
