"""audit: kinds of folds and cycles that give something away, and those that do not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from leaks.small_drive import small_drive

COPIES = "near-duplicate cycles across folds"


def test_the_same_course_on_both_sides_of_a_fold_is_a_warning_of_its_own_kind():
    rng, (X, _) = np.random.default_rng(0), small_drive()
    course = np.concatenate([X["speed"].to_numpy(), X["speed"].to_numpy()[::-1]])[:400]
    laps = {}
    for k in range(6):
        speed = course + rng.normal(size=400)
        i = 0.1 * speed + rng.normal(size=400)
        rotor = rng.uniform(20, 60) + np.cumsum(i**2 - np.mean(i**2)) / 1e3
        table = {"speed": speed, "i": i, "rotor": rotor}
        laps[k] = pd.DataFrame(table, index=pd.Index(np.arange(400.0), name="time"))
    log = pd.concat(laps, names=["cycle"])
    found = sp.audit(Ridge(), log[["speed", "i"]], log["rotor"], cv=3, checks=[COPIES])
    assert found.ok
    assert found.findings[["severity", "kind"]].to_numpy().tolist() == [["warning", "same_course"]]
    assert "follow the same course" in found.findings["what"][0]


OVERLAP = "overlap in time across folds"


def pieces(clock):
    """Each trip cut into thirds, by a clock of all or with times that start anew."""
    X, y = small_drive()
    log = X.assign(rotor=y)
    parts = {}
    for k, trip in enumerate(sp.cycles(log)):
        one = log.loc[trip]
        n = len(one) // 3
        for j in range(3):
            piece = one.iloc[n * j : n * (j + 1)]
            seconds = piece.index - (0.0 if clock else piece.index[0])
            stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(seconds + 1e5 * k, unit="s")
            parts[f"{k} {j}"] = piece.set_axis(stamps if clock else seconds)
    return pd.concat(parts, names=["cycle", "time"])


@pytest.mark.parametrize("clock", [True, False], ids=["by the clock", "by the values"])
def test_pieces_of_one_recording_on_both_sides_of_a_fold_are_found(clock):
    log = pieces(clock)
    cv = sp.CycleKFold(4, shuffle=True, random_state=0)
    found = sp.audit(Ridge(), log.drop(columns="rotor"), log["rotor"], cv=cv, checks=[OVERLAP])
    (leak,) = found.findings.to_dict("records")
    assert (leak["severity"], leak["kind"]) == ("leak", "time_overlap")
    assert "begins where cycle" in leak["what"]
    assert "beside a piece tells of the target in it" in leak["what"]
    together = {cycle: cycle.split()[0] for cycle in sp.cycles(log)}
    cv = sp.CycleKFold(4, together=together)
    whole = sp.audit(Ridge(), log.drop(columns="rotor"), log["rotor"], cv=cv, checks=[OVERLAP])
    assert len(whole.findings) == 0


def test_trips_from_rest_to_rest_with_one_state_of_charge_are_no_pieces():
    rng, trips, soc = np.random.default_rng(0), {}, 90.0
    for k in range(12):
        speed = np.abs(np.cumsum(rng.normal(size=120)))
        speed *= np.minimum(1.0, np.minimum(np.arange(120), np.arange(120)[::-1]) / 10.0)
        charge = soc - np.cumsum(speed) / 2e3
        soc = float(charge[-1])
        table = {"speed": speed, "soc": charge, "T": 20 + np.cumsum(speed) / 50}
        trips[k] = pd.DataFrame(table, index=pd.Index(np.arange(120.0), name="time"))
    log = pd.concat(trips, names=["cycle"])
    found = sp.audit(Ridge(), log[["speed", "soc"]], log["T"], cv=4, checks=[OVERLAP])
    assert len(found.findings) == 0, repr(found)


def weeks(n: int = 8) -> tuple[pd.DataFrame, pd.Series]:
    """Weeks of one building by the hour, stamps kept: each night is as the last."""
    rng, hours = np.random.default_rng(0), np.arange(168 * n)
    outdoor = 10 + 5 * np.sin((hours - 9) / 12 * np.pi) + np.cumsum(rng.normal(size=len(hours))) / 9
    busy = (hours % 24 > 7) & (hours % 24 < 19) & (hours // 24 % 7 < 5)
    energy = (1 + 3 * busy + 0.1 * outdoor.clip(max=18)) * np.exp(0.1 * rng.normal(size=len(hours)))
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, unit="h")
    index = pd.MultiIndex.from_arrays([hours // 168, stamps], names=["cycle", "time"])
    return pd.DataFrame({"outdoor": outdoor}, index), pd.Series(energy, index, name="energy")


def test_pieces_whose_neighbours_tell_nothing_of_the_target_are_a_warning():
    X, y = weeks()
    found = sp.audit(Ridge(), X, y, cv=4, checks=[OVERLAP]).findings
    assert found[["severity", "kind"]].values.tolist() == [["warning", "time_overlap"]]


def test_pieces_of_channels_that_all_wander_are_found_without_a_clock():
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(size=(800, 3)), axis=0)
    place = np.arange(800)
    index = pd.MultiIndex.from_arrays([place // 80, place % 80 / 1.0], names=["cycle", "time"])
    frame = pd.DataFrame(walk, index, list("aby"))
    found = sp.audit(Ridge(), frame[["a", "b"]], frame["y"], cv=4, checks=[OVERLAP]).findings
    assert found[["severity", "kind"]].values.tolist() == [["leak", "time_overlap"]]
    mixed = pd.concat([frame.loc[[k]] for k in rng.permutation(10)])
    found = sp.audit(Ridge(), mixed[["a", "b"]], mixed["y"], cv=4, checks=[OVERLAP]).findings
    assert len(found) == 0


INNER = "folds inside the estimator"


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingRegressor(early_stopping=True),
        GradientBoostingRegressor(n_iter_no_change=3),
        SGDRegressor(early_stopping=True),
        MLPRegressor(early_stopping=True),
    ],
)
def test_early_stopping_on_random_rows_is_a_warning(model):
    X, y = small_drive()
    found = sp.audit(sp.make_pipeline(sp.Scaler(), model), X, y, cv=4, checks=[INNER])
    (warning,) = found.findings.to_dict("records")
    assert (warning["severity"], warning["kind"]) == ("warning", "inner_folds")
    assert "rows drawn at random" in warning["what"]


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingRegressor(),
        GradientBoostingRegressor(),
        SGDRegressor(),
        MLPRegressor(n_iter_no_change=3),
    ],
)
def test_models_that_hold_no_rows_out_are_no_finding(model):
    X, y = small_drive()
    assert len(sp.audit(model, X, y, cv=4, checks=[INNER]).findings) == 0
