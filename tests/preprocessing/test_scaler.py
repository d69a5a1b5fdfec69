import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

PEERS = {
    "zscore": StandardScaler(),
    "minmax": MinMaxScaler(),
    "robust": RobustScaler(),
    "unit": Normalizer(),
}
INVERTIBLE = ["zscore", "minmax", "robust"]


@pytest.mark.parametrize("method", PEERS)
def test_equals_scikit_learn(make_log, method):
    train, test = make_log(n_channels=4), make_log(n_channels=4, seed=1)
    scaler = sp.Scaler(method).fit(train)
    expected = PEERS[method].fit(train).transform(test)
    np.testing.assert_allclose(scaler.transform(test), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("method", INVERTIBLE)
def test_round_trip(make_log, method):
    log = make_log(n_channels=3) * [1e-6, 1.0, 1e6] + [1.0, -5.0, 1e6]
    scaler = sp.Scaler(method).fit(log)
    back = scaler.inverse_transform(scaler.transform(log))
    pd.testing.assert_frame_equal(back, log, rtol=1e-12)
    array = sp.Scaler(method).fit(log.to_numpy())
    np.testing.assert_allclose(array.inverse_transform(array.transform(log.to_numpy())), log)


def test_a_small_spread_on_a_large_mean():
    rng = np.random.default_rng(0)
    steps = rng.integers(-(2**20), 2**20, size=200_000)
    x = 2.0**20 + steps * 2.0**-30  # mean 1e6, std 6e-4, exact in float64
    scaler = sp.Scaler().fit(x[:, None])
    exact = steps.astype(np.longdouble) * np.longdouble(2.0) ** -30
    std = float(np.sqrt(np.mean((exact - exact.mean()) ** 2)))
    np.testing.assert_allclose(scaler.scale_, std, rtol=1e-12)
    np.testing.assert_allclose(scaler.center_, 2.0**20 + float(exact.mean()), rtol=1e-15)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=40),
    st.sampled_from(INVERTIBLE),
    st.integers(-8, 8),
)
def test_the_unit_of_a_signal_does_not_matter(values, method, exponent):
    x = np.array(values)[:, None]
    quartiles = np.quantile(x, [0.25, 0.75])
    if method == "robust" and quartiles[0] == quartiles[1] and x.min() < x.max():
        return
    if 0 < np.ptp(x) < 1e-3:
        return
    scale = 2.0**exponent  # exact
    np.testing.assert_array_equal(
        sp.Scaler(method).fit_transform(x), sp.Scaler(method).fit_transform(x * scale)
    )


@pytest.mark.parametrize("method", INVERTIBLE)
def test_a_constant_channel_gives_zero_and_is_listed(make_log, method):
    train = make_log().assign(c1=0.1)
    test = make_log(seed=1)
    scaler = sp.Scaler(method).fit(train)
    assert scaler.constant_ == ["c1"]
    assert (scaler.transform(train)["c1"] == 0).all()
    assert (scaler.transform(test)["c1"] == 0).all()
    assert (scaler.inverse_transform(scaler.transform(train))["c1"] == 0.1).all()


def test_robust_refuses_a_channel_without_quartile_range(make_log):
    log = make_log()
    log["c1"] = 0.0
    log.iloc[::10, 1] = 1.0
    with pytest.raises(InvalidParameterError, match=r"method='robust' .* channel 'c1' varies"):
        sp.Scaler("robust").fit(log)
    assert sp.Scaler("robust", columns=["c0"]).fit(log).constant_ == []


def test_remembers_its_cycles(make_log):
    log = make_log()
    train = log[log.index.get_level_values("cycle") != 1]
    assert sp.Scaler().fit(train).cycles_.tolist() == [0, 2]
    assert sp.Scaler("unit").fit(train).cycles_.tolist() == [0, 2]
    assert len(sp.Scaler().fit(train.to_numpy()).cycles_) == 0


