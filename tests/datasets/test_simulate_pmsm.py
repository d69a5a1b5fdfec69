import numpy as np
import pandas as pd
import pytest

from signalprep.datasets import PMSM, ThermalNetwork, simulate_pmsm
from signalprep.datasets._sensors import SENSORS
from signalprep.errors import InvalidParameterError
from signalprep.log import cycles, is_log, rate, segments

INPUTS = ["i_d", "i_q", "u_d", "u_q", "omega_m", "T_m", "T_coolant", "T_ambient", "u_dc"]
NODES = ["yoke", "tooth", "winding", "pm"]
WHOLE = {"gap": 0.0, "truncate": 0.0}
IDEAL = {"noise": 0.0, "drift": 0.0, "spike_rate": 0.0, "quantize": False}


@pytest.fixture(scope="module")
def truth():
    return simulate_pmsm(8, rate=2.0, random_state=4, with_truth=True, **WHOLE)


def test_a_log_of_what_a_controller_measures_and_the_target():
    log = simulate_pmsm(4, rate=2.0)
    assert is_log(log)
    assert list(log.columns) == [*INPUTS, "T_pm"]
    assert cycles(log).tolist() == [
        "cycle_01_city",
        "cycle_02_highway",
        "cycle_03_hill",
        "cycle_04_bench",
    ]
    assert rate(log) == pytest.approx(2.0)
    assert log.dtypes.eq(np.float64).all()
    assert not log.isna().any(axis=None)


def test_the_truth_holds_every_channel_the_nodes_and_the_masks(truth):
    hidden = ["T_shaft", *(f"T_{n}" for n in NODES[:3]), *(f"P_{n}" for n in NODES)]
    expected = {*INPUTS, "T_pm", *(f"{name}_true" for name in [*INPUTS, "T_pm", *hidden])}
    assert set(truth.columns) == expected | {f"fault_{name}" for name in [*INPUTS, "T_pm"]}
    assert truth.shape[1] == 38


def test_truth_is_only_added():
    log = simulate_pmsm(2, rate=1.0)
    full = simulate_pmsm(2, rate=1.0, with_truth=True)
    pd.testing.assert_frame_equal(full[log.columns], log)


