"""Tables prepared with all rows: filled, encoded, clipped, taken relative to the end; and not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import TargetEncoder

import signalprep as sp

FILLED = "gaps filled by all rows"
ENCODED = "columns encoded by the target"
CLIPPED = "inputs clipped by all rows"
WHOLE = "columns that know the whole cycle"
NUMBERED = "columns that number rows or cycles"


def table(n: int = 6, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Cycles of unequal length, two channels of noise, one of few levels, and a target of all."""
    rng = np.random.default_rng(seed)
    parts = {}
    for k in range(n):
        rows = int(rng.integers(80, 140))
        frame = pd.DataFrame(rng.normal([3, -1], [2, 0.5], (rows, 2)), columns=["a", "b"])
        frame["mode"] = rng.integers(0, 7, rows).astype(float)
        frame["y"] = frame["a"] + 0.5 * frame["mode"] + rng.normal(size=rows)
        parts[f"c{k}"] = frame.rename_axis("time")
    log = pd.concat(parts, names=["cycle"])
    return log.drop(columns="y"), log["y"]


def said(X: pd.DataFrame, y: pd.Series, check: str) -> list[tuple[str, str, str]]:
    found = sp.audit(Ridge(), X, y, cv=3, checks=[check], progress=False).findings
    return list(found[["severity", "kind", "channel"]].itertuples(index=False, name=None))


