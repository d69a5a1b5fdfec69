import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import naive
import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

ACTIONS = ["keep", "nan", "hold", "median", "clip"]


def random_walk(rng, n):
    x = rng.normal(size=n).cumsum() * 0.1
    x[rng.random(n) < 0.1] += rng.choice([-5.0, 5.0])
    return x


def quantised(rng, n):
    return np.round(random_walk(rng, n) * 4) / 4


def with_nan(rng, n):
    x = quantised(rng, n)
    x[rng.random(n) < 0.1] = np.nan
    return x


@pytest.fixture(params=[random_walk, quantised, with_nan])
def log(request, make_log):
    rng = np.random.default_rng(7)
    log = make_log(lengths=(40, 1, 3, 75), n_channels=2)
    for channel in log:
        log[channel] = request.param(rng, len(log))
    return log


@pytest.mark.parametrize("window", [3, 7, 11, 31])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
@pytest.mark.parametrize("action", ACTIONS)
def test_equals_its_slow_twin_bit_by_bit(log, window, causal, nan_policy, action):
    step = sp.HampelFilter(
        window,
        2.5,
        causal=causal,
        min_scale={"c1": 0.05},
        action=action,
        nan_policy=nan_policy,
        add_indicator=True,
    )
    out, mask = step.fit_transform(log), step.flag(log)
    for channel, min_scale in (("c0", 0.0), ("c1", 0.05)):
        for cycle, rows in log[channel].groupby("cycle", sort=False):
            expected, flags = naive.hampel(
                rows, window, causal, 2.5, min_scale, action, nan_policy == "omit"
            )
            np.testing.assert_array_equal(out.loc[[cycle], channel], expected)
            np.testing.assert_array_equal(mask.loc[[cycle], channel], flags.astype(bool))
            np.testing.assert_array_equal(out.loc[[cycle], f"{channel}_flagged"], flags)


def test_even_causal_windows_equal_the_slow_twin(log):
    out = sp.HampelFilter(8, 2.0, min_scale=0.0, nan_policy="omit").fit_transform(log)
    for cycle, rows in log["c0"].groupby("cycle", sort=False):
        expected, _ = naive.hampel(rows, 8, True, 2.0, omit=True)
        np.testing.assert_array_equal(out.loc[[cycle], "c0"], expected)


@pytest.mark.parametrize("causal", [True, False])
def test_interpolates_between_good_neighbours(log, causal):
    step = sp.HampelFilter(
        7, 2.5, causal=causal, min_scale=0.0, action="interpolate", nan_policy="omit"
    )
    out = step.fit_transform(log)
    for cycle, rows in log["c0"].groupby("cycle", sort=False):
        x = rows.to_numpy()
        _, flags = naive.hampel(x, 7, causal, 2.5, omit=True)
        expected = naive.interpolate_flagged(x, flags)
        np.testing.assert_allclose(out.loc[[cycle], "c0"], expected, rtol=0, atol=1e-13)


def test_interpolation_without_a_good_sample_gives_the_median():
    x = np.array([[1.0], [2.0], [4.0], [8.0]])
    step = sp.HampelFilter(7, 0.0, causal=False, action="interpolate").fit(x)
    assert step.flag(x).all()
    np.testing.assert_array_equal(step.transform(x), np.full((4, 1), 3.0))


def test_least_scale_spares_single_steps_of_a_converter():
    x = np.zeros((50, 1))
    x[20] = 1.0
    assert sp.HampelFilter(min_scale=0.0).fit(x).flag(x).sum() == 1
    assert sp.HampelFilter().fit(x).flag(x).sum() == 0
    assert sp.HampelFilter(min_scale=0.5).fit(x).flag(x).sum() == 0


def test_claims(make_log):
    log = make_log(lengths=(100, 60))
    log.iloc[30:33, 0] = 50.0

    def claims(**parameters):
        step = sp.HampelFilter(11, min_scale=2.0, **parameters).fit(log)
        return step.lookahead_, step.memory_, step.delay_

    assert claims() == (0, 10, 0)
    assert claims(action="hold") == (0, 13, 0)
    assert claims(causal=False) == (5, 5, 0)
    assert claims(causal=False, action="hold") == (5, 8, 0)
    assert claims(action="interpolate") == (99, 13, 0)


