"""What every step promises, whatever it computes: isolation, causality, memory, refusals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

RATE = 10.0
LENGTHS = (260, 150, 320)

# Channels by position, so that the same step runs on frames and arrays.
FILTERS = {
    "limits, hold": sp.PhysicalLimits({0: (-2, 2), 1: (None, 1.5)}),
    "limits, nan": sp.PhysicalLimits({0: (-2, 2)}, action="nan"),
    "limits, clip": sp.PhysicalLimits({0: (-2, 2)}, action="clip", add_indicator=True),
    "limits, keep": sp.PhysicalLimits({0: (-2, 2)}, action="keep"),
    "limits, interpolate": sp.PhysicalLimits({0: (-2, 2)}, action="interpolate"),
    # A scale so fine that any number is a whole code, and spikes that are not available.
    "codes, hold": sp.SignedCodes(not_available={1: 6 * 2**80}, lsb={1: 2.0**-80}),
    "codes, nan": sp.SignedCodes(
        not_available={0: [6 * 2**80, 0], 2: 6 * 2**80},
        lsb={0: 2.0**-80, 2: 2.0**-80},
        action="nan",
        add_indicator=True,
    ),
    "codes, interpolate": sp.SignedCodes(
        not_available={2: 6 * 2**80}, lsb={2: 2.0**-80}, action="interpolate"
    ),
    "hampel": sp.HampelFilter(7, 2.0),
    "hampel, even window": sp.HampelFilter(8, 2.0, columns=[1]),
    "hampel, hold": sp.HampelFilter(7, 2.0, action="hold", add_indicator=True),
    "hampel, nan": sp.HampelFilter(7, 2.0, action="nan"),
    "hampel, clip": sp.HampelFilter("0.7s", 2.0, action="clip", min_scale={0: 0.1}),
    "hampel, keep": sp.HampelFilter(7, 2.0, action="keep"),
    "hampel, interpolate": sp.HampelFilter(7, 2.0, action="interpolate"),
    "hampel, by regime": sp.HampelFilter(
        7, 2.0, by=sp.RegimeBinner(), columns=[0, 2], min_rows=12, causal=False, add_indicator=True
    ),
    "hampel, symmetric": sp.HampelFilter(7, 2.0, causal=False),
    "hampel, symmetric, hold": sp.HampelFilter(7, 2.0, causal=False, action="hold"),
    "hampel, symmetric, interpolate": sp.HampelFilter(7, 2.0, causal=False, action="interpolate"),
    "z-score": sp.ZScoreFilter(2.0),
    "z-score, nan": sp.ZScoreFilter(2.0, action="nan", columns=[1]),
    "z-score, clip": sp.ZScoreFilter(2.0, action="clip", add_indicator=True),
    "z-score, interpolate": sp.ZScoreFilter(2.0, action="interpolate", columns=[2, 0]),
    "iqr": sp.IQRFilter(by=sp.RegimeBinner(), columns=[0, 2], min_rows=12),
    "iqr, keep": sp.IQRFilter(action="keep", add_indicator=True),
    "forest": sp.IsolationForestFilter(n_estimators=10, random_state=0),
    "forest, interpolate": sp.IsolationForestFilter(
        0.05, n_estimators=10, random_state=0, action="interpolate", columns=[0, 2]
    ),
    "local": sp.LocalOutlierFactorFilter(action="nan", add_indicator=True),
    "local, hold": sp.LocalOutlierFactorFilter(by=sp.RegimeBinner(), columns=[0, 1], min_rows=12),
    # A tree: its predictions do not round by the number of rows.
    "residual": sp.ResidualFilter(DecisionTreeRegressor(max_depth=2, random_state=0)),
    "residual, clip": sp.ResidualFilter(
        DecisionTreeRegressor(max_depth=2, random_state=0),
        action="clip",
        by=sp.RegimeBinner(),
        min_rows=12,
        columns=[0],
    ),
    "residual, hampel": sp.ResidualFilter(
        DecisionTreeRegressor(max_depth=2, random_state=0),
        detector="hampel",
        window_length="0.7s",
        causal=False,
        add_indicator=True,
    ),
    "savgol": sp.SavitzkyGolayFilter(9, 2),
    "savgol, columns": sp.SavitzkyGolayFilter("0.9s", 2, columns=[2, 0]),
    "savgol, polynomial": sp.SavitzkyGolayFilter(9, 2, causal=False),
    "savgol, nearest": sp.SavitzkyGolayFilter(9, 2, causal=False, edge="nearest"),
    "savgol, mirror": sp.SavitzkyGolayFilter(9, 2, causal=False, edge="mirror"),
    "kalman": sp.KalmanFilter(process_variance=0.3, measurement_variance=1.0),
    "kalman, lag": sp.KalmanFilter(
        process_variance=0.3, measurement_variance={0: 1.0}, lag=4, columns=[0]
    ),
    "kalman, trend": sp.KalmanFilter(
        "trend", process_variance=(0.1, 0.02), measurement_variance=1.0
    ),
    "kalman, trend, lag": sp.KalmanFilter(
        "trend", process_variance=(0.1, 0.02), measurement_variance=1.0, lag=7, columns=[2, 0]
    ),
    "exponential": sp.ExponentialFeatures([5, "3s"]),
    "exponential, mean": sp.ExponentialFeatures([5], statistics=["mean"], keep_inputs=False),
    "decimator": sp.Decimator(3),
    "decimator, zero-phase": sp.Decimator(2, causal=False),
}
OTHERS = {
    "kalman, slope": sp.KalmanFilter(
        "trend", process_variance=(0.1, 0.02), measurement_variance=1.0, add_slope=True
    ),
    "kalman, slope, lag": sp.KalmanFilter(
        "trend",
        process_variance=(0.1, 0.02),
        measurement_variance=1.0,
        lag=4,
        add_slope=True,
        columns=[2, 0],
    ),
    "savgol, derivative": sp.SavitzkyGolayFilter(9, 2, deriv=1),
    "savgol, constant": sp.SavitzkyGolayFilter(9, 2, causal=False, edge="constant"),
    "savgol, nan": sp.SavitzkyGolayFilter(9, 2, causal=False, edge="nan"),
    "detrend": sp.Detrender(),
    "detrend, linear": sp.Detrender("linear", columns=[2, 0]),
    "detrend, highpass": sp.Detrender("highpass", cutoff=0.3),
    "detrend, highpass, order 3": sp.Detrender("highpass", cutoff=0.4, order=3, columns=[0]),
    "detrend, savgol": sp.Detrender("baseline", window_length="3.1s", columns=[0, 1]),
    "detrend, lowess": sp.Detrender("baseline", baseline="lowess", frac=0.5),
    "zscore": sp.Scaler(),
    "minmax": sp.Scaler("minmax", columns=[0, 2]),
    "robust": sp.Scaler("robust"),
    "robust, zero kept": sp.Scaler("robust", with_mean=False),
    "unit": sp.Scaler("unit"),
    "clarke": sp.ClarkeTransformer(columns=(0, 1, 2)),
    "park": sp.ParkTransformer(columns=(0, 1), angle=2, pole_pairs=3, offset=0.5),
}
STEPS = FILTERS | OTHERS
AVERAGING = ("savgol", "kalman", "exponential", "decimator", "detrend")

every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())


def named(prefix, steps=STEPS):
    chosen = {name: step for name, step in steps.items() if name.startswith(prefix)}
    return pytest.mark.parametrize("step", chosen.values(), ids=chosen.keys())


@pytest.fixture
def log(make_log):
    frame = make_log(lengths=LENGTHS, n_channels=3, rate=RATE)
    spikes = np.random.default_rng(1).random(frame.shape) < 0.04
    return frame.mask(spikes, 6.0)


def cycle(frame, name):
    return frame[frame.index.get_level_values("cycle") == name]


def positions(step, frame):
    """Which rows of the frame the rows of the output belong to."""
    return step.kept_rows(frame) if hasattr(step, "kept_rows") else np.arange(len(frame))


def on_array(step):
    """The step with durations in samples of the log, for data without time."""
    step = clone(step)
    for name in ("window_length", "spans"):
        value = getattr(step, name, None)
        if isinstance(value, str):
            step.set_params(**{name: samples(value)})
        elif isinstance(value, list):
            step.set_params(**{name: [samples(length) for length in value]})
    return step


def samples(length):
    return round(pd.Timedelta(length).total_seconds() * RATE) if isinstance(length, str) else length


def with_gap(frame):
    """A pause of 50 s in the last cycle, 150 rows in."""
    cycles = frame.index.get_level_values("cycle").to_numpy()
    time = frame.index.get_level_values("time").to_numpy().copy()
    time[(cycles == 2) & (time >= 15.0)] += 50.0
    index = pd.MultiIndex.from_arrays([cycles, time], names=["cycle", "time"])
    return frame.set_axis(index, axis=0)


@every_step
def test_cycles_together_are_the_cycles_alone(step, log):
    step = clone(step).fit(log)
    alone = [step.transform(cycle(log, name)) for name in sp.cycles(log)]
    pd.testing.assert_frame_equal(step.transform(log), pd.concat(alone), check_exact=True)


@every_step
def test_a_gap_ends_what_a_filter_remembers(step, log):
    gapped = with_gap(log)
    step = clone(step).fit(gapped)
    bounds = sp.segments(gapped)
    assert len(bounds) == 5
    alone = [step.transform(gapped.iloc[first:last]) for first, last in pairwise(bounds)]
    pd.testing.assert_frame_equal(step.transform(gapped), pd.concat(alone), check_exact=True)


@every_step
@pytest.mark.parametrize("row", [300, 345, 400])
def test_the_future_changes_nothing_beyond_lookahead(step, log, row):
    step = clone(step).fit(log)
    changed = log.copy()
    end = LENGTHS[0] + LENGTHS[1]
    changed.iloc[row + 1 : end] = np.random.default_rng(row).normal(1.0, 2.0, (end - row - 1, 3))
    before = positions(step, log) <= row - step.lookahead_
    later_cycle = positions(step, log) >= end
    untouched = before | later_cycle
    expected, found = step.transform(log), step.transform(changed)
    pd.testing.assert_frame_equal(found[untouched], expected[untouched], check_exact=True)
    assert not found.equals(expected)


@every_step
@pytest.mark.parametrize("size", [3.0, 3e20])
@pytest.mark.parametrize("row", [411, 431, 500])
def test_the_past_changes_nothing_beyond_memory(step, log, row, size):
    step = clone(step).fit(log)
    changed = log.copy()
    begin = LENGTHS[0] + LENGTHS[1]
    changed.iloc[begin:row] = np.random.default_rng(row).uniform(-size, size, (row - begin, 3))
    later = positions(step, log) >= row + step.memory_
    expected, found = step.transform(log)[later], step.transform(changed)[later]
    assert len(found) > 0 or step.memory_ == max(LENGTHS) - 1
    if isinstance(step, sp.ExponentialFeatures):
        forgotten = 2 * np.sqrt(1e-3) * (log.abs().to_numpy().max() + size)  # std: a root
        np.testing.assert_allclose(found, expected, rtol=0, atol=forgotten)
    elif isinstance(step, sp.KalmanFilter) or hasattr(step, "sections_"):  # recursive, too
        forgotten = 1e-3 * (log.abs().to_numpy().max() + size)
        forgotten *= RATE if getattr(step, "add_slope", False) else 1.0  # slopes are per second
        np.testing.assert_allclose(found, expected, rtol=0, atol=forgotten)
    else:
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


@every_step
@pytest.mark.parametrize("row", [261, 300, 415])
def test_a_prefix_gives_the_prefix(step, log, row):
    step = clone(step).fit(log)
    whole_cycles = LENGTHS[0] + LENGTHS[1]
    prefix = log.iloc[: whole_cycles if step.lookahead_ > 0 else row]
    found = step.transform(prefix)
    expected = step.transform(log).iloc[: len(found)]
    assert len(found) == len(positions(step, prefix))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("step", FILTERS.values(), ids=FILTERS.keys())
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("value", [0.1, -1.0 / 3.0, 1.2345678e-7])
def test_a_constant_stays_that_constant(step, log, value, dtype):
    constant = pd.DataFrame(dtype(value), index=log.index, columns=log.columns)
    out = clone(step).fit(log).transform(constant)
    zeros = [name for name in out if "_std_" in name or name.endswith("_flagged")]
    assert (out[zeros] == 0).all(axis=None)
    assert (out.drop(columns=zeros) == dtype(value)).all(axis=None)


@every_step
def test_float32_is_kept_and_computed_in_float64(step, log):
    single = log.astype(np.float32)
    fitted = clone(step).fit(single)
    out = fitted.transform(single)
    assert set(out.dtypes) == {np.dtype(np.float32)}
    wide = clone(step).fit(single.astype(np.float64)).transform(single.astype(np.float64))
    np.testing.assert_array_equal(out, wide.astype(np.float32))


@every_step
def test_the_input_is_left_alone(step, log):
    before = log.copy()
    clone(step).fit(log).transform(log)
    pd.testing.assert_frame_equal(log, before, check_exact=True)
    for order in "CF":
        array = np.array(log, order=order)
        out = on_array(step).fit(array).transform(array)
        out[...] = 0
        np.testing.assert_array_equal(array, before)


@every_step
def test_read_only_memory_maps(step, log, tmp_path):
    path = tmp_path / "log.npy"
    np.save(path, log.to_numpy())
    mapped = np.load(path, mmap_mode="r")
    out = on_array(step).fit(mapped).transform(mapped)
    expected = on_array(step).fit(log.to_numpy()).transform(log.to_numpy())
    np.testing.assert_array_equal(out, expected)


@every_step
def test_threads_change_nothing(step, log):
    if "n_jobs" not in step.get_params():
        assert step.fit(log).memory_ == 0
        return
    one = clone(step).set_params(n_jobs=1).fit(log).transform(log)
    two = clone(step).set_params(n_jobs=2).fit(log).transform(log)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@every_step
def test_index_and_names(step, log):
    step = clone(step).fit(log)
    out = step.transform(log)
    assert out.index.equals(log.index[positions(step, log)])
    assert list(out.columns) == list(step.get_feature_names_out())
    assert step.n_features_in_ == 3
    assert repr(step).startswith(type(step).__name__)


@every_step
def test_claims_are_whole_numbers(step, log):
    step = clone(step).fit(log)
    for claim in (step.lookahead_, step.memory_, step.delay_):
        assert isinstance(claim, int)
        assert claim >= 0
    looks_ahead = (
        not getattr(step, "causal", True)
        or getattr(step, "action", None) == "interpolate"
        or getattr(step, "lag", 0) > 0
        or (isinstance(step, sp.Detrender) and step.method != "highpass")
    )
    assert looks_ahead == (step.lookahead_ > 0)


@every_step
def test_an_array_is_one_recording(step, log):
    one = cycle(log, 2)
    array = one.to_numpy()
    frame = sp.as_log(array, rate=1.0)
    step = on_array(step)
    expected = step.fit(frame).transform(frame).to_numpy()
    out = clone(step).fit(array).transform(array)
    assert isinstance(out, np.ndarray)
    np.testing.assert_array_equal(out, expected)


@every_step
def test_set_output_gives_frames(step, log):
    array = log.to_numpy()
    step = on_array(step)
    expected = step.fit(array).transform(array)
    out = clone(step).set_output(transform="pandas").fit(array).transform(array)
    assert list(out.columns) == list(step.get_feature_names_out())
    np.testing.assert_array_equal(out, expected)


def shuffled(frame):
    return frame.sample(frac=1.0, random_state=0)


def interleaved(frame):
    return frame.sort_index(level="time", sort_remaining=False)


def backwards(frame):
    return frame.iloc[::-1]


def repeated(frame):
    return frame.iloc[np.sort(np.append(np.arange(len(frame)), 20))]


def jittery(frame):
    time = frame.index.get_level_values("time").to_numpy()
    time = time + 0.04 / RATE * np.sin(np.arange(len(time)))
    index = [frame.index.get_level_values("cycle"), time]
    return frame.set_axis(pd.MultiIndex.from_arrays(index, names=["cycle", "time"]), axis=0)


@every_step
@pytest.mark.parametrize("disorder", [shuffled, interleaved, backwards, repeated, jittery])
def test_disorder_is_an_error(step, log, disorder):
    with pytest.raises(InvalidLogError, match=r"contiguous|time must increase|jitter"):
        clone(step).fit(disorder(log))
    with pytest.raises(InvalidLogError, match=r"contiguous|time must increase|jitter"):
        clone(step).fit(log).transform(disorder(log))


@every_step
def test_another_rate_is_an_error(step, log, make_log):
    step = clone(step).fit(log)
    slow = make_log(lengths=LENGTHS, n_channels=3, rate=RATE / 2)
    fast = make_log(lengths=LENGTHS, n_channels=3, rate=RATE * 2)
    with pytest.raises(InvalidLogError, match=r"sample time must be 0\.1 s"):
        step.transform(slow)
    with pytest.raises(InvalidLogError, match=r"sample time 0\.1 s"):
        step.transform(fast)


@every_step
def test_a_lost_index_is_an_error(step, log):
    step = clone(step).fit(log)
    with pytest.raises(LostIndexError, match=r"\(cycle, time\) index"):
        step.transform(log.to_numpy())
    with pytest.raises(LostIndexError, match=r"\(cycle, time\) index"):
        step.transform(log.reset_index(drop=True))


LOOK_BOTH_WAYS = {
    name: step
    for name, step in STEPS.items()
    if name.startswith(("savgol", "decimator")) and not step.causal
}


@pytest.mark.parametrize("step", LOOK_BOTH_WAYS.values(), ids=LOOK_BOTH_WAYS.keys())
def test_a_window_longer_than_a_cycle_is_an_error(step, log, make_log):
    short = make_log(lengths=(260, 5), n_channels=3, rate=RATE)
    message = r"must not be longer than a segment.*cycle 1 has a segment of 5 samples.*row 260"
    with pytest.raises(InvalidParameterError, match=message):
        clone(step).fit(short)
    with pytest.raises(InvalidParameterError, match=message):
        clone(step).fit(log).transform(short)


@every_step
def test_nan_raises_with_its_place(step, log):
    holed = log.copy()
    holed.iloc[LENGTHS[0] + 70, 1] = np.nan
    message = r"NaN: channel 'c1', cycle 1, row 70 of it \(row 330 in all, time 7 s\)"
    with pytest.raises(InvalidLogError, match=message):
        clone(step).fit(holed)
    with pytest.raises(InvalidLogError, match=message):
        clone(step).fit(log).transform(holed)


@every_step
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
def test_nan_spreads_no_further_than_the_window(step, log, nan_policy):
    row = LENGTHS[0] + 70
    holed = log.copy()
    holed.iloc[row, 1] = np.nan
    step = clone(step).set_params(nan_policy=nan_policy).fit(log)
    clean = step.transform(log).isna().to_numpy()
    found = step.transform(holed).isna().to_numpy() & ~clean
    rows = positions(step, log)[found.any(axis=1)]
    reach = (step.lookahead_, step.memory_) if nan_policy == "propagate" else (0, 0)
    assert all(row - reach[0] <= rows)
    assert all(rows <= row + reach[1])


@every_step
@pytest.mark.parametrize("nan_policy", ["raise", "propagate", "omit"])
def test_infinity_raises(step, log, nan_policy):
    step = clone(step).set_params(nan_policy=nan_policy)
    broken = log.copy()
    broken.iloc[300, 2] = -np.inf
    message = r"infinity: channel 'c2', cycle 1, row 40 of it"
    with pytest.raises(InvalidLogError, match=message):
        step.fit(broken)
    with pytest.raises(InvalidLogError, match=message):
        step.fit(log).transform(broken)


@every_step
def test_unknown_nan_policy(step, log):
    with pytest.raises(InvalidParameterError, match=r"nan_policy must be one of .* got 'drop'"):
        clone(step).set_params(nan_policy="drop").fit(log)


@every_step
def test_counts_are_promoted(step, log):
    counts = (log * 5000).astype(np.int16)
    out = clone(step).fit(counts).transform(counts)
    wide = clone(step).fit(counts.astype(np.float64)).transform(counts.astype(np.float64))
    assert set(out.dtypes) == {np.dtype(np.float64)}
    pd.testing.assert_frame_equal(out, wide, check_exact=True)


@named(AVERAGING)
def test_a_wrapped_angle_is_not_averaged(step, log):
    wrapped = log.copy()
    turns = np.linspace(0, 60, len(log))
    wrapped["c0"] = np.mod(turns, 2 * np.pi)
    with pytest.raises(InvalidLogError, match=r"'c0' looks like a wrapped angle"):
        clone(step).fit(wrapped)
    unwrapped = wrapped.assign(c0=turns)
    clone(step).fit(unwrapped).transform(unwrapped)


@every_step
def test_columns_that_cannot_be_told_apart(step, log):
    with pytest.raises(InvalidLogError, match=r"column names must be unique; 'c0' occurs more"):
        clone(step).fit(log.set_axis(["c0", "c1", "c0"], axis=1))
    with pytest.raises(InvalidLogError, match=r"must be strings, .* got 2 at position 0"):
        clone(step).fit(log.set_axis([2, 1, 0], axis=1))


@every_step
def test_swapped_index_levels_are_an_error(step, log):
    with pytest.raises(InvalidLogError, match=r"levels \['cycle', 'time'\] in this order"):
        clone(step).fit(log.swaplevel())


@every_step
def test_nullable_columns(step, log):
    nullable = log.astype("Float64")
    pd.testing.assert_frame_equal(
        clone(step).fit(nullable).transform(nullable), clone(step).fit(log).transform(log)
    )
    nullable.iloc[300, 1] = pd.NA
    with pytest.raises(InvalidLogError, match=r"NaN: channel 'c1', cycle 1, row 40 of it"):
        clone(step).fit(nullable)


@every_step
@pytest.mark.parametrize("text", [["1.5"], ["off"]])
def test_text_is_an_error(step, log, text):
    with pytest.raises(InvalidLogError, match=r"column 'c1' must hold numbers"):
        clone(step).fit(log.assign(c1=text * len(log)))


@every_step
def test_empty_input_is_an_error(step, log):
    step = clone(step).fit(log)
    with pytest.raises(ValueError, match=r"row|sample"):
        step.transform(log.iloc[:0])
    with pytest.raises(ValueError, match=r"c2"):
        step.transform(log.drop(columns="c2"))
    with pytest.raises(ValueError, match=r"row|sample"):
        clone(step).fit(log.iloc[:0])
    with pytest.raises(ValueError, match=r"0 feature"):
        clone(step).fit(log[[]])
