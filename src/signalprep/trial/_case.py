"""Case: what is audited, and the folds in the two forms that the checks need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from signalprep.log import cycle_bounds, cycles
from signalprep.model_selection import CycleKFold, Folds, shared_cycles

MOST_PROBED = 3


@dataclass(frozen=True)
class Case:
    """An estimator, its data and its folds.

    Attributes
    ----------
    folds : list of (train, test)
        As `cv` gives them.
    whole : list of (train, test)
        The same when they keep cycles whole; otherwise folds of whole cycles in their place, so
        that the other checks still say something.
    ahead : int
        Rows by which the log itself looks ahead.
    """

    estimator: Any
    X: pd.DataFrame
    y: pd.Series
    folds: Folds
    cv: str
    regimes: Any = None
    context: pd.DataFrame | None = None
    raw: pd.DataFrame | None = None
    prepare: Any = None
    lookahead: int = 0
    ahead: int = 0
    n_jobs: int | None = None
    seed: int = 0
    units: dict[str, str] = field(default_factory=dict)
    whole: Folds = field(init=False)
    shared: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        shared = list(shared_cycles(self.X, self.folds))
        whole = self.folds
        if any(len(positions) for positions in shared):
            splitter = CycleKFold(min(5, len(cycles(self.X))))
            whole = list(splitter.split(self.X))
        object.__setattr__(self, "shared", shared)
        object.__setattr__(self, "whole", whole)

    def cycle_of_row(self) -> np.ndarray:
        """Position of the cycle of each row."""
        bounds = cycle_bounds(self.X)
        return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))

    def numbers(self) -> np.ndarray:
        """The target as float64; labels that are no numbers by their place among the sorted."""
        if pd.api.types.is_numeric_dtype(self.y.dtype):
            return self.y.to_numpy(dtype=np.float64)
        codes, _ = pd.factorize(self.y, sort=True)
        return codes.astype(np.float64)

    def rng(self) -> np.random.Generator:
        """A generator that starts anew for each check, so that their order does not matter."""
        return np.random.default_rng(self.seed)

    def probe(self) -> pd.DataFrame:
        """A few whole cycles, two at least: of the first fold's test part where it has them."""
        train, test = self.whole[0]
        cycle_of_row = self.cycle_of_row()
        tested = np.unique(cycle_of_row[test])
        chosen = tested[np.linspace(0, len(tested) - 1, min(MOST_PROBED, len(tested))).astype(int)]
        if len(chosen) < 2:
            others = np.unique(cycle_of_row[train])
            chosen = np.union1d(chosen, others[:1])
        return self.X[np.isin(cycle_of_row, chosen)]

    def unit(self, channel: str) -> str:
        """Unit of a channel where it is known."""
        return self.units.get(channel, "")
