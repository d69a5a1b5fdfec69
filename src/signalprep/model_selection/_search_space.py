"""SearchSpace: parameters to draw, as numbers that a sampler understands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

__all__ = ["SearchSpace"]


class SearchSpace:
    """Lists of choices, scipy's frozen distributions and Optuna's, by parameter.

    A list is searched as the places of its entries, which may be anything; a distribution of scipy
    through its quantiles, so that a `loguniform` is even in its logarithm.

    Parameters
    ----------
    given : mapping of str to sequence or distribution
    """

    def __init__(self, given: Any) -> None:
        from optuna.distributions import BaseDistribution

        if not isinstance(given, Mapping) or len(given) == 0:
            raise InvalidParameterError(
                "param_distributions must be a dict of {parameter: list or distribution}; "
                f"got {given!r}"
            )
        self._given = dict(given)
        self._own = {n for n, one in given.items() if isinstance(one, BaseDistribution)}
        for name, one in self._given.items():
            choices = isinstance(one, (Sequence, np.ndarray)) and not isinstance(one, str)
            if choices and len(one) == 0:
                raise InvalidParameterError(f"param_distributions[{name!r}] must not be empty")
            if not choices and name not in self._own and not hasattr(one, "ppf"):
                raise InvalidParameterError(
                    f"param_distributions[{name!r}] must be a list, a frozen distribution of "
                    f"scipy.stats or one of optuna.distributions; got {one!r}"
                )

    def distributions(self) -> dict[str, BaseDistribution]:
        """What the sampler draws from."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution

        found: dict[str, BaseDistribution] = {}
        for name, one in self._given.items():
            if name in self._own:
                found[name] = one
            elif hasattr(one, "ppf"):
                found[name] = FloatDistribution(0.0, 1.0)
            else:
                found[name] = CategoricalDistribution(list(range(len(one))))
        return found

    def parameters(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that the sampler's numbers stand for."""
        found = {}
        for name, number in drawn.items():
            one = self._given[name]
            if name in self._own:
                found[name] = number
            elif hasattr(one, "ppf"):
                found[name] = _quantile(one, number)
            else:
                found[name] = one[number]
        return found


def _quantile(distribution: Any, level: float) -> Any:
    """The value at a level, kept off the ends of an unbounded distribution."""
    value = distribution.ppf(min(max(level, 1e-9), 1.0 - 1e-9))
    whole = getattr(distribution.dist, "pmf", None) is not None and math.isfinite(value)
    return int(value) if whole else float(value)
