"""audit: drives and rows on both sides of a fold that are no copies end to end; and chance."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.linear_model import Ridge

import signalprep as sp
from leaks.small_drive import small_drive

COPIES = "near-duplicate cycles across folds"


@pytest.mark.parametrize(
    "again",
    [
        lambda log, rng: log.iloc[rng.integers(0, len(log), 150)],
        lambda log, rng: log.loc["trip 2"].iloc[::-1],
        lambda log, rng: pd.concat([log.loc[f"trip {k}"][40:70] for k in (1, 5, 6)]),
    ],
    ids=["drawn again", "backwards", "pieces of three"],
)
def test_rows_that_come_again_on_the_other_side_of_a_fold_are_found(again):
    X, y = small_drive()
    log = X.assign(rotor=y)
    more = again(log, np.random.default_rng(0))
    more.index = pd.Index(np.arange(len(more)) / 1.0, name="time")
    log = pd.concat([log, pd.concat({"more": more}, names=["cycle"])])
    found = sp.audit(Ridge(), log[X.columns], log["rotor"], cv=4, checks=[COPIES]).findings
    assert ("leak", "repeated_rows") in found[["severity", "kind"]].itertuples(
        index=False, name=None
    )


def test_rows_that_are_alike_because_they_are_coarse_are_no_repeats():
    X, y = small_drive()
    steps = pd.Series({"speed": 20.0, "torque": 20.0, "current": 10.0, "coolant": 10.0})
    coarse = (X / steps).round() * steps
    found = sp.audit(Ridge(), coarse, (y / 5).round(), cv=4, checks=[COPIES]).findings
    assert "repeated_rows" not in set(found["kind"])
    still = X.mask(X["speed"] > 20, 0.0)  # at rest in most rows, on both sides
    found = sp.audit(Ridge(), still, y.mask(X["speed"] > 20, 0.0), cv=4, checks=[COPIES]).findings
    assert "repeated_rows" not in set(found["kind"])


def found_in(log: pd.DataFrame, target: str = "rotor") -> list[tuple[str, str]]:
    cv = sp.CycleKFold(4, shuffle=True, random_state=1)
    X, y = log.drop(columns=target), log[target]
    found = sp.audit(Ridge(), X, y, cv=cv, checks=[COPIES]).findings
    found = found[found["severity"] == "leak"]
    return [
        (kind, what.split("(")[0]) for kind, what in zip(found["kind"], found["what"], strict=True)
    ]


def whole() -> pd.DataFrame:
    X, y = small_drive()
    return X.assign(rotor=y)


def anew(pieces: dict[str, pd.DataFrame]) -> pd.DataFrame:
    for piece in pieces.values():
        piece.index = pd.Index(np.arange(len(piece)) / 1.0, name="time")
    return pd.concat(pieces, names=["cycle"])


@pytest.mark.parametrize("n", [2, 3])
def test_rows_of_a_drive_dealt_out_in_turn_are_found(n):
    cycles = whole().groupby(level="cycle")
    pieces = {f"{name} {k}": part.iloc[k::n].copy() for name, part in cycles for k in range(n)}
    (kind, what), *_ = found_in(anew(pieces))
    assert kind == "duplicate_cycles"
    assert "lies beside a row of" in what


@pytest.mark.parametrize("weight", [0.5, 0.25])
def test_a_drive_that_is_a_mean_of_two_is_found(weight):
    log = whole()
    one, other = (log.loc[f"trip {k}"].iloc[:90].to_numpy() for k in (2, 5))
    mean = pd.DataFrame(weight * one + (1 - weight) * other, columns=log.columns)
    (kind, what), *_ = found_in(pd.concat([log, anew({"mixed": mean})]))
    assert kind == "duplicate_cycles"
    assert "Cycle 'mixed' is a mean of cycles 'trip 2' and 'trip 5'" in what


def bench(seed: int, spread: float, noise: float) -> pd.DataFrame:
    """One programme on a bench six times, warmed to within so many kelvin."""
    rng = np.random.default_rng(seed)
    programme = np.repeat(rng.uniform(0, 10, 12), 10)
    parts = {}
    for k in range(6):
        load = programme + 0.05 * rng.normal(size=120)
        start = 23 + spread * rng.normal()
        heat = {
            name: start + gain * lfilter([1 / tau], [1, 1 / tau - 1], load)
            for name, gain, tau in (("winding", 4, 25), ("housing", 6, 50), ("rotor", 5, 37))
        }
        parts[f"run {k}"] = pd.DataFrame({"load": load, **heat}) + noise * rng.normal(size=(120, 4))
    return anew(parts)


@pytest.mark.parametrize(("spread", "noise"), [(0.0, 0.05), (0.5, 0.05), (1.0, 0.1), (2.0, 0.0)])
def test_a_programme_run_again_is_no_copy(spread, noise):
    for seed in range(2):
        assert found_in(bench(seed, spread, noise)) == []


def test_drives_that_differ_by_a_constant_are_no_means_of_each_other():
    log = whole().loc[["trip 0"]]
    runs = {f"run {k}": log.loc["trip 0"].assign(ambient=1.0 * k) for k in range(6)}
    assert all("is a mean of" not in what for _, what in found_in(anew(runs)))