@pytest.mark.parametrize("method", INVERTIBLE)
def test_missing_values(make_log, method):
    log = make_log()
    log.iloc[3, 0] = np.nan
    omitting = sp.Scaler(method, nan_policy="omit").fit(log)
    alone = sp.Scaler(method).fit(log[["c0"]].dropna())
    assert omitting.center_[0] == alone.center_[0]
    assert omitting.scale_[0] == alone.scale_[0]
    assert np.flatnonzero(omitting.transform(log)["c0"].isna()).tolist() == [3]
    spreading = sp.Scaler(method, nan_policy="propagate").fit(log)
    assert spreading.transform(log)["c0"].isna().all()
    assert spreading.transform(log)["c1"].notna().all()


def test_a_channel_that_is_missing_altogether(make_log):
    log = make_log().assign(c1=np.nan)
    scaler = sp.Scaler(nan_policy="omit").fit(log)
    assert scaler.constant_ == ["c1"]
    assert scaler.transform(log)["c1"].isna().all()


def test_unit_norm():
    x = np.array([[3.0, 4.0], [0.0, 0.0], [3e200, -4e200], [np.nan, 2.0]])
    omit = sp.Scaler("unit", nan_policy="omit").fit_transform(x)
    expected = np.array([[0.6, 0.8], [0.0, 0.0], [0.6, -0.8], [np.nan, 1.0]])
    np.testing.assert_allclose(omit, expected)
    spread = sp.Scaler("unit", nan_policy="propagate").fit_transform(x)
    assert np.isnan(spread[3]).all()
    np.testing.assert_allclose(spread[:3], expected[:3])
    assert not hasattr(sp.Scaler("unit"), "inverse_transform")


def test_other_channels_pass_through(make_log):
    log = make_log(n_channels=3)
    for method in PEERS:
        out = sp.Scaler(method, columns=["c2", "c0"]).fit_transform(log)
        assert out["c1"].equals(log["c1"])
        np.testing.assert_array_equal(
            out[["c0", "c2"]], sp.Scaler(method).fit_transform(log[["c0", "c2"]])
        )


def test_wrong_method(make_log):
    with pytest.raises(InvalidParameterError, match="method must be one of .* got 'standard'"):
        sp.Scaler("standard").fit(make_log())


def test_inverse_needs_the_channels_of_transform(make_log):
    log = make_log(n_channels=3)
    scaler = sp.Scaler().fit(log)
    with pytest.raises(InvalidLogError, match="X must have the columns that transform gives"):
        scaler.inverse_transform(log.iloc[:, ::-1])
    with pytest.raises(InvalidLogError, match="X must have the 3 channels .* got 2"):
        scaler.inverse_transform(log.to_numpy()[:, :2])


IN_PARTS = ["zscore", "minmax"]


