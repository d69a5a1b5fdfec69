import numpy as np
import pandas as pd
import pytest

import naive
import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.mark.parametrize("spans", [(1,), (2, 7), (10, 100, 1000)])
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_equals_pandas_cycle_by_cycle(make_log, spans, scale):
    log = (make_log(lengths=(300, 1, 80), n_channels=2) + 20.0) * scale
    out = sp.ExponentialFeatures(spans, keep_inputs=False).fit_transform(log)
    for span in spans:
        fading = log.groupby("cycle", group_keys=False)
        mean = fading.apply(lambda rows, s=span: rows.ewm(span=s, adjust=False).mean())
        std = fading.apply(lambda rows, s=span: rows.ewm(span=s, adjust=False).std()).fillna(0.0)
        for channel in log:
            tolerance = {"rtol": 1e-12, "atol": 1e-12 * scale}
            np.testing.assert_allclose(out[f"{channel}_mean_{span}"], mean[channel], **tolerance)
            if span > 1:
                np.testing.assert_allclose(
                    out[f"{channel}_std_{span}"], std[channel], rtol=1e-9, atol=1e-9 * scale
                )
            else:
                assert (out[f"{channel}_std_{span}"] == 0).all()


def test_missing_samples_equal_pandas(make_log):
    log = make_log(lengths=(120,), n_channels=1)
    log[np.random.default_rng(0).random(log.shape) < 0.2] = np.nan
    log.iloc[0] = 1.0
    rows = log["c0"].reset_index(drop=True)
    mean, std = rows.ewm(span=9, adjust=False).mean(), rows.ewm(span=9, adjust=False).std()
    omit = sp.ExponentialFeatures([9], nan_policy="omit").fit_transform(log)
    np.testing.assert_allclose(omit["c0_mean_9"], mean, rtol=1e-12)
    np.testing.assert_allclose(omit["c0_std_9"].iloc[5:], std[5:], rtol=1e-9)
    spread = sp.ExponentialFeatures([9], nan_policy="propagate").fit_transform(log)
    np.testing.assert_allclose(spread["c0_mean_9"], mean.where(rows.notna()), rtol=1e-12)


def test_equals_its_slow_twin(make_log):
    log = make_log(lengths=(60, 40), n_channels=1)
    log.iloc[[0, 5, 6, 70]] = np.nan
    out = sp.ExponentialFeatures([4], nan_policy="omit").fit_transform(log)
    for cycle, rows in log["c0"].groupby("cycle"):
        mean, std = naive.exponential(rows, 2 / 5, omit=True)
        np.testing.assert_allclose(out.loc[[cycle], "c0_mean_4"], mean, rtol=1e-12)
        np.testing.assert_allclose(out.loc[[cycle], "c0_std_4"], std, rtol=1e-9, atol=1e-12)


def test_names_follow_channels_then_spans(make_log):
    log = make_log()
    out = sp.ExponentialFeatures(["2s", 5]).fit_transform(log)
    assert list(out) == [
        "c0",
        "c1",
        "c0_mean_2s",
        "c0_std_2s",
        "c0_mean_5",
        "c0_std_5",
        "c1_mean_2s",
        "c1_std_2s",
        "c1_mean_5",
        "c1_std_5",
    ]
    assert out[["c0", "c1"]].equals(log)


def test_a_choice_of_statistics_and_channels(make_log):
    log = make_log(n_channels=3)
    every = sp.ExponentialFeatures([5, 9]).fit_transform(log)
    for statistics in (["std"], ["mean"], ["std", "mean"]):
        step = sp.ExponentialFeatures(
            [5, 9], statistics=statistics, columns=["c2", "c0"], keep_inputs=False
        )
        out = step.fit_transform(log)
        assert list(out) == [
            f"{channel}_{statistic}_{span}"
            for channel in ("c2", "c0")
            for span in (5, 9)
            for statistic in statistics
        ]
        pd.testing.assert_frame_equal(out, every[list(out)])


def test_durations_are_resolved_by_the_rate(make_log):
    step = sp.ExponentialFeatures(["1min", 7]).fit(make_log(rate=10.0))
    np.testing.assert_array_equal(step.spans_, [600, 7])


@pytest.mark.parametrize("spans", [(2,), (10, 3), (1000,)])
def test_memory_is_where_the_past_weighs_a_thousandth(spans):
    step = sp.ExponentialFeatures(spans).fit(np.zeros((3, 1)))
    old = 1 - 2 / (max(spans) + 1)
    assert old**step.memory_ <= 1e-3 < old ** (step.memory_ - 1)
    step_up = np.ones((step.memory_ + 1, 1))
    step_up[0] = 0.0  # all the past there is
    weight = 1 - step.transform(step_up)[:, 1]  # of the first sample, in the first span's mean
    assert weight[step.memory_] <= 1e-3 < weight[step.memory_ - 1]
    assert (step.lookahead_, step.delay_) == (0, 0)


def test_a_span_of_one_sample_remembers_nothing(make_log):
    log = make_log()
    step = sp.ExponentialFeatures([1]).fit(log)
    assert step.memory_ == 0
    np.testing.assert_allclose(step.transform(log)["c0_mean_1"], log["c0"], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"spans": []}, "spans must be a list"),
        ({"spans": "1min"}, "spans must be a list .* got '1min'"),
        ({"spans": 10}, "spans must be a list .* got 10"),
        ({"spans": [0]}, "spans must be at least 1 sample; got 0"),
        ({"spans": [2.5]}, r"spans must be a number of samples \(int\) or a duration"),
        ({"spans": ["1ms"]}, "spans='1ms' is shorter than one sample"),
        ({"spans": 5.0}, r"spans must be a list .* got 5\.0"),
        ({"spans": ["NaT"]}, "spans must be a duration .* got 'NaT'"),
        ({"statistics": 1}, "statistics must be a list .* got 1"),
        ({"spans": [5, 5]}, r"spans must differ; got \[5, 5\]"),
        ({"statistics": ["median"]}, r"statistics must be a list .* got \['median'\]"),
        ({"statistics": []}, "statistics must be a list"),
        ({"statistics": "mean"}, "statistics must be a list .* got 'mean'"),
        ({"statistics": ["mean", "mean"]}, "each once"),
        ({"columns": ["c9"]}, "columns must name channels of X .*got 'c9'"),
    ],
)
def test_parameters_out_of_range(make_log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.ExponentialFeatures(**parameters).fit(make_log())


def test_feature_names_must_be_new(make_log):
    log = make_log().rename(columns={"c1": "c0_mean_10"})
    with pytest.raises(InvalidParameterError, match="two channels named 'c0_mean_10'"):
        sp.ExponentialFeatures().fit(log)


def test_what_fades_away_becomes_zero():
    stopped = np.zeros((20_000, 1))
    stopped[:10, 0] = np.arange(10.0)
    out = sp.ExponentialFeatures([5, 50]).fit_transform(stopped)
    assert not out[-1].any()
    assert not (np.abs(out[out != 0]) < 1e-292).any()