@pytest.mark.parametrize("n_cycles", [1, 2, 3, 5])
def test_one_cycle_has_a_gap_and_one_stops_early(n_cycles):
    log = simulate_pmsm(n_cycles, rate=2.0)
    whole = simulate_pmsm(n_cycles, rate=2.0, **WHOLE)
    assert len(segments(log)) - 1 == n_cycles + 1
    assert len(segments(whole)) - 1 == n_cycles
    pd.testing.assert_frame_equal(whole.loc[log.index], log)
    names = cycles(log)
    gap, cut = names[n_cycles // 3], names[2 * n_cycles // 3]
    time = log.loc[gap].index.to_numpy()
    assert np.diff(time).max() == pytest.approx(20.5)
    lasts = whole.loc[cut].index[-1]
    assert log.loc[cut].index[-1] == pytest.approx(0.6 * lasts, abs=1.0)
    for name in names.difference([gap, cut]):
        assert len(log.loc[name]) == len(whole.loc[name])


def test_a_gap_shorter_than_a_sample_still_leaves_one_out():
    log = simulate_pmsm(1, rate=2.0, gap=0.1, truncate=0.0)
    whole = simulate_pmsm(1, rate=2.0, **WHOLE)
    assert len(whole) - len(log) == 1
    assert len(segments(log)) - 1 == 2


def test_the_same_seed_gives_the_same_log():
    pd.testing.assert_frame_equal(simulate_pmsm(2, 1.0, 7), simulate_pmsm(2, 1.0, 7))
    generated = simulate_pmsm(2, 1.0, np.random.default_rng(7))
    pd.testing.assert_frame_equal(generated, simulate_pmsm(2, 1.0, 7))
    assert not simulate_pmsm(2, 1.0, 8).equals(simulate_pmsm(2, 1.0, 7))
    assert not simulate_pmsm(1, 1.0, None).equals(simulate_pmsm(1, 1.0, None))


def test_a_cycle_does_not_depend_on_how_many_follow():
    few, many = simulate_pmsm(2, 1.0, **WHOLE), simulate_pmsm(5, 1.0, **WHOLE)
    pd.testing.assert_frame_equal(many.loc[few.index], few)


def test_the_rate_samples_the_same_drive():
    coarse = simulate_pmsm(4, 1.0, with_truth=True, **WHOLE)
    fine = simulate_pmsm(4, 10.0, with_truth=True, **WHOLE)
    fine = fine.loc[coarse.index]
    for name in ("omega_m_true", "T_coolant_true", "T_ambient_true", "u_dc_true"):
        np.testing.assert_allclose(fine[name], coarse[name], rtol=1e-9, atol=1e-9)
    assert (fine["T_pm_true"] - coarse["T_pm_true"]).abs().max() < 0.5


def test_electrical_power_turns_into_shaft_power_and_heat(truth):
    t = truth
    current = 1.5 * (t.u_d_true * t.i_d_true + t.u_q_true * t.i_q_true)
    heat = t[[f"P_{node}_true" for node in NODES]].sum(axis=1)
    shaft = t.T_shaft_true * t.omega_m_true
    np.testing.assert_allclose(current, shaft + heat, rtol=1e-9, atol=1e-7)


def test_heat_in_less_heat_out_is_heat_stored(truth):
    network = ThermalNetwork()
    stores = [network.C_yoke, network.C_tooth, network.C_winding, network.C_pm]
    for _, cycle in truth.groupby(level="cycle"):
        state = cycle[[f"T_{node}_true" for node in NODES]].to_numpy()
        heat = cycle[[f"P_{node}_true" for node in NODES]].to_numpy()[:-1].sum() * 0.5
        yoke, _, _, rotor = (0.5 * (state[1:] + state[:-1])).T
        held = cycle.iloc[:-1]
        shaft = network.G_pm_ambient + network.G_pm_ambient_omega * held.omega_m_true
        out = network.G_yoke_coolant * (yoke - held.T_coolant_true)
        out += network.G_yoke_ambient * (yoke - held.T_ambient_true)
        out += shaft * (rotor - held.T_ambient_true)
        stored = (state[-1] - state[0]) @ stores
        assert stored == pytest.approx(heat - 0.5 * out.sum(), abs=1e-9 * heat)


def test_limits_of_current_and_voltage_hold_in_every_sample(truth):
    machine = PMSM()
    amplitude = np.hypot(truth.i_d_true, truth.i_q_true)
    voltage = np.hypot(truth.u_d_true, truth.u_q_true)
    limit = machine.modulation * truth.u_dc_true / np.sqrt(3.0)
    assert amplitude.max() <= machine.i_max * (1.0 + 1e-12)
    assert (voltage / limit).max() <= 1.0 + 1e-12
    at_limit = (voltage / limit > 0.999).groupby(level="cycle").mean()
    assert at_limit["cycle_01_city"] < 0.1
    assert at_limit["cycle_02_highway"] > 0.5


def test_temperatures_are_those_of_a_drive():
    log = simulate_pmsm(24, rate=1.0, with_truth=True)
    assert 0.0 < log.T_pm_true.min() < 25.0
    assert 115.0 < log.T_pm_true.max() < 160.0
    assert log.T_winding_true.max() < 180.0
    first = log.groupby(level="cycle").first()
    kind = first.index.str.split("_").str[-1]
    settled = log.T_coolant_true.groupby(level="cycle").last() // 25.0 * 25.0
    ambient = first.T_ambient_true // 15.0 * 15.0
    assert len(set(zip(kind, settled, strict=True))) >= 12
    assert len(set(zip(kind, ambient, strict=True))) >= 12


def test_hotter_surroundings_heat_the_rotor_and_weaken_the_magnets():
    cold, hot = (
        simulate_pmsm(
            1,
            rate=1.0,
            kinds=["bench"],
            coolant_temperatures=[coolant],
            with_truth=True,
            **WHOLE,
        )
        for coolant in (20.0, 80.0)
    )
    assert (hot.T_pm_true > cold.T_pm_true + 30.0).all()
    same = (hot.T_m_true - cold.T_m_true).abs() < 1e-6
    turning = same & (cold.T_m_true.abs() > 20.0) & (cold.omega_m_true < 250.0)
    assert turning.sum() > 20
    assert (hot.P_winding_true > cold.P_winding_true)[turning].all()


def test_an_ideal_measurement_is_the_truth():
    log = simulate_pmsm(2, rate=1.0, with_truth=True, **IDEAL)
    for name in SENSORS:
        pd.testing.assert_series_equal(log[name], log[f"{name}_true"], check_names=False)


def test_the_mask_marks_exactly_the_samples_a_spike_changed():
    options = {"n_cycles": 4, "rate": 2.0, "random_state": 2, "with_truth": True}
    clean = simulate_pmsm(spike_rate=0.0, **options)
    spiky = simulate_pmsm(spike_rate=0.01, **options)
    for name, sensor in SENSORS.items():
        mask = spiky[f"fault_{name}"]
        assert mask.equals(spiky[name] != clean[name])
        assert not clean[f"fault_{name}"].any()
        assert mask.any() == sensor.spikes
        if sensor.spikes:
            assert mask.mean() == pytest.approx(0.01, rel=0.4)
            error = (spiky[name] - clean[name]).abs()[mask]
            assert error.min() > 20.0 * sensor.noise


def test_readings_have_the_steps_of_the_converter():
    log = simulate_pmsm(2, rate=2.0)
    for name, sensor in SENSORS.items():
        counts = log[name] / sensor.step
        np.testing.assert_allclose(counts, counts.round(), atol=1e-6)


def test_noise_and_drift_have_the_stated_size():
    options = {"quantize": False, "spike_rate": 0.0, "with_truth": True} | WHOLE
    noisy = simulate_pmsm(4, 2.0, drift=0.0, **options)
    drifting = simulate_pmsm(12, 2.0, noise=0.0, **options)
    for name, sensor in SENSORS.items():
        error = noisy[name] - noisy[f"{name}_true"]
        inside = noisy[f"{name}_true"] > sensor.low + 1.0
        assert error[inside].std() == pytest.approx(sensor.noise, rel=0.05)
        offset = drifting[name] - drifting[f"{name}_true"]
        assert 0.4 * sensor.drift <= offset.std() + 1e-12 <= 1.3 * sensor.drift + 1e-9
        step = offset.groupby(level="cycle").diff().abs().max()
        assert step <= 0.05 * sensor.drift + 1e-9


def test_other_machines_and_networks_are_simulated():
    options = {"n_cycles": 1, "rate": 1.0, "with_truth": True}
    usual = simulate_pmsm(**options)
    light = simulate_pmsm(thermal_network=ThermalNetwork(C_pm=1000.0), **options)
    small = simulate_pmsm(machine=PMSM(i_max=60.0), **options)
    assert light.T_pm_true.std() > usual.T_pm_true.std()
    assert np.hypot(small.i_d_true, small.i_q_true).max() == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_cycles": 0}, r"n_cycles must be an integer >= 1; got 0"),
        ({"n_cycles": 2.5}, r"n_cycles must be an integer >= 1; got 2.5"),
        ({"n_cycles": True}, r"n_cycles must be an integer >= 1; got True"),
        ({"rate": 0.0}, r"rate must be a finite number > 0; got 0.0"),
        ({"rate": np.inf}, r"rate must be a finite number > 0; got inf"),
        ({"rate": "10"}, r"rate must be a finite number > 0; got '10'"),
        ({"random_state": -1}, r"random_state must be an integer >= 0.*got -1"),
        ({"random_state": "a"}, r"random_state must be an integer >= 0.*got 'a'"),
        ({"kinds": ["city", "moon"]}, r"kinds must be .*got \['city', 'moon'\]"),
        ({"kinds": "city"}, r"kinds must be .*got 'city'"),
        ({"kinds": 4}, r"kinds must be .*got 4"),
        ({"coolant_temperatures": 50.0}, r"coolant_temperatures must be a sequence"),
        ({"coolant_temperatures": ["a"]}, r"each of coolant_temperatures must be .*got 'a'"),
        ({"kinds": []}, r"kinds must be .*got \[\]"),
        ({"duration": (600.0,)}, r"duration must be \(shortest, longest\)"),
        ({"duration": (600.0, 500.0)}, r"duration must be \(shortest, longest\)"),
        ({"duration": (34.0, 500.0)}, r"shortest duration must leave 20 samples"),
        ({"coolant_temperatures": []}, r"coolant_temperatures must be a sequence"),
        ({"coolant_temperatures": [np.nan]}, r"each of coolant_temperatures must be"),
        ({"ambient_temperatures": [100.0]}, r"ambient_temperatures .*<= 60; got 100.0"),
        ({"noise": -1.0}, r"noise must be a finite number >= 0; got -1.0"),
        ({"drift": np.nan}, r"drift must be a finite number >= 0; got nan"),
        ({"spike_rate": 1.5}, r"spike_rate .*>= 0 and <= 1; got 1.5"),
        ({"quantize": "no"}, r"quantize must be True or False; got 'no'"),
        ({"gap": -1.0}, r"gap must be a finite number >= 0; got -1.0"),
        ({"truncate": 1.0}, r"truncate must be a finite number >= 0 and < 1; got 1.0"),
        ({"with_truth": 1}, r"with_truth must be True or False; got 1"),
        ({"machine": {"R_20": 1.0}}, r"machine must be a PMSM"),
        ({"machine": PMSM(R_20=0.0)}, r"machine.R_20 must be a finite number > 0; got 0.0"),
        ({"machine": PMSM(pole_pairs=1.5)}, r"machine.pole_pairs must be an integer >= 1"),
        ({"machine": PMSM(L_d=1.0)}, r"machine.L_d must not be greater than L_q=0.0005; got 1.0"),
        ({"machine": PMSM(yoke_share=2.0)}, r"machine.yoke_share .*<= 1; got 2.0"),
        ({"thermal_network": 3.0}, r"thermal_network must be a ThermalNetwork"),
        ({"thermal_network": ThermalNetwork(C_pm=0.0)}, r"thermal_network.C_pm .*> 0; got 0.0"),
        ({"thermal_network": ThermalNetwork(G_tooth_pm=-1)}, r"G_tooth_pm .*>= 0; got -1"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        simulate_pmsm(**({"n_cycles": 2} | parameters))


def test_units_are_told_for_every_signal():
    log = simulate_pmsm(n_cycles=1, rate=1.0, with_truth=True)
    units = log.attrs["units"]
    assert {name for name, unit in units.items() if not unit} == set()
    assert set(log.columns) - set(units) == {c for c in log.columns if c.startswith("fault_")}
    assert (units["i_d"], units["T_m_true"], units["T_yoke_true"]) == ("A", "Nm", "°C")
