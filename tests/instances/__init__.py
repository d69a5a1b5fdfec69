"""Every public estimator as the tests run it: one list for contract, conventions, stream and file.

A new class gets its entry here; the first of its instances stands for the class where a test asks
what no parameter changes, and in ``make quick``.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

import pytest

from signalprep._base import SignalTransformer

from ._instance import Instance
from ._models import MODELS
from ._outliers import OUTLIERS
from ._signals import SIGNALS

INSTANCES: dict[type, list[Instance]] = OUTLIERS | SIGNALS | MODELS
EVERY = [instance for of_class in INSTANCES.values() for instance in of_class]

# Signal transformers on a log, for the contract.
STEPS = [one for one in EVERY if "log" in one.on and isinstance(one.estimator, SignalTransformer)]
# What a stream can run, on a log or on codes.
STREAMED = [one for one in EVERY if {"log", "codes"} & {*one.on} and one.causal and one.keeps_rows]
# For scikit-learn's checks.
CHECKED = [one for one in EVERY if "arrays" in one.on]


def first_of_class(instances: Iterable[Instance]) -> list[Instance]:
    """The first instance of each class."""
    first = {type(one.estimator): one for one in reversed([*instances])}
    return [*first.values()][::-1]


def marks(one: Instance, quick: list[Instance]) -> list[pytest.MarkDecorator]:
    """In `make quick` or not, and what an extra is needed for."""
    found = [pytest.mark.quick] if one in quick else []
    if one.needs:
        missing = find_spec(one.needs) is None
        found.append(pytest.mark.skipif(missing, reason=f"{one.needs} is an extra"))
    return found


def parameters(instances: Iterable[Instance]) -> list[Any]:
    """Parameters of a test; the first of each class is in `make quick`, too."""
    instances = [*instances]
    quick = first_of_class(instances)
    return [pytest.param(one, id=one.id, marks=marks(one, quick)) for one in instances]