def test_missing_samples_lengthen_what_is_held(make_log):
    log = make_log(lengths=(100,))
    log.iloc[30:33, 0] = np.nan
    log.iloc[33, 0] = 50.0
    step = sp.HampelFilter(11, min_scale=2.0, action="hold", nan_policy="omit").fit(log)
    assert step.memory_ == 14
    assert step.transform(log).iloc[33, 0] == log.iloc[29, 0]


def test_durations(make_log):
    log = make_log(rate=10.0)
    assert sp.HampelFilter("1s").fit(log).window_ == 10
    assert sp.HampelFilter("1s", causal=False).fit(log).window_ == 11
    assert sp.HampelFilter("1100ms", causal=False).fit(log).window_ == 11


def test_other_channels_pass_through_in_their_places(make_log):
    log = make_log(n_channels=3)
    log.iloc[50] = 100.0
    out = sp.HampelFilter(columns=["c2", "c1"], add_indicator=True).fit_transform(log)
    assert list(out) == ["c0", "c1", "c2", "c2_flagged", "c1_flagged"]
    assert out["c0"].equals(log["c0"])
    assert (out.iloc[50, 1:3] < 5).all()
    assert (out.iloc[50, 3:] == 1).all()


def test_flag_has_the_form_of_its_input(make_log):
    log = make_log()
    step = sp.HampelFilter(columns=["c1"]).fit(log)
    mask = step.flag(log)
    assert mask.index.equals(log.index)
    assert mask.columns.equals(log.columns)
    assert set(mask.dtypes) == {np.dtype(bool)}
    assert not mask["c0"].any()
    array = sp.HampelFilter(columns=[1]).fit(log.to_numpy()).flag(log.to_numpy())
    assert isinstance(array, np.ndarray)
    assert array.shape == log.shape


