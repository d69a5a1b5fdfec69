"""Does recording what `next_tests` says tell more than recording cells at random?

Twelve cells err differently; a cycle visits each with a probability of its own, 0.25 to 1. After
twelve cycles, forty-eight more visits of single cells are recorded: those that stand first in the
table, as many of each as it asks for and then anew, or of cells drawn at random. Without limits the
widest interval of RMSE and the mean one tell who was better; with limits, how many cells come to a
verdict and how many of these are wrong. Last, what the table promised: the width found after
`more_cycles` over `expected_width`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin

import signalprep as sp

CELLS, CYCLES, VISITS, ROWS = 12, 12, 48, 30
LIMIT = 1.0
SCALES = LIMIT * np.geomspace(0.6, 1.6, CELLS)


class Given(RegressorMixin, BaseEstimator):
    """Predicts what the column says."""

    def fit(self, X: pd.DataFrame, y: Any) -> Given:
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return X["prediction"].to_numpy()


class Recordings:
    """Visits of cells so far, and what they say."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.scales = self.rng.permutation(SCALES)  # the RMSE of each cell is its scale
        self.parts: list[pd.DataFrame] = []
        self.n_cycles = 0
        seen = self.rng.permutation(np.linspace(0.25, 1.0, CELLS))
        for _ in range(CYCLES):
            self.visit(np.flatnonzero(self.rng.random(CELLS) < seen))

    def visit(self, cells: np.ndarray) -> None:
        """One more cycle through the given cells."""
        hard = np.exp(0.3 * self.rng.normal() - 0.3**2)  # of unit mean square
        for cell in cells:
            offset = self.rng.normal() + self.rng.normal(size=ROWS)
            error = self.scales[cell] * hard * offset / np.sqrt(2.0)
            frame = pd.DataFrame({"prediction": error, "cell": cell + 0.5})
            self.parts.append(frame.assign(cycle=self.n_cycles))
        self.n_cycles += 1

    def validation(self) -> sp.Validation:
        log = sp.as_log(pd.concat(self.parts, ignore_index=True), cycle="cycle", rate=1.0)
        truth = pd.Series(0.0, log.index, name="y")
        edges = {"cell": list(range(CELLS + 1))}
        return sp.validate(Given(), log, truth, cv=2, regimes=edges, n_bootstrap=200)

    def follow(self, limits: dict[str, float] | None) -> list[tuple[float, bool]]:
        """Record what the table says; of each test the width found over the width expected."""
        found, left, validation = [], VISITS, self.validation()
        while left:
            table = validation.next_tests(1, limits=limits)
            if table.empty:
                self.at_random(left)
                break
            cell, test = table.index[0], table.iloc[0]
            asked = min(int(test["more_cycles"]), left)
            for _ in range(asked):
                self.visit(np.array([number(cell)]))
            left -= asked
            typical, validation = width(validation.by_regime).median(), self.validation()
            if asked == test["more_cycles"] and not np.isnan(test["expected_width"]):
                after = width(validation.by_regime)[cell]
                found.append((after / test["expected_width"], after <= typical))
        return found

    def at_random(self, n: int = VISITS) -> None:
        for cell in self.rng.integers(CELLS, size=n):
            self.visit(np.array([cell]))


def number(cell: Any) -> int:
    """The cell whose label is "[3, 4)" is number 3."""
    return int(str(cell)[1:].split(",")[0])


def width(table: pd.DataFrame | None) -> pd.Series:
    assert table is not None
    return table["rmse_high"] - table["rmse_low"]


def outcome(recordings: Recordings, limits: dict[str, float] | None) -> dict[str, float]:
    validation = recordings.validation()
    widths = width(validation.by_regime)
    if limits is None:
        return {"widest": widths.max(), "mean": widths.mean()}
    status = validation.verdict(limits).by_cell
    assert status is not None
    scales = recordings.scales[[number(cell) for cell in status.index]]
    right = np.where(scales <= LIMIT, "pass", "fail")
    decided = status.isin(["pass", "fail"]).to_numpy()
    return {"decided": decided.sum(), "wrong": (decided & (status.to_numpy() != right)).sum()}


def run(quick: bool = False) -> dict[str, pd.DataFrame]:
    """Mean outcome of each way to record, without and with limits."""
    rows, promises = [], []
    for seed in range(6 if quick else 30):
        for said, limits in (("none", None), ("rmse", {"rmse": LIMIT})):
            for way in ("before", "next tests", "random"):
                recordings = Recordings(seed)
                if way == "next tests":
                    kept = recordings.follow(limits)
                    promises += kept if limits is None else []
                elif way == "random":
                    recordings.at_random()
                rows.append({"limits": said, "way": way, **outcome(recordings, limits)})
    table = pd.DataFrame(rows).groupby(["limits", "way"]).mean()
    ratio, enough = np.array(promises).T
    print(
        f"width found over width expected: median {np.median(ratio):.2f}, half of them "
        f"{np.quantile(ratio, 0.25):.2f} to {np.quantile(ratio, 0.75):.2f}; as narrow as the "
        f"typical cell after more_cycles: {enough.mean():.0%} of {len(ratio)} tests"
    )
    return {"next_tests": table.round(2).astype(object).where(table.notna(), "")}


def check(found: dict[str, pd.DataFrame]) -> list[str]:
    """What is not as the docs promise: following the table beats recording at random."""
    table = found["next_tests"]
    by_table, at_random = table.loc[("none", "next tests")], table.loc[("none", "random")]
    wrong = [] if by_table["widest"] < at_random["widest"] else ["next tests: widest interval"]
    by_table, at_random = table.loc[("rmse", "next tests")], table.loc[("rmse", "random")]
    return wrong + ([] if by_table["decided"] > at_random["decided"] else ["next tests: decided"])
