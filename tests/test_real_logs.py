"""The whole way on logs that nobody made for this library."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp

INPUTS = ["Velocity", "Throttle", "Motor Torque", "Longitudinal Acceleration"]


@pytest.fixture(scope="module")
def trips(real_data):
    """Thirty-one trips of an electric car, read once."""
    folder = real_data("bmw_i3")
    columns = [*INPUTS, "Elevation", "Ambient Temperature", "Battery Current"]
    return sp.read_log(folder, columns=columns)


def test_a_folder_of_trips_is_one_log(trips):
    assert len(sp.cycles(trips)) == 31
    assert sp.rate(trips) == 10.0
    assert len(sp.segments(trips)) == 32
    assert sp.units(trips)["Motor Torque"] == "Nm"
    assert trips.dtypes.eq(np.float64).all()


def test_from_trips_to_the_error_of_every_regime(trips, tmp_path):
    model = sp.make_pipeline(
        sp.HampelFilter(window_length=11, threshold=5.0, min_scale=0.5, action="hold"),
        sp.ExponentialFeatures(spans=["1s", "30s"]),
        sp.Scaler(),
        Ridge(),
    )
    regimes = {"Velocity": [0, 30, 80, 160], "Motor Torque": "q3", "Ambient Temperature": 3}
    result = sp.validate(
        model,
        trips[INPUTS],
        trips["Battery Current"],
        regimes=regimes,
        context=trips[["Ambient Temperature"]],
        n_bootstrap=200,
    )
    assert result.by_regime["n"].sum() == len(trips)
    assert result.by_regime["share"].sum() == pytest.approx(1.0)
    assert 0.6 < result.overall["r2"] < 0.95
    seen = result.by_regime[result.by_regime["evidence"]]
    assert (seen["rmse_low"] <= seen["rmse_high"]).all()
    assert seen["rmse"].max() > 2 * result.overall["rmse"], "one number hides a hot corner"
    result.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size <= 500_000


def test_limits_and_a_second_model_on_trips(trips, tmp_path):
    binner = sp.RegimeBinner({"Velocity": [0, 30, 80, 160], "Ambient Temperature": 3})
    regimes = binner.fit_transform(trips)
    y = trips["Battery Current"]

    def validated(*steps):
        model = sp.make_pipeline(*steps, sp.Scaler(), Ridge())
        return sp.validate(model, trips[INPUTS], y, regimes=regimes, n_bootstrap=200)

    plain = validated()
    mean = sp.ExponentialFeatures(spans=["1s", "30s"])
    remembering = validated(mean)
    limit = float(plain.overall["rmse"])
    verdict = plain.verdict({"rmse": limit, "bias": 1e3})
    assert not verdict.ok
    found = verdict.by_regime.xs("rmse", level="metric")
    assert set(found["status"]) >= {"pass", "fail"}, "a mean error is that of no regime"
    seen = found["n"] > 100
    assert (found.loc[seen, "n_effective"] < 0.2 * found.loc[seen, "n"]).all()
    plain.to_html(tmp_path / "page.html", limits=verdict)
    assert (tmp_path / "page.html").stat().st_size <= 500_000
    listed = plain.next_tests(None, limits=verdict).index
    assert set(listed) == set(
        verdict.by_cell.index[verdict.by_cell.isin(["underpowered", "no evidence"])]
    )
    comparison = sp.compare(plain, remembering)
    assert comparison.overall["n_cycles"] == 31
    assert comparison.overall["rmse_status"] == "b better"
    own = [v.overall["rmse_high"] - v.overall["rmse_low"] for v in (plain, remembering)]
    paired = comparison.overall["rmse_high"] - comparison.overall["rmse_low"]
    assert paired < 0.5 * min(own), "what is hard about a trip is hard for both"


def test_random_rows_flatter_and_are_refused(trips):
    from sklearn.model_selection import KFold

    with pytest.raises(sp.errors.LeakError, match="fold 0 trains on rows of cycles 'TripA01'"):
        sp.validate(Ridge(), trips[INPUTS], trips["Battery Current"], cv=KFold(5, shuffle=True))


def test_trips_one_by_one_are_the_trips_together(trips):
    step = sp.make_pipeline(
        sp.HampelFilter(window_length="1.1s"),
        sp.SavitzkyGolayFilter(window_length=21, deriv=1),
        sp.ExponentialFeatures(spans=["10s", "5min"]),
    ).fit(trips)
    together = step.transform(trips)
    for cycle in sp.cycles(trips)[[0, 13, 30]]:
        rows = trips.index.get_level_values("cycle") == cycle
        pd.testing.assert_frame_equal(step.transform(trips[rows]), together[rows], check_exact=True)


def test_phase_currents_to_dq(real_data):
    folder = real_data("itsc")
    log = sp.read_log(folder, names=["i_a", "i_b", "i_c"], rate=1000.0)
    assert len(sp.cycles(log)) == len(list(folder.glob("*.csv.gz")))
    still = sp.ClarkeTransformer().fit_transform(log)
    assert still["i_0"].abs().mean() > 0.01, "real phase sums are not zero"
    np.testing.assert_allclose(3 * still["i_0"], log.sum(axis=1), atol=1e-12)
    seconds = log.index.get_level_values("time").to_numpy()
    turning = still.assign(theta_e=2 * np.pi * 60 * seconds)
    park = sp.ParkTransformer().fit(turning)
    dq = park.transform(turning)
    pd.testing.assert_series_equal(
        np.hypot(dq["i_d"], dq["i_q"]), np.hypot(still["i_alpha"], still["i_beta"])
    )
    back = park.inverse_transform(dq)
    np.testing.assert_allclose(back["i_alpha"], still["i_alpha"], rtol=0, atol=1e-11)


def test_adc_counts_are_quantised_and_promoted(real_data):
    file = real_data("pmsm_inverter_faults") / "raw_adc.parquet"
    counts = sp.read_log(file, cycle="FDD", rate=10.0)
    assert len(sp.cycles(counts)) == 9, "one recording a fault condition"
    bare = sp.HampelFilter(window_length=11, causal=False, min_scale=0.0).fit(counts)
    floored = sp.HampelFilter(window_length=11, causal=False).fit(counts)
    assert (floored.min_scale_ == 1.0).all(), "counts have steps of one"
    n_bare, n_floored = bare.flag(counts).sum().sum(), floored.flag(counts).sum().sum()
    assert n_floored < 0.8 * n_bare, "one count of an idle channel is no outlier"
    out = bare.transform(counts)
    assert out.dtypes.eq(np.float64).all()