@pytest.mark.parametrize("method", IN_PARTS)
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_learning_in_parts_is_learning_at_once(make_log, method, offset):
    log = make_log(lengths=(700, 90, 5000), n_channels=3) * 1e-3 + offset
    log["c1"] = 0.1
    whole = sp.Scaler(method).fit(log)
    parts = sp.Scaler(method)
    for begin, end in ((0, 300), (300, 301), (301, 2000), (2000, len(log))):
        assert parts.partial_fit(log.iloc[begin:end]) is parts
    np.testing.assert_allclose(parts.center_, whole.center_, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(parts.scale_, whole.scale_, rtol=1e-12)
    assert parts.constant_ == whole.constant_ == ["c1"]
    assert parts.cycles_.tolist() == whole.cycles_.tolist() == [0, 1, 2]
    again = parts.fit(log)
    np.testing.assert_array_equal(again.scale_, whole.scale_)


@pytest.mark.parametrize("method", IN_PARTS)
def test_a_constant_that_begins_to_vary(make_log, method):
    log = make_log().assign(c1=2.0)
    scaler = sp.Scaler(method).partial_fit(log.iloc[:60])
    assert scaler.constant_ == ["c1"]
    log.iloc[70:, 1] = 5.0
    scaler.partial_fit(log.iloc[60:])
    assert scaler.constant_ == []
    np.testing.assert_allclose(scaler.scale_, sp.Scaler(method).fit(log).scale_, rtol=1e-14)


def test_parts_with_missing_values(make_log):
    log = make_log(n_channels=3)
    log.iloc[:60, 1] = np.nan
    log.iloc[100, 0] = np.nan
    for policy in ("omit", "propagate"):
        whole = sp.Scaler(nan_policy=policy).fit(log)
        parts = sp.Scaler(nan_policy=policy)
        for begin, end in ((0, 60), (60, 105), (105, len(log))):
            parts.partial_fit(log.iloc[begin:end])
        np.testing.assert_allclose(parts.center_, whole.center_, rtol=1e-12)
        np.testing.assert_allclose(parts.scale_, whole.scale_, rtol=1e-12)
        assert np.isnan(parts.scale_).tolist() == [policy == "propagate"] * 2 + [False]


def test_parts_by_row_and_parts_by_quartile(make_log):
    log = make_log()
    unit = sp.Scaler("unit").partial_fit(log.iloc[:60]).partial_fit(log.iloc[60:])
    assert unit.cycles_.tolist() == [0, 1, 2]
    assert not hasattr(sp.Scaler("robust"), "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit") as found:
        sp.Scaler("robust").partial_fit(log)
    assert "'robust' need all training rows at once" in str(found.value.__cause__)


def test_parts_must_fit_together(make_log):
    scaler = sp.Scaler().partial_fit(make_log())
    with pytest.raises(InvalidLogError, match="sample time"):
        scaler.partial_fit(make_log(rate=20.0))
    with pytest.raises(ValueError, match="c1"):
        scaler.partial_fit(make_log(n_channels=1))


@pytest.mark.parametrize("method", PEERS)
def test_threads_learn_the_same(make_log, method):
    log = make_log(lengths=(9000, 30), n_channels=5)
    one, two = (sp.Scaler(method, n_jobs=n).fit(log) for n in (1, 2))
    np.testing.assert_array_equal(one.center_, two.center_)
    np.testing.assert_array_equal(one.scale_, two.scale_)


def test_a_failed_fit_is_not_continued(make_log):
    log = make_log()
    huge = log.copy()
    huge.iloc[:3, 0] = [-1e308, 1e308, 1.0]
    scaler = sp.Scaler()
    with np.errstate(over="ignore"), pytest.raises(InvalidParameterError, match="needs a spread"):
        scaler.fit(huge)
    scaler.partial_fit(log)
    np.testing.assert_array_equal(scaler.scale_, sp.Scaler().fit(log).scale_)


@pytest.mark.parametrize(("method", "peer"), [("zscore", StandardScaler), ("robust", RobustScaler)])
def test_zero_stays_zero_without_the_mean(make_log, method, peer):
    log = make_log() + 3.0
    log.iloc[7] = 0.0
    scaler = sp.Scaler(method, with_mean=False).fit(log)
    scaled = scaler.transform(log)
    off = {"with_mean": False} if method == "zscore" else {"with_centering": False}
    np.testing.assert_allclose(scaled, peer(**off).fit_transform(log), rtol=1e-12)
    assert (scaled.iloc[7] == 0).all()
    np.testing.assert_allclose(scaler.inverse_transform(scaled), log, rtol=1e-12)


def test_a_constant_stays_as_it_is_without_the_mean(make_log):
    log = make_log().assign(c1=2.0)
    scaler = sp.Scaler(with_mean=False).fit(log)
    assert scaler.constant_ == ["c1"]
    scaled = scaler.transform(log)
    assert (scaled["c1"] == 2.0).all()
    assert (scaler.inverse_transform(scaled)["c1"] == 2.0).all()


@pytest.mark.parametrize("method", ["minmax", "unit"])
def test_methods_without_a_mean_do_not_look_at_it(make_log, method):
    log = make_log()
    expected = sp.Scaler(method).fit_transform(log)
    pd.testing.assert_frame_equal(sp.Scaler(method, with_mean=False).fit_transform(log), expected)