def test_indicator_names_must_be_new(make_log):
    log = make_log().rename(columns={"c1": "c0_flagged"})
    with pytest.raises(InvalidParameterError, match="two channels named 'c0_flagged'"):
        sp.HampelFilter(add_indicator=True).fit(log)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"window_length": 2}, "window_length must be at least 3 samples; got 2"),
        ({"window_length": 0}, "window_length must be at least 1 sample; got 0"),
        ({"window_length": 2.5}, r"number of samples \(int\) or a duration .* got 2\.5"),
        ({"window_length": "0.1s"}, r"window_length must be at least 3 samples; got '0\.1s' \(1\)"),
        ({"window_length": "soon"}, "window_length must be a duration"),
        ({"window_length": 10, "causal": False}, "odd when causal=False; got 10"),
        ({"threshold": -1.0}, r"threshold must be a number of at least 0; got -1\.0"),
        ({"threshold": float("nan")}, "threshold must be a number of at least 0; got nan"),
        ({"threshold": "3"}, "threshold must be a number of at least 0; got '3'"),
        ({"min_scale": -1}, "min_scale must be finite and at least 0; got -1"),
        ({"min_scale": {"c0": np.inf}}, "min_scale must be finite and at least 0"),
        ({"min_scale": {"c9": 1.0}}, "min_scale must name channels of X .*got 'c9'"),
        ({"min_scale": [1.0]}, r"min_scale must be a number or a dict .* got \[1\.0\]"),
        ({"min_scale": {"c0": "1"}}, "min_scale must be a number or a dict .* got {'c0': '1'}"),
        ({"min_scale": {"c0": None}}, "min_scale must be a number or a dict"),
        ({"min_scale": "steps"}, "min_scale must be a number .* or 'step' .* got 'steps'"),
        ({"min_scale": float("nan")}, "min_scale must be finite and at least 0; got nan"),
        ({"action": "mean"}, "action must be one of 'keep', .* got 'mean'"),
        ({"columns": ["c9"]}, "columns must name channels of X .*got 'c9'"),
        ({"columns": "c0"}, "columns must be a list"),
    ],
)
def test_parameters_out_of_range(make_log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.HampelFilter(**parameters).fit(make_log())


def test_a_duration_needs_time():
    with pytest.raises(InvalidParameterError, match=r"needs a log with a time axis"):
        sp.HampelFilter("0.5s").fit(np.zeros((20, 1)))


def test_one_faulty_sample_does_not_reach_the_next_cycle(make_log):
    log = make_log(lengths=(30, 30), n_channels=1)
    log.iloc[29] = 1e6
    out = sp.HampelFilter(5, action="hold").fit_transform(log)
    assert out.iloc[29, 0] == log.iloc[28, 0]
    pd.testing.assert_frame_equal(out.iloc[30:32], log.iloc[30:32])


@pytest.mark.parametrize("causal", [True, False])
def test_interpolation_leaves_nan_where_a_window_gives_nan(make_log, causal):
    log = make_log(lengths=(60,), n_channels=1).mask(lambda x: x > 1.5, 50.0)
    log.iloc[30] = np.nan
    step = sp.HampelFilter(5, causal=causal, action="interpolate", nan_policy="propagate")
    kept = sp.HampelFilter(5, causal=causal, action="keep", nan_policy="propagate")
    missing = step.fit_transform(log)["c0"].isna()
    assert missing.sum() == 5
    pd.testing.assert_series_equal(missing, kept.fit_transform(log)["c0"].isna())


def test_hold_remembers_what_came_before_windows_without_a_result():
    x = np.tile([0.0, 1.0, 0.5], 10)
    x[10], x[15] = np.nan, 100.0  # windows of 5: rows 10 to 14 give NaN, row 15 holds row 9
    step = sp.HampelFilter(5, action="hold", nan_policy="propagate").fit(x[:, np.newaxis])
    assert step.transform(x[:, np.newaxis])[15, 0] == x[9]
    assert step.memory_ == 4 + 6


@pytest.mark.parametrize("columns", [pd.Index(["c1", "c0"]), np.array(["c1", "c0"]), (1, 0)])
def test_columns_may_be_any_list(make_log, columns):
    np.testing.assert_array_equal(
        sp.HampelFilter(columns=columns).fit(make_log()).channels_, [1, 0]
    )


@pytest.mark.parametrize("causal", [True, False])
def test_a_wrapped_angle_is_refused_unless_it_is_left_out(make_log, causal):
    log = make_log(n_channels=2)
    log["c0"] = np.mod(0.13 * np.arange(len(log)), 2 * np.pi)
    step = sp.HampelFilter(causal=causal)
    with pytest.raises(InvalidLogError, match=r"'c0' looks like a wrapped angle.* columns="):
        step.fit(log)
    out = step.set_params(columns=["c1"]).fit_transform(log)
    np.testing.assert_array_equal(out["c0"], log["c0"])


@pytest.mark.parametrize("column", [True, 2, -1, ["c0"]])
def test_what_names_no_channel(make_log, column):
    with pytest.raises(InvalidParameterError, match="columns must name channels of X"):
        sp.HampelFilter(columns=[column]).fit(make_log())


def scales(x, bounds, window, causal, omit):
    """S of the window of each sample, by hand."""
    before, after = (window - 1, 0) if causal else (window // 2, window // 2)
    found = np.full(len(x), np.nan)
    for begin, end in itertools.pairwise(bounds):
        for i in range(begin, end):
            samples = x[max(begin, i - before) : min(end, i + after + 1)]
            missing = np.isnan(samples)
            if not np.isnan(x[i]) and (omit or not missing.any()):
                there = samples[~missing]
                found[i] = 1.4826 * np.median(np.abs(there - np.median(there)))
    return found


@pytest.mark.parametrize("window", [6, 7])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
def test_floors_are_the_medians_of_the_scales_of_each_regime(log, window, causal, nan_policy):
    if not causal and window % 2 == 0:
        window -= 1
    log["gear"] = np.arange(len(log)) // 10 % 3.0
    step = sp.HampelFilter(
        window, causal=causal, min_scale=0.0, by="gear", min_rows=5, nan_policy=nan_policy
    ).fit(log)
    assert step.channels_.tolist() == [0, 1]
    assert step.floors_.index.names == ["gear", "channel"]
    assert len(step.floors_) == 6
    for (gear, channel), row in step.floors_.iterrows():
        all_scales = scales(
            log[channel].to_numpy(), sp.segments(log), window, causal, nan_policy == "omit"
        )
        here = all_scales[log["gear"] == gear]
        assert row["n"] == np.count_nonzero(~np.isnan(here))
        assert row["own"] == (row["n"] >= 5)
        used = here if row["own"] else all_scales
        np.testing.assert_allclose(row["min_scale"], np.nanmedian(used), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
@pytest.mark.parametrize("action", ACTIONS)
def test_by_regime_equals_the_slow_twin_bit_by_bit(log, causal, nan_policy, action):
    log["gear"] = np.arange(len(log)) // 7 % 2.0
    step = sp.HampelFilter(
        7, 1.5, causal=causal, by="gear", min_rows=5, action=action, nan_policy=nan_policy
    ).fit(log)
    flags, out = step.flag(log), step.transform(log)
    for channel in ("c0", "c1"):
        floors = step.floors_["min_scale"].xs(channel, level="channel")[log["gear"]].to_numpy()
        for begin, end in itertools.pairwise(sp.segments(log)):
            x = log[channel].to_numpy()[begin:end]
            how = (floors[begin:end], action, nan_policy == "omit")
            expected, mask = naive.hampel(x, 7, causal, 1.5, *how)
            np.testing.assert_array_equal(out[channel].iloc[begin:end], expected)
            np.testing.assert_array_equal(flags[channel].iloc[begin:end], mask == 1)
    np.testing.assert_array_equal(out["gear"], log["gear"])


@pytest.mark.parametrize("action", [*ACTIONS, "interpolate"])
@pytest.mark.parametrize("causal", [True, False])
def test_one_regime_is_a_learned_least_scale(log, causal, action):
    log["gear"] = 1.0
    log["c1"] *= 3.0
    step = sp.HampelFilter(
        7, 1.5, causal=causal, by="gear", action=action, add_indicator=True, nan_policy="omit"
    )
    out = step.fit_transform(log)
    learned = step.floors_["min_scale"].droplevel("gear").to_dict()
    plain = clone(step).set_params(by=None, columns=["c0", "c1"], min_scale=learned)
    pd.testing.assert_frame_equal(out, plain.fit_transform(log))
    assert list(out)[3:] == ["c0_flagged", "c1_flagged"]
    claims = [(s.lookahead_, s.memory_, s.delay_) for s in (step, plain)]
    assert claims[0] == claims[1]


def test_unseen_rare_and_missing_regimes_have_the_floor_of_all_rows(make_log):
    log = make_log(lengths=(200, 150), n_channels=2)
    log["c0"] *= 1 + 9 * log["c1"].gt(0)
    train = log.assign(gear=np.repeat([0.0, 1.0, 7.0], [170, 170, 10]))
    step = sp.HampelFilter(by="gear", nan_policy="omit").fit(train)
    assert step.floors_["own"].tolist() == [True] * 4 + [False] * 2
    assert step.cycles_.tolist() == [0, 1]
    bounds = sp.segments(train)
    overall = {
        name: np.median(scales(train[name].to_numpy(), bounds, 11, True, True))
        for name in ("c0", "c1")
    }
    assert step.floors_.loc[7.0, "min_scale"].to_dict() == pytest.approx(overall)
    plain = sp.HampelFilter(columns=["c0", "c1"], min_scale=overall, nan_policy="omit")
    for regime in (7.0, 8.0, np.nan):
        other = train.assign(gear=regime)
        pd.testing.assert_frame_equal(step.flag(other), plain.fit(other).flag(other))
    alone = step.flag(train)
    step.transform(train * 100)
    pd.testing.assert_frame_equal(step.flag(train), alone)


def test_a_floor_is_never_below_the_one_given(make_log):
    log = make_log(lengths=(200,), n_channels=2)
    log["gear"] = np.repeat([0.0, 1.0], 100)
    log.loc[log["gear"] == 1.0, ["c0", "c1"]] *= 0.01
    learned = sp.HampelFilter(by="gear").fit(log).floors_["min_scale"]
    assert learned.loc[1.0].max() < 0.1 < learned.loc[0.0].min()
    given = sp.HampelFilter(by="gear", min_scale={"c0": 0.1}).fit(log).floors_["min_scale"]
    assert given.loc[1.0, "c0"] == 0.1
    assert given.loc[1.0, "c1"] == learned.loc[1.0, "c1"]
    pd.testing.assert_series_equal(given.loc[0.0], learned.loc[0.0])


def test_floors_by_regime_spare_noise_in_every_regime_and_find_spikes_in_each(make_log):
    train, test = (make_log(lengths=(4000, 4000), n_channels=1, seed=seed) for seed in (1, 2))
    for log in (train, test):
        log["gear"] = np.arange(len(log)) // 100 % 2.0
        log["c0"] *= np.where(log["gear"] > 0, 2.0, 0.1)
    spikes = np.arange(57, len(test), 100)
    test.iloc[spikes, 0] += np.where(test["gear"].iloc[spikes] > 0, 20.0, 1.0)
    noise = np.delete(np.arange(len(test)), spikes)

    def found(step):
        flags = step.fit(train).flag(test)["c0"].to_numpy()
        of_noise = pd.Series(flags[noise]).groupby(test["gear"].to_numpy()[noise]).mean()
        return flags[spikes].mean(), of_noise.to_numpy()

    hits, false = found(sp.HampelFilter(by="gear"))
    assert hits > 0.99
    assert (false < 0.01).all()
    bare_hits, bare_false = found(sp.HampelFilter(columns=["c0"]))
    assert bare_hits > 0.99
    assert (bare_false > 0.02).all()
    assert found(sp.HampelFilter(columns=["c0"], min_scale=1.0))[0] < 0.6


def test_by_a_binner_or_by_nothing_useful(make_log):
    log = make_log(lengths=(150,), n_channels=2)
    binner = sp.RegimeBinner({"c1": 2})
    step = sp.HampelFilter(by=binner, columns=["c0"], min_rows=10).fit(log)
    assert len(step.floors_) == 2
    assert not hasattr(binner, "edges_")
    array = clone(step).set_params(by=sp.RegimeBinner({1: 2}), columns=[0]).fit(log.to_numpy())
    np.testing.assert_array_equal(array.floors_["min_scale"], step.floors_["min_scale"])
    with pytest.raises(InvalidParameterError, match="by must name channels of X .* got 'speed'"):
        sp.HampelFilter(by="speed").fit(log)
    with pytest.raises(InvalidParameterError, match="at least min_rows=30 training rows"):
        sp.HampelFilter(by="c1").fit(log)
    smooth = sp.SavitzkyGolayFilter(5, 2, causal=False)
    looks_ahead = sp.make_pipeline(smooth, clone(binner))
    step = sp.HampelFilter(5, by=looks_ahead, min_rows=10, columns=["c0"]).fit(log)
    seen = sp.reach(smooth.fit(log))
    assert sp.reach(step) == (seen.lookahead, 4 + seen.memory, 0)


def test_steps_are_learned_from_the_training_rows_alone(make_log):
    train = make_log(lengths=(300, 200), n_channels=3)
    train["c0"] = train["c0"].round(1)
    train["c1"] = np.arange(len(train)) % 7 * 0.25
    step = sp.HampelFilter().fit(train)
    assert step.cycles_.tolist() == [0, 1]
    np.testing.assert_allclose(step.min_scale_, [0.1, 0.25, 0.0], rtol=1e-12)
    coarse = train * 8
    before = step.transform(coarse)
    given = sp.HampelFilter(min_scale=dict(zip(train, step.min_scale_, strict=True))).fit(coarse)
    pd.testing.assert_frame_equal(given.transform(coarse), before)
    assert given.cycles_.empty
    np.testing.assert_allclose(step.fit(coarse).min_scale_, [0.8, 2.0, 0.0], rtol=1e-12)


def test_a_dict_may_ask_for_steps_of_some_channels(make_log):
    log = make_log(lengths=(300,), n_channels=3).round(2)
    step = sp.HampelFilter(min_scale={"c2": "step", "c1": 0.3}, columns=["c2", "c1", "c0"]).fit(log)
    np.testing.assert_allclose(step.min_scale_, [0.01, 0.3, 0.0])
    assert step.cycles_.tolist() == [0]
    assert sp.HampelFilter(min_scale=0.0).fit(log).cycles_.empty


@pytest.mark.parametrize("lsb", [1.0, 0.1, 0.01, 0.25, 360 / 65536])
def test_three_steps_of_a_converter_are_no_outlier_wherever_the_signal_is(lsb):
    rng = np.random.default_rng(3)
    x = lsb * np.repeat(rng.integers(-2000, 2000, 400), 20)[:, np.newaxis]
    pulses = np.arange(15, len(x), 20)
    three, four = x.copy(), x.copy()
    three[pulses] = lsb * np.rint(x[pulses] / lsb + 3)
    four[pulses] = lsb * np.rint(x[pulses] / lsb + 4)
    step = sp.HampelFilter(11).fit(x)
    assert not step.flag(three)[pulses].any()
    assert step.flag(four)[pulses].all()


def test_steps_do_not_depend_on_the_threads_or_the_form_of_the_log(make_log):
    log = make_log(lengths=(200, 100), n_channels=4).round(1)
    one = sp.HampelFilter(n_jobs=1).fit(log)
    for other in (
        sp.HampelFilter(n_jobs=3).fit(log),
        sp.HampelFilter().fit(log.to_numpy()),
        sp.HampelFilter(nan_policy="omit").fit(log.iloc[:, ::-1].iloc[:, ::-1]),
    ):
        np.testing.assert_array_equal(other.min_scale_, one.min_scale_)
    single = sp.HampelFilter().fit(log.astype(np.float32))
    np.testing.assert_allclose(single.min_scale_, 0.1, rtol=1e-5)
    holed = log.mask(np.random.default_rng(0).random(log.shape) < 0.1)
    omitting = sp.HampelFilter(nan_policy="omit").fit(holed)
    np.testing.assert_allclose(omitting.min_scale_, 0.1, rtol=1e-12)


def typical_by_hand(log: pd.DataFrame, channel: str, window: int) -> float:
    """The larger of the median scale of causal windows and the median change that is not zero."""
    scales, changes = [], []
    for _, cycle in log.groupby(level="cycle", sort=False):
        x = cycle[channel].to_numpy()
        for i in range(len(x)):
            own = x[max(0, i - window + 1) : i + 1]
            scales.append(1.4826 * np.median(np.abs(own - np.median(own))))
        changes += [abs(step) for step in np.diff(x) if step]
    return max(np.median(scales), np.median(changes) if changes else 0.0)


def test_a_typical_floor_is_that_of_a_loop():
    rng = np.random.default_rng(0)
    n = 120
    frames = {
        k: pd.DataFrame(
            {
                "noise": rng.normal(size=n),
                "held": np.repeat(rng.normal(size=n // 6), 6),
                "still": np.full(n, 3.0),
                "slow": np.round(np.arange(n) / 40) / 2,
            }
        )
        for k in range(3)
    }
    log = sp.as_log(
        pd.concat(frames, names=["cycle"]).reset_index("cycle"), cycle="cycle", rate=5.0
    )
    step = sp.HampelFilter(7, min_scale={"noise": "typical", "held": "typical", "slow": 0.25,
                                         "still": "typical"}).fit(log)  # fmt: skip
    expected = [typical_by_hand(log, name, 7) for name in ("noise", "held", "still")] + [0.25]
    np.testing.assert_allclose(step.min_scale_, expected, rtol=1e-12)
    assert step.cycles_.tolist() == [0, 1, 2]


def test_a_typical_floor_finds_spikes_after_held_values_and_no_steps():
    x = np.repeat([1.0, 1.2, 0.9, 1.1, 1.3, 1.0], 10)
    x[25] = 50.0
    log = pd.DataFrame({"x": x})
    assert sp.HampelFilter(5, 10.0, min_scale=0.0).fit(log).flag(log)["x"].sum() > 5
    found = sp.HampelFilter(5, 10.0, min_scale="typical").fit(log).flag(log)["x"]
    assert np.flatnonzero(found).tolist() == [25]
