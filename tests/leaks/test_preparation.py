"""audit(raw=, prepare=): preparation is tried as steps are, and what is causal passes."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from leaks.small_drive import by_cycle, holed_drive, small_drive

PREPARATION = "preparation of raw"
SPEED = small_drive()[0].columns.get_loc("speed")


def interpolated(raw):
    return raw.groupby(level="cycle", sort=False).transform(
        lambda values: values.interpolate(limit_direction="both")
    )


def filled_from_the_next(raw):
    by_trip = raw.groupby(level="cycle", sort=False).bfill()
    return by_trip.groupby(level="cycle", sort=False).ffill()


def spikes_drawn_over(raw):
    """Takes out what jumps, and draws a line to the next good value."""

    def one(part):
        jump = (part - part.shift(1)).abs() > 200.0
        return part.mask(jump).interpolate().ffill().fillna(0.0)

    return by_cycle(raw, one)


def share_done(raw):
    place = raw.groupby(level="cycle").cumcount()
    length = raw["speed"].groupby(level="cycle").transform("size")
    return raw.assign(done=place / length)


def seconds_to_go(raw):
    time = raw.index.get_level_values("time").to_series(index=raw.index)
    return raw.assign(left=time.groupby(level="cycle").transform("max") - time)


def largest_of_the_trip(raw):
    return raw.assign(most=raw["speed"].groupby(level="cycle").transform("max"))


def last_of_the_trip(raw):
    return raw.assign(last=raw["coolant"].groupby(level="cycle").transform("last"))


def ranked_in_the_trip(raw):
    return raw.assign(rank=raw["torque"].groupby(level="cycle").rank(pct=True))


def rolling_over_trips(raw):
    return raw.assign(mean=raw["torque"].rolling(20, min_periods=1).mean())


def smoothed_over_trips(raw):
    return raw.ewm(span=20).mean()


def summed_over_trips(raw):
    return raw.assign(energy=(raw["torque"] * raw["speed"]).cumsum())


def centred(raw):
    return raw - raw.mean()


def resampled_between(raw):
    """Every third second, means of three around it."""
    smooth = raw.groupby(level="cycle", group_keys=False).apply(
        lambda part: part.rolling(3, center=True, min_periods=1).mean()
    )
    return smooth[raw.groupby(level="cycle").cumcount().to_numpy() % 3 == 0]


def target_of_the_trip(raw, y):
    return raw.assign(mean=y.groupby(level="cycle").transform("mean"))


def target_by_speed(raw, y):
    levels = (raw["speed"] // 50.0).rename("level")
    return raw.assign(usual=y.groupby(levels).transform("mean").to_numpy())


def target_before(raw, y):
    before = y.groupby(level="cycle").shift(3).groupby(level="cycle").bfill()
    return raw.assign(before=before + np.sin(raw["torque"]))


def rotor_in_raw(raw):
    return raw.drop(columns="rotor").assign(hot=(raw["rotor"] - raw["coolant"]) ** 2)


LEAKS = [
    (holed_drive, interpolated, "lookahead"),
    (holed_drive, filled_from_the_next, "lookahead"),
    (holed_drive, spikes_drawn_over, "lookahead"),
    (None, spikes_drawn_over, "lookahead"),
    (None, share_done, "lookahead"),
    (None, seconds_to_go, "lookahead"),
    (None, largest_of_the_trip, "lookahead"),
    (None, last_of_the_trip, "lookahead"),
    (None, ranked_in_the_trip, "lookahead"),
    (None, resampled_between, "lookahead"),
    (None, rolling_over_trips, "bleeding"),
    (None, smoothed_over_trips, "bleeding"),
    (None, summed_over_trips, "bleeding"),
    (None, centred, "test_statistics"),
    (None, target_of_the_trip, "target_in_inputs"),
    (None, target_before, "target_in_inputs"),
    (None, target_by_speed, "test_statistics"),
]


def prepared(raw, prepare, target=True):
    """An audit of what the preparation gives, by this check alone."""
    X, y = small_drive()
    raw = X if raw is None else raw
    found = prepare(raw, y) if prepare.__code__.co_argcount == 2 else prepare(raw)
    target = y.reindex(found.index)
    return sp.audit(Ridge(), found, target, cv=4, raw=raw, prepare=prepare, checks=[PREPARATION])


@pytest.mark.parametrize(("raw", "prepare", "kind"), LEAKS)
def test_preparation_that_sees_what_it_must_not_is_found(raw, prepare, kind):
    found = prepared(None if raw is None else raw(), prepare).findings
    assert found[["severity", "kind", "step"]].to_numpy().tolist() == [
        ["leak", kind, f"prepare > {prepare.__name__}"]
    ]


def test_the_target_in_raw_is_altered_as_the_target_is():
    X, y = small_drive()
    found = prepared(X.assign(rotor=y), rotor_in_raw).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["leak", "target_in_inputs"]]
    assert "'hot'" in found["what"][0]


def held(raw):
    return raw.groupby(level="cycle").ffill().fillna(0.0)


def averaged(raw):
    return by_cycle(raw, lambda part: part.ewm(span=10).mean()).fillna(0.0)


def summed(raw):
    return raw.join(raw[["torque"]].groupby(level="cycle").cumsum().add_suffix(" so far"))


def differences(raw):
    return raw.groupby(level="cycle").diff().fillna(0.0)


def every_fifth(raw):
    means = raw.groupby(level="cycle", group_keys=False).apply(lambda part: part.rolling(5).mean())
    return means[raw.groupby(level="cycle").cumcount().to_numpy() % 5 == 4].fillna(0.0)


def without_short_trips(raw):
    long = raw["speed"].groupby(level="cycle").transform("size") > 95
    return raw[long]


def without_first_rows(raw):
    return raw[raw.groupby(level="cycle").cumcount().to_numpy() >= 10]


def scaled_by_a_data_sheet(raw):
    return raw / pd.Series({"speed": 100.0, "torque": 250.0, "current": 80.0, "coolant": 60.0})


@pytest.mark.parametrize("raw", [None, holed_drive], ids=["whole", "holed"])
@pytest.mark.parametrize(
    "prepare",
    [
        held,
        averaged,
        summed,
        differences,
        every_fifth,
        without_short_trips,
        without_first_rows,
        scaled_by_a_data_sheet,
    ],
)
def test_preparation_that_sees_the_past_of_its_cycle_alone_is_clean(raw, prepare):
    def filled(given):
        return prepare(given).fillna(0.0)

    filled.__name__ = prepare.__name__
    found = prepared(None if raw is None else raw(), filled)
    assert found.ok
    assert len(found.findings) == 0, repr(found)
