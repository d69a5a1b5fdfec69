"""audit: what preparation leaves in a table of which neither raw nor the function is shown."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler

import signalprep as sp
from leaks.small_drive import by_cycle, small_drive

CHECKS = [
    "columns that know the whole cycle",
    "columns carried over borders or made of later rows",
    "inputs scaled on all rows",
    "inputs clipped by all rows",
    "columns that number rows or cycles",
    "the target among the inputs",
]


def audited(X, y):
    return sp.audit(Ridge(), X, y, cv=4, checks=CHECKS)


def of_cycle(values, what):
    return values.groupby(level="cycle").transform(what)


def seconds(X):
    return X.index.get_level_values("time").to_series(index=X.index)


def share_done(X):
    return X.groupby(level="cycle").cumcount() / of_cycle(X["speed"], "size")


WHOLE = {
    "rows": lambda X, y: of_cycle(X["speed"], "size").astype(float),
    "duration": lambda X, y: of_cycle(seconds(X), "max") / 60.0,
    "log of the rows": lambda X, y: np.log(of_cycle(X["speed"], "size")),
    "mean of the target": lambda X, y: of_cycle(y, "mean"),
    "last of the target": lambda X, y: 1.8 * of_cycle(y, "last") + 32.0,
    "maximum of the target": lambda X, y: of_cycle(y, "max"),
    "rise of the target": lambda X, y: of_cycle(y, lambda part: part.iloc[-1] - part.iloc[0]),
    "mean of an input": lambda X, y: of_cycle(X["speed"], "mean"),
    "maximum of an input": lambda X, y: of_cycle(X["torque"], "max"),
    "time to the end": lambda X, y: of_cycle(seconds(X), "max") - seconds(X),
    "rows to the end": lambda X, y: (
        X.groupby(level="cycle").cumcount(ascending=False).astype(float)
    ),
    "share done": lambda X, y: seconds(X) / of_cycle(seconds(X), "max"),
    "share of the rows": lambda X, y: share_done(X),
    "share of the energy": lambda X, y: by_cycle(
        X["torque"].abs(), lambda part: part.cumsum() / part.sum()
    ),
    "drawn between 0 and 1": lambda X, y: by_cycle(
        X["torque"], lambda part: (part - part.min()) / (part.max() - part.min())
    ),
    "over the maximum": lambda X, y: by_cycle(X["torque"], lambda part: part / part.max()),
    "over the mean": lambda X, y: by_cycle(X["speed"], lambda part: part / part.mean()),
    "rounded and drawn between 0 and 1": lambda X, y: by_cycle(
        X["coolant"].round(1), lambda part: (part - part.min()) / (part.max() - part.min())
    ),
    "less its last": lambda X, y: X["torque"] - of_cycle(X["torque"], "last"),
    "over its deviation": lambda X, y: X["speed"] / of_cycle(X["speed"], "std"),
    "less its least, scaled": lambda X, y: (
        3.0 - 2.0 * (X["coolant"] - of_cycle(X["coolant"], "min"))
    ),
    "what is left of the sum": lambda X, y: (
        of_cycle(X["torque"], "sum") - by_cycle(X["torque"], lambda part: part.cumsum())
    ),
    "thirds": lambda X, y: np.floor(3 * share_done(X)),
    "the last fifth, as words": lambda X, y: (share_done(X) >= 0.8).map(
        {True: "old", False: "new"}
    ),
    "share done, bent": lambda X, y: np.sqrt(share_done(X)),
    "rows left, bent": lambda X, y: np.log1p(X.groupby(level="cycle").cumcount(ascending=False)),
    "rank": lambda X, y: X["torque"].groupby(level="cycle").rank(pct=True),
}


@pytest.mark.parametrize("made", WHOLE)
def test_columns_that_know_the_whole_cycle_are_found(made):
    X, y = small_drive()
    found = audited(X.assign(made=WHOLE[made](X, y)), y).findings
    leaks = found[found["severity"] == "leak"]
    assert leaks["channel"].tolist() == ["made"], repr(found)
    assert set(leaks["kind"]) <= {"lookahead", "target_in_inputs"}
    assert ("target_in_inputs" in set(leaks["kind"])) == ("target" in made)


def test_columns_that_early_rows_or_the_clock_make_do_not_know_the_whole_cycle():
    X, y = small_drive()
    row = X.groupby(level="cycle").cumcount()
    own = X.groupby(level="cycle").ngroup().map(dict(enumerate(np.random.default_rng(3).random(8))))
    honest = X.assign(
        since_first=X["torque"] - of_cycle(X["torque"], "first"),
        tared=X["speed"] - by_cycle(X["speed"], lambda part: 0 * part + part[:10].mean()),
        other_sensor=X["coolant"] + own,
        other_gain=X["coolant"] * (1 + own),
        drawn=by_cycle(X["current"], lambda part: part.cumsum()),
        root=np.sqrt(row),
        stage=np.floor(row / 20),
        warm=(row > 60),
        hot=X["coolant"] > 26,
    )
    found = sp.audit(Ridge(), honest, y, cv=4, checks=["columns that know the whole cycle"])
    assert found.ok, repr(found.findings)


CARRIED = {
    "cumsum": (lambda X: 0.1 * X["torque"].cumsum(), "bleeding"),
    "ewm": (lambda X: X["torque"].ewm(span=9).mean(), "bleeding"),
    "ewm without weights": (lambda X: X["torque"].ewm(span=20, adjust=False).mean(), "bleeding"),
    "rolling": (lambda X: X["torque"].rolling(12, min_periods=1).mean(), "bleeding"),
    "shift": (lambda X: X["torque"].shift(5).bfill(), "bleeding"),
    "diff": (lambda X: X["torque"].diff().fillna(0.0), "bleeding"),
    "later": (lambda X: X["torque"].groupby(level="cycle").shift(-3).fillna(0.0), "lookahead"),
    "around": (lambda X: X["torque"].rolling(7, center=True, min_periods=1).mean(), "lookahead"),
}


@pytest.mark.parametrize("made", CARRIED)
def test_columns_made_across_borders_or_of_later_rows_are_named_as_what_they_are(made):
    X, y = small_drive()
    make, kind = CARRIED[made]
    found = audited(X.assign(made=make(X)), y).findings
    leaks = found[found["severity"] == "leak"]
    assert leaks[["channel", "kind"]].to_numpy().tolist() == [["made", kind]], repr(found)
    assert "'torque'" in leaks["what"].item()


@pytest.mark.parametrize("ends", [(-1, 1), (0, 100), (0.1, 0.9), (-0.5, 0.5)])
def test_channels_drawn_between_any_ends_over_all_rows_are_found(ends):
    X, y = small_drive()
    scaled = MinMaxScaler(ends).set_output(transform="pandas").fit_transform(X)
    found = audited(scaled, y).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["leak", "scaled_before_split"]]


def test_channels_drawn_to_one_at_the_most_over_all_rows_are_found():
    X, y = small_drive()
    found = audited(X / X.abs().max(), y).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["leak", "scaled_before_split"]]


def test_a_channel_that_is_how_the_target_changes_is_a_warning():
    X, y = small_drive()
    found = audited(X.assign(rate=y.groupby(level="cycle").diff().fillna(0.0)), y).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["warning", "target_in_inputs"]]
    assert "its difference" in found["what"].item()


CLEAN = {
    "sum by cycle": lambda X: X["torque"].groupby(level="cycle").cumsum(),
    "mean so far": lambda X: by_cycle(X["torque"], lambda part: part.expanding().mean()),
    "largest so far": lambda X: X["speed"].groupby(level="cycle").cummax(),
    "shift by cycle": lambda X: X["torque"].groupby(level="cycle").shift(5).fillna(0.0),
    "difference by cycle": lambda X: X["torque"].groupby(level="cycle").diff().fillna(0.0),
    "ewm by cycle": lambda X: by_cycle(X["torque"], lambda part: part.ewm(span=9).mean()),
    "rolling by cycle": lambda X: by_cycle(
        X["torque"], lambda part: part.rolling(12, min_periods=1).mean()
    ),
    "first of an input": lambda X: of_cycle(X["coolant"], "first"),
    "since the start": lambda X: X["coolant"] - of_cycle(X["coolant"], "first"),
    "load of the campaign": lambda X: pd.Series(
        X.groupby(level="cycle", sort=False).ngroup() ** 1.5, index=X.index
    ),
    "throttle": lambda X: np.clip(X["torque"] / 20.0, 0.0, 1.0),
    "angle": lambda X: np.sin(X["speed"]),
    "odometer": lambda X: 12_000.0 + (X["speed"].abs() + 1.0).cumsum() ** 1.1 / 3600.0,
}


@pytest.mark.parametrize("made", CLEAN)
def test_columns_of_the_past_of_their_cycle_are_clean(made):
    X, y = small_drive()
    found = audited(X.assign(made=CLEAN[made](X)), y)
    assert found.ok, repr(found)


def test_trips_that_start_and_end_at_rest_are_clean_with_shifts_by_cycle():
    X, y = small_drive()

    def at_rest(part):
        place = np.arange(len(part))
        return part.where((place > 8) & (place[::-1] > 8), 0.0)

    speed = by_cycle(X["speed"], at_rest)
    late = speed.groupby(level="cycle").shift(3).fillna(0.0)
    step = speed.groupby(level="cycle").diff().fillna(0.0)
    found = audited(X.assign(speed=speed, late=late, step=step), y)
    assert found.ok, repr(found)


def test_a_current_that_a_charge_is_counted_from_is_clean():
    X, _ = small_drive()
    charge = 80.0 - X["current"].groupby(level="cycle").cumsum() / 1e3
    noise = np.random.default_rng(0).normal(size=len(X))
    found = audited(X.assign(current=X["current"] + 0.05 * noise), charge)
    assert len(found.findings) == 0, repr(found)


def test_what_started_at_first_value_of_the_target_is_clean():
    X, y = small_drive()
    assert audited(X.assign(start=of_cycle(y, "first")), y).ok
