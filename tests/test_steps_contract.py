"""What every step promises, whatever it computes: isolation, causality, memory, refusals."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import signalprep as sp
from instances import STEPS, first_of_class, parameters
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

RATE = 10.0
LENGTHS = (260, 150, 320)

every_step = pytest.mark.parametrize("instance", parameters(STEPS))
# What the base refuses before a step's own parameters count.
every_class = pytest.mark.parametrize("instance", parameters(first_of_class(STEPS)))


def those(chosen):
    return pytest.mark.parametrize("instance", parameters(filter(chosen, STEPS)))


def noise(rate=RATE):
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(3), LENGTHS)
    return sp.as_log(rng.normal(size=(sum(LENGTHS), 3)), cycle=cycle, rate=rate)


@lru_cache
def spiky_log():
    frame = noise()
    spikes = np.random.default_rng(1).random(frame.shape) < 0.04
    return frame.mask(spikes, 6.0)


@pytest.fixture
def log():
    return spiky_log().copy()


@lru_cache
def fitted(instance):
    """The step fitted on the log, and what it makes of it; neither is to be changed."""
    step = clone(instance.estimator).fit(spiky_log())
    return step, step.transform(spiky_log())


def cycle(frame, name):
    return frame[frame.index.get_level_values("cycle") == name]


def positions(step, frame):
    """Which rows of the frame the rows of the output belong to."""
    return step.kept_rows(frame) if hasattr(step, "kept_rows") else np.arange(len(frame))


def on_array(step):
    """The step with durations in samples of the log, for data without time."""
    step = clone(step)
    if getattr(step, "rate", None) is not None:
        step.set_params(rate=float(str(step.rate).removesuffix("Hz")) / RATE)
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
def test_cycles_together_are_the_cycles_alone(instance, log):
    step, out = fitted(instance)
    alone = [step.transform(cycle(log, name)) for name in sp.cycles(log)]
    pd.testing.assert_frame_equal(out, pd.concat(alone), check_exact=True)


@every_step
def test_a_gap_ends_what_a_filter_remembers(instance, log):
    gapped = with_gap(log)
    step = clone(instance.estimator).fit(gapped)
    bounds = sp.segments(gapped)
    assert len(bounds) == 5
    alone = [step.transform(gapped.iloc[first:last]) for first, last in pairwise(bounds)]
    pd.testing.assert_frame_equal(step.transform(gapped), pd.concat(alone), check_exact=True)


@every_step
def test_the_future_changes_nothing_beyond_lookahead(instance, log):
    step, expected = fitted(instance)
    end = LENGTHS[0] + LENGTHS[1]
    for row in (300, 345, 400):
        changed = log.copy()
        future = np.random.default_rng(row).normal(1.0, 2.0, (end - row - 1, 3))
        changed.iloc[row + 1 : end] = future
        rows = positions(step, log)
        untouched = (rows <= row - step.lookahead_) | (rows >= end)
        found = step.transform(changed)
        pd.testing.assert_frame_equal(
            found[untouched], expected[untouched], check_exact=True, obj=f"until row {row}"
        )
        assert not found.equals(expected)


@every_step
def test_the_past_changes_nothing_beyond_memory(instance, log):
    step, out = fitted(instance)
    begin = LENGTHS[0] + LENGTHS[1]
    for row, size in product((411, 431, 500), (3.0, 3e20)):
        changed = log.copy()
        changed.iloc[begin:row] = np.random.default_rng(row).uniform(-size, size, (row - begin, 3))
        later = positions(step, log) >= row + step.memory_
        expected, found = out[later], step.transform(changed)[later]
        assert len(found) > 0 or step.memory_ == max(LENGTHS) - 1
        name = f"row {row}, size {size}"
        if instance.forgets:
            left = instance.forgets * (log.abs().to_numpy().max() + size)
            np.testing.assert_allclose(found, expected, rtol=0, atol=left, err_msg=name)
        else:
            pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=name)


@every_step
def test_a_prefix_gives_the_prefix(instance, log):
    step, out = fitted(instance)
    whole_cycles = LENGTHS[0] + LENGTHS[1]
    for row in (261, 300, 415) if step.lookahead_ == 0 else (whole_cycles,):
        prefix = log.iloc[:row]
        found = step.transform(prefix)
        assert len(found) == len(positions(step, prefix))
        pd.testing.assert_frame_equal(found, out.iloc[: len(found)], check_exact=True)


@those(lambda instance: instance.keeps_constants)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_stays_that_constant(instance, log, dtype):
    step, _ = fitted(instance)
    for value in (0.1, -1.0 / 3.0, 1.2345678e-7):
        constant = pd.DataFrame(dtype(value), index=log.index, columns=log.columns)
        out = step.transform(constant)
        zeros = [name for name in out if "_std_" in name or name.endswith("_flagged")]
        assert (out[zeros] == 0).all(axis=None)
        assert (out.drop(columns=zeros) == dtype(value)).all(axis=None)


@every_step
def test_float32_is_kept_and_computed_in_float64(instance, log):
    single = log.astype(np.float32)
    out = clone(instance.estimator).fit(single).transform(single)
    assert set(out.dtypes) == {np.dtype(np.float32)}
    wide = single.astype(np.float64)
    expected = clone(instance.estimator).fit(wide).transform(wide)
    np.testing.assert_array_equal(out, expected.astype(np.float32))


@every_step
def test_the_input_is_left_alone(instance, log):
    before = log.copy()
    clone(instance.estimator).fit(log).transform(log)
    pd.testing.assert_frame_equal(log, before, check_exact=True)
    for order in "CF":
        array = np.array(log, order=order)
        out = on_array(instance.estimator).fit(array).transform(array)
        out[...] = 0
        np.testing.assert_array_equal(array, before)


@every_step
def test_read_only_memory_maps(instance, log, tmp_path):
    path = tmp_path / "log.npy"
    np.save(path, log.to_numpy())
    mapped = np.load(path, mmap_mode="r")
    out = on_array(instance.estimator).fit(mapped).transform(mapped)
    expected = on_array(instance.estimator).fit(log.to_numpy()).transform(log.to_numpy())
    np.testing.assert_array_equal(out, expected)


@every_step
def test_threads_change_nothing(instance, log):
    step, out = fitted(instance)
    if "n_jobs" not in step.get_params():
        assert step.memory_ == 0
        return
    for n_jobs in (1, 2):
        found = clone(step).set_params(n_jobs=n_jobs).fit(log).transform(log)
        pd.testing.assert_frame_equal(found, out, check_exact=True)


@every_step
def test_index_and_names(instance, log):
    step, out = fitted(instance)
    rows = log.index[positions(step, log)]
    if getattr(step, "up_", 1) > 1:  # between the rows before these and these
        late = rows.get_level_values("time") - out.index.get_level_values("time")
        assert late.min() == 0.0
        assert late.max() < 1.0 / RATE
        rows = out.index.set_codes(rows.codes[0], level="cycle")
    assert out.index.equals(rows)
    assert list(out.columns) == list(step.get_feature_names_out())
    assert step.n_features_in_ == 3
    assert repr(step).startswith(type(step).__name__)


@every_step
def test_claims_are_whole_numbers(instance):
    step, _ = fitted(instance)
    for claim in (step.lookahead_, step.memory_, step.delay_):
        assert isinstance(claim, int)
        assert claim >= 0
    assert (step.lookahead_ == 0) == instance.causal
    assert hasattr(step, "kept_rows") != instance.keeps_rows


@every_step
def test_an_array_is_one_recording(instance, log):
    array = cycle(log, 2).to_numpy()
    frame = sp.as_log(array, rate=1.0)
    step = on_array(instance.estimator)
    expected = step.fit(frame).transform(frame).to_numpy()
    out = clone(step).fit(array).transform(array)
    assert isinstance(out, np.ndarray)
    np.testing.assert_array_equal(out, expected)


@every_step
def test_set_output_gives_frames(instance, log):
    array = log.to_numpy()
    step = on_array(instance.estimator)
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


@every_class
@pytest.mark.parametrize("disorder", [shuffled, interleaved, backwards, repeated, jittery])
def test_disorder_is_an_error(instance, log, disorder):
    with pytest.raises(InvalidLogError, match=r"contiguous|time must increase|jitter"):
        clone(instance.estimator).fit(disorder(log))
    with pytest.raises(InvalidLogError, match=r"contiguous|time must increase|jitter"):
        fitted(instance)[0].transform(disorder(log))


@every_class
def test_another_rate_is_an_error(instance):
    step, _ = fitted(instance)
    with pytest.raises(InvalidLogError, match=r"sample time must be 0\.1 s"):
        step.transform(noise(RATE / 2))
    with pytest.raises(InvalidLogError, match=r"sample time 0\.1 s"):
        step.transform(noise(RATE * 2))


@every_class
def test_a_lost_index_is_an_error(instance, log):
    step, _ = fitted(instance)
    with pytest.raises(LostIndexError, match=r"\(cycle, time\) index"):
        step.transform(log.to_numpy())
    with pytest.raises(LostIndexError, match=r"\(cycle, time\) index"):
        step.transform(log.reset_index(drop=True))


@those(lambda instance: instance.fills_a_window)
def test_a_window_longer_than_a_cycle_is_an_error(instance, log):
    short = log.iloc[: LENGTHS[0] + 5]
    message = r"must not be longer than a segment.*cycle 1 has a segment of 5 samples.*row 260"
    with pytest.raises(InvalidParameterError, match=message):
        clone(instance.estimator).fit(short)
    with pytest.raises(InvalidParameterError, match=message):
        fitted(instance)[0].transform(short)


@every_step
def test_nan_raises_with_its_place(instance, log):
    log.iloc[LENGTHS[0] + 70, 1] = np.nan
    message = r"NaN: channel 'x1', cycle 1, row 70 of it \(row 330 in all, time 7 s\)"
    with pytest.raises(InvalidLogError, match=message):
        clone(instance.estimator).fit(log)
    with pytest.raises(InvalidLogError, match=message):
        fitted(instance)[0].transform(log)


@every_step
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
def test_nan_spreads_no_further_than_the_window(instance, log, nan_policy):
    step = clone(instance.estimator).set_params(nan_policy=nan_policy).fit(log)
    clean = step.transform(log).isna().to_numpy()
    row = LENGTHS[0] + 70
    log.iloc[row, 1] = np.nan
    found = step.transform(log).isna().to_numpy() & ~clean
    rows = positions(step, log)[found.any(axis=1)]
    reach = (step.lookahead_, step.memory_) if nan_policy == "propagate" else (0, 0)
    assert all(row - reach[0] <= rows)
    assert all(rows <= row + reach[1])


@every_step
def test_infinity_raises(instance, log):
    broken = log.copy()
    broken.iloc[300, 2] = -np.inf
    message = r"infinity: channel 'x2', cycle 1, row 40 of it"
    for nan_policy in ("raise", "propagate", "omit"):
        step = clone(instance.estimator).set_params(nan_policy=nan_policy)
        with pytest.raises(InvalidLogError, match=message):
            step.fit(broken)
        with pytest.raises(InvalidLogError, match=message):
            step.fit(log).transform(broken)


@every_class
def test_unknown_nan_policy(instance, log):
    with pytest.raises(InvalidParameterError, match=r"nan_policy must be one of .* got 'drop'"):
        clone(instance.estimator).set_params(nan_policy="drop").fit(log)


@every_step
def test_counts_are_promoted(instance, log):
    counts = (log * 5000).astype(np.int16)
    out = clone(instance.estimator).fit(counts).transform(counts)
    wide = counts.astype(np.float64)
    assert set(out.dtypes) == {np.dtype(np.float64)}
    expected = clone(instance.estimator).fit(wide).transform(wide)
    pd.testing.assert_frame_equal(out, expected, check_exact=True)


@those(lambda instance: instance.averages)
def test_a_wrapped_angle_is_not_averaged(instance, log):
    turns = np.linspace(0, 60, len(log))
    wrapped = log.assign(x0=np.mod(turns, 2 * np.pi))
    with pytest.raises(InvalidLogError, match=r"'x0' looks like a wrapped angle"):
        clone(instance.estimator).fit(wrapped)
    unwrapped = log.assign(x0=turns)
    clone(instance.estimator).fit(unwrapped).transform(unwrapped)


@every_class
def test_columns_that_cannot_be_told_apart(instance, log):
    step = clone(instance.estimator)
    with pytest.raises(InvalidLogError, match=r"column names must be unique; 'x0' occurs more"):
        step.fit(log.set_axis(["x0", "x1", "x0"], axis=1))
    with pytest.raises(InvalidLogError, match=r"must be strings, .* got 2 at position 0"):
        step.fit(log.set_axis([2, 1, 0], axis=1))


@every_class
def test_swapped_index_levels_are_an_error(instance, log):
    with pytest.raises(InvalidLogError, match=r"levels \['cycle', 'time'\] in this order"):
        clone(instance.estimator).fit(log.swaplevel())


@every_step
def test_nullable_columns(instance, log):
    nullable = log.astype("Float64")
    step = clone(instance.estimator)
    pd.testing.assert_frame_equal(step.fit(nullable).transform(nullable), fitted(instance)[1])
    nullable.iloc[300, 1] = pd.NA
    with pytest.raises(InvalidLogError, match=r"NaN: channel 'x1', cycle 1, row 40 of it"):
        step.fit(nullable)


@every_class
@pytest.mark.parametrize("text", [["1.5"], ["off"]])
def test_text_is_an_error(instance, log, text):
    """Where a step computes with it; tests/preprocessing/test_passed_channels.py has the rest."""
    with pytest.raises(InvalidLogError, match=r"column 'x\d' must hold numbers"):
        clone(instance.estimator).fit(log.assign(**dict.fromkeys(log, text * len(log))))


@every_class
def test_empty_input_is_an_error(instance, log):
    step, _ = fitted(instance)
    with pytest.raises(InvalidLogError, match=r"at least one row; got none, shape \(0, 3\)"):
        step.transform(log.iloc[:0])
    with pytest.raises(ValueError, match=r"x2"):
        step.transform(log.drop(columns="x2"))
    with pytest.raises(InvalidLogError, match="at least one row; got none"):
        clone(step).fit(log.iloc[:0])
    with pytest.raises(ValueError, match=r"0 feature"):
        clone(step).fit(log[[]])
