import numpy as np
import pandas as pd
import pytest

import naive
import signalprep as sp
from signalprep.errors import InvalidParameterError

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
    out = sp.HampelFilter(8, 2.0, nan_policy="omit").fit_transform(log)
    for cycle, rows in log["c0"].groupby("cycle", sort=False):
        expected, _ = naive.hampel(rows, 8, True, 2.0, omit=True)
        np.testing.assert_array_equal(out.loc[[cycle], "c0"], expected)


@pytest.mark.parametrize("causal", [True, False])
def test_interpolates_between_good_neighbours(log, causal):
    step = sp.HampelFilter(7, 2.5, causal=causal, action="interpolate", nan_policy="omit")
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
    assert sp.HampelFilter().fit(x).flag(x).sum() == 1
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


@pytest.mark.parametrize("column", [True, 2, -1, ["c0"]])
def test_what_names_no_channel(make_log, column):
    with pytest.raises(InvalidParameterError, match="columns must name channels of X"):
        sp.HampelFilter(columns=[column]).fit(make_log())
