"""What the tests know of one estimator beyond what holds of all."""

from __future__ import annotations

from dataclasses import dataclass

from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeRegressor

# Checks of scikit-learn that take rows for independent of each other.
ORDER = ("check_methods_sample_order_invariance", "check_methods_subset_invariance")
# A row of weight two for two rows: not where rows are neighbours, or are counted.
TWICE = "check_sample_weight_equivalence_on_dense_data"


@dataclass(frozen=True)
class Instance:
    """An estimator, what it is run on, and what holds of it.

    ``on`` names the data: "log", three channels x0, x1, x2 of noise with spikes of 6.0 at 10 Hz;
    "codes", such a log in whole hundredths; "arrays", those of scikit-learn's checks, with as few
    as one channel.
    """

    name: str
    estimator: BaseEstimator
    on: tuple[str, ...] = ("log",)
    causal: bool = True
    keeps_constants: bool = False
    averages: bool = False  # so a wrapped angle is refused
    fills_a_window: bool = False  # so a segment shorter than one is refused
    forgets: float = 0.0  # the share of the past that is left beyond memory_
    keeps_rows: bool = True
    order_matters: tuple[str, ...] = ()  # checks that must fail, as neighbouring rows are seen
    left_out: tuple[str, ...] = ()  # checks that mean something else
    needs: str = ""  # a package that is an extra

    @property
    def id(self) -> str:
        return f"{type(self.estimator).__name__}, {self.name}"

    @property
    def holds_others(self) -> bool:
        """Whether an estimator within it may answer in its stead."""
        return any(hasattr(value, "fit") for value in self.estimator.get_params().values())


def tree(max_depth: int = 2) -> DecisionTreeRegressor:
    """A model whose predictions do not round by the number of rows."""
    return DecisionTreeRegressor(max_depth=max_depth, random_state=0)