def holes(X: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    gone = np.random.default_rng(seed).random((len(X), 2)) < 0.1
    return X.assign(**X[["a", "b"]].mask(gone))


def by_cycle(X: pd.DataFrame, how: str) -> pd.DataFrame:
    return X.groupby(level="cycle").transform(how)


FILLERS = {
    "mean": lambda X: X.mean(),
    "median": lambda X: X.median(),
    "mean of the cycle": lambda X: by_cycle(X, "mean"),
    "median of the cycle": lambda X: by_cycle(X, "median"),
}


@pytest.mark.parametrize("what", FILLERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_gaps_filled_by_what_all_rows_are_on_average_are_found(what, seed):
    X, y = table()
    gone = holes(X, seed)
    filled = gone.fillna(FILLERS[what](gone))
    found = said(filled, y, FILLED)
    kind = "lookahead" if what.endswith("cycle") else "test_statistics"
    assert {kind_ for _, kind_, _ in found} == {kind}
    # of an odd number of values the median is one of them, which chance may repeat
    severities = {"leak", "warning"} if what == "median" else {"leak"}
    assert {severity for severity, *_ in found} <= severities
    assert set(", ".join(channel for *_, channel in found).split(", ")) == {"a", "b"}


@pytest.mark.parametrize(
    "filler",
    [
        lambda X: X.iloc[:200].mean(),
        lambda X: X.iloc[:200].median(),
        lambda X: X.groupby(level="cycle").ffill().fillna(0.0),
        lambda X: pd.Series({"a": 3.0, "b": -1.0}),
        lambda X: by_cycle(X, "first"),
    ],
    ids=["mean of training", "median of training", "hold", "data sheet", "first of the cycle"],
)
def test_gaps_filled_by_what_is_known_are_none(filler):
    X, y = table()
    gone = holes(X)
    assert said(gone.fillna(filler(gone)), y, FILLED) == []


@pytest.mark.parametrize("seed", range(4))
def test_levels_that_lie_in_the_middle_by_their_nature_are_no_filled_gaps(seed):
    X, y = table(seed=seed)
    hour = X.groupby(level="cycle").cumcount() % 24
    rest = X["a"].where(X["mode"] > 2, 0.0)  # at rest in the middle of what it does
    X = X.assign(sin=np.sin(hour / 24 * 2 * np.pi), rest=rest, gear=X["mode"] * 1.2345678)
    assert said(X, y, FILLED) == []


def drawn(X: pd.DataFrame, y: pd.Series) -> pd.Series:
    by = y.groupby(X["mode"])
    return (by.transform("sum") + 20 * y.mean()) / (by.transform("size") + 20)


def left_out(X: pd.DataFrame, y: pd.Series) -> pd.Series:
    by = y.groupby(X["mode"])
    return (by.transform("sum") - y) / (by.transform("size") - 1)


def encoder(X: pd.DataFrame, y: pd.Series) -> np.ndarray:
    return TargetEncoder(target_type="continuous").fit(X[["mode"]], y).transform(X[["mode"]])[:, 0]


def standardised(X: pd.DataFrame, y: pd.Series) -> pd.Series:
    usual = y.groupby(X["mode"]).transform("mean")
    return (usual - usual.mean()) / usual.std()


ENCODINGS = {
    "mean": lambda X, y: y.groupby(X["mode"]).transform("mean"),
    "median": lambda X, y: y.groupby(X["mode"]).transform("median"),
    "drawn to the mean": drawn,
    "without the row": left_out,
    "TargetEncoder": encoder,
    "standardised": standardised,
    "of two levels": lambda X, y: y.groupby(X["mode"] > 3).transform("mean"),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_levels_encoded_by_the_target_over_all_rows_are_found(encode):
    X, y = table()
    found = said(X.assign(usual=encode(X, y)), y, ENCODED)
    assert found == [("leak", "target_in_inputs", "usual")]


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_levels_encoded_by_the_target_of_training_rows_are_none(encode):
    X, y = table()
    train, test = X.loc[:"c3"], y.loc[:"c3"]
    known = pd.Series(np.asarray(encode(train, test)), train.index)
    usual = X["mode"].map(known.groupby(train["mode"]).mean())
    assert said(X.assign(usual=usual), y, ENCODED) == []


def test_levels_that_follow_time_or_the_target_by_their_nature_are_no_encoding():
    X, y = table()
    rows = X.groupby(level="cycle").cumcount().astype(float)
    remaining = 200.0 - rows  # falls by one a row in all cycles
    X = X.assign(tens=rows // 10, gear=X["mode"] * 0.1)
    assert said(X, remaining, ENCODED) == []
    assert said(X, y, ENCODED) == []


@pytest.mark.parametrize("step", [0.0, 0.02], ids=["fine", "coarse"])
@pytest.mark.parametrize(
    "limits",
    [
        lambda X: (X.quantile(0.02), X.quantile(0.98)),
        lambda X: (X.quantile(0.05), X.quantile(0.95)),
        lambda X: (
            X.quantile(0.25) - 0.6 * (X.quantile(0.75) - X.quantile(0.25)),
            X.quantile(0.75) + 0.6 * (X.quantile(0.75) - X.quantile(0.25)),
        ),
    ],
    ids=["2 %", "5 %", "fences"],
)
def test_channels_clipped_by_all_rows_are_found(limits, step):
    X, y = table(20)
    X = X[["a", "b"]].assign(c=X["a"] * X["b"])
    X = (X / step).round() * step if step else X
    found = said(X.clip(*limits(X), axis=1), y, CLIPPED)
    ((severity, kind, _),) = found
    assert kind == "clipped_before_split"
    # of coarse values limits of training rows would leave as many
    assert severity in ({"leak", "warning"} if step else {"leak"})


@pytest.mark.parametrize("seed", range(3))
def test_channels_at_limits_of_their_own_are_none(seed):
    X, y = table(seed=seed)
    place = X.groupby(level="cycle").cumcount()
    X = X.assign(
        a=X["a"].clip(0.0, 5.3172),
        b=X["b"].clip(-1.5, -0.5),
        share=((X["a"] + X["b"]) * 20).clip(0, 100),
        ambient=X.groupby(level="cycle")["a"].transform("first"),
        ramp=place.clip(10, 60).astype(float),
    )
    assert said(X, y, CLIPPED) == []


@pytest.mark.parametrize("seed", range(3))
def test_channels_clipped_by_training_rows_or_that_are_level_are_none(seed):
    X, y = table(seed=seed)
    X = X.assign(c=X["a"] * X["b"], d=X["a"] ** 2)
    train = X.loc[:"c3", ["a", "b", "c", "d"]]
    cut = X.clip(train.quantile(0.02), train.quantile(0.98), axis=1)
    assert [row for row in said(cut, y, CLIPPED) if row[0] == "leak"] == []
    hour = X.groupby(level="cycle").cumcount() % 24
    coarse = (X[["a", "b"]] * 2).round()
    level = coarse.assign(hour=hour * 1.0, minute=hour * 60.0, mode=X["mode"])
    assert said(level, y, CLIPPED) == []


def test_channels_alike_in_all_cycles_by_their_nature_do_not_know_the_whole_cycle():
    X, y = table()
    weeks = pd.concat(dict.fromkeys(range(5), X.loc["c1"].iloc[:72]), names=["cycle"])
    hour = weeks.groupby(level="cycle").cumcount() % 24
    rng = np.random.default_rng(0)
    load = pd.Series(rng.normal(size=len(weeks)), weeks.index)
    size = weeks.index.get_level_values("cycle").map({0: 3.0, 1: 7.0, 2: 5.0, 3: 11.0, 4: 2.0})
    late = pd.Series(size, weeks.index).groupby(level="cycle").shift(3).fillna(0.0)
    level = load.mask(rng.random(len(load)) < 0.3, 0.1234567)  # gaps held by a median of elsewhere
    table_ = pd.DataFrame({"hour": hour - 11.5, "size": size, "late": late, "level": level})
    y = load + size
    assert said(table_, y, WHOLE) == []
    assert said(table_, y, "inputs scaled on all rows") == []


def test_channels_relative_to_the_last_row_are_found_and_drives_to_a_standstill_are_not():
    X, y = table()
    fine = X[["a", "b"]]
    last = by_cycle(fine, "last")
    for shown in (fine - last, fine / last, (fine / last)[["a"]]):
        (found,) = said(shown, y, WHOLE)
        assert found[:2] == ("leak", "lookahead")
    at_end = X.groupby(level="cycle").cumcount(ascending=False) == 0
    ends = {
        "one that crosses zero": fine.assign(a=fine["a"].mask(at_end, 0.0)),
        "speed and power": fine.abs().mask(at_end, 0.0),
        "at a limit": fine.clip(upper=2.0).assign(a=fine["a"].clip(upper=2.9).mask(at_end, 3.0)),
    }
    for what, shown in ends.items():
        assert said(shown, y, WHOLE) == [], what


def test_a_calendar_is_told_of_as_what_names_cycles():
    X, y = table()
    start = X.groupby(level="cycle").ngroup().map({0: 5, 1: 3, 2: 9, 3: 0, 4: 7, 5: 1})
    time = X.index.get_level_values("time")
    assert said(X.assign(day=start + time / 86400), y, NUMBERED) == [
        ("warning", "identifier", "day")
    ]
    assert said(X.assign(day=start + time / 86400 + 1e-3 * X["a"]), y, NUMBERED) == []
