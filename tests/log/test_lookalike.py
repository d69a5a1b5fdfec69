"""What looks like a log and is none is told from one, and is not filtered across its cycles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, SignalprepError
from signalprep.log import refuse_lookalike, why_no_log


def make_log() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(40, 2))
    rows = pd.DataFrame(values, columns=["a", "b"])
    return sp.as_log(rows, cycle=np.repeat([1, 2, 3, 4], 10), rate=2.0)


class Foreign:
    """A frame of another library, which turns into an array when numpy asks."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.shape = frame.shape

    def __dataframe__(self) -> None:
        """Frames of all libraries have it."""

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return self.frame.to_numpy()


STEPS = (
    *(
        sp.HampelFilter(5),
        sp.Scaler(),
        sp.SavitzkyGolayFilter(5),
        sp.PhysicalLimits({"a": (-9, 9)}),
    ),
    *(sp.AtRate(Ridge(), 2), sp.PerRegime(Ridge(), {"a": 2}), sp.FitOnInliers(Ridge())),
    sp.ConformalBands(Ridge()),
)
Foreign.__module__ = "polars.dataframe.frame"
LOOKALIKES = {
    "swapped": (lambda log: log.swaplevel(), r"X\.swaplevel\(\) puts them in order"),
    "swapped and renamed": (
        lambda log: log.swaplevel().rename_axis(["Time", "CYCLE"]),
        r"X\.swaplevel\(\)\.rename_axis\(\['cycle', 'time'\]\)",
    ),
    "renamed": (
        lambda log: log.rename_axis(["Cycle", "time"]),
        r"\['Cycle', 'time'\]: X\.rename_axis\(\['cycle', 'time'\]\)",
    ),
    "without names": (lambda log: log.rename_axis([None, None]), r"\[None, None\]: X\.rename_axis"),
    "a level more": (
        lambda log: log.assign(z=1).set_index("z", append=True),
        r"X\.droplevel\(\['z'\]\)",
    ),
    "a level more, out of order": (
        lambda log: log.assign(z=1).set_index("z", append=True).reorder_levels([1, 2, 0]),
        r"X\.droplevel\(\['z'\]\)\.swaplevel\(\)",
    ),
    "no time": (lambda log: log.droplevel("time"), r"as_log\(X, cycle='cycle', time=\.\.\.\)"),
    "as columns": (lambda log: log.reset_index(), r"as_log\(X, cycle='cycle', time='time'\)"),
    "ids as a column": (
        lambda log: log.reset_index("cycle").reset_index(drop=True),
        r"cycle among the columns: as_log\(X, cycle='cycle', time=\.\.\.\)",
    ),
    "foreign": (
        lambda log: Foreign(log.reset_index()),
        r"got a Foreign of polars: as_log\(X, cycle=\.\.\., time=\.\.\.\) makes it one",
    ),
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_what_is_wrong_and_what_mends_it_is_said(name: str) -> None:
    log = make_log()
    change, words = LOOKALIKES[name]
    for step in STEPS:
        with pytest.raises(InvalidLogError, match=words):
            step.fit(change(log), log["a"].to_numpy())
    with pytest.raises(InvalidLogError, match=words):
        sp.validate(Ridge(), change(log), log["a"])
    with pytest.raises(SignalprepError, match=words.replace("X", "data")):
        sp.check_log(change(log))


@pytest.mark.parametrize(
    "name",
    ["swapped", "swapped and renamed", "renamed", "a level more", "a level more, out of order"],
)
def test_what_is_said_mends_it(name: str) -> None:
    log = make_log()
    other = LOOKALIKES[name][0](log)
    call = why_no_log(other).split(": ")[1].rsplit(") ", 1)[0] + ")"
    assert eval(call, {"X": other}).index.equals(log.index)


@pytest.mark.parametrize("name", ["swapped", "renamed"])
def test_as_log_says_so_too(name: str) -> None:
    change, words = LOOKALIKES[name]
    with pytest.raises(InvalidLogError, match=words.replace("X", "frame")):
        sp.as_log(change(make_log()))


def test_one_recording_is_none() -> None:
    log = make_log()
    for one in (
        log,
        log.to_numpy(),
        log.to_numpy().tolist(),
        log.reset_index(drop=True),
        log.droplevel("cycle"),
        log["a"],
    ):
        refuse_lookalike(one)


@pytest.mark.parametrize(
    "step",
    [sp.HampelFilter("2s"), sp.ExponentialFeatures(["2s"]), sp.AtRate(Ridge(), rate="1Hz")],
)
def test_a_duration_without_an_index_tells_where_it_may_be_lost(step) -> None:
    log = make_log()
    with pytest.raises(ValueError, match=r"lost the .* index: signalprep\.make_pipeline keeps it"):
        step.fit(log.to_numpy(), log["a"].to_numpy())


def test_regimes_of_an_array_tell_where_its_names_may_be_lost() -> None:
    with pytest.raises(ValueError, match=r"must name columns of X .* signalprep\.make_pipeline"):
        sp.RegimeBinner({"a": 2}).fit(make_log().to_numpy())
