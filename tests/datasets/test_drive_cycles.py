import numpy as np
import pytest

from signalprep.datasets._drive_cycles import (
    FASTEST_BENCH,
    KINDS,
    LARGEST_BENCH_POWER,
    LARGEST_BENCH_TORQUE,
    T_REGENERATION,
    drive_cycle,
)

TIME = np.arange(9000) / 10.0


@pytest.fixture(scope="module")
def drives():
    return {kind: drive_cycle(kind, TIME, np.random.default_rng(1)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_drive_starts_at_rest_and_moves_smoothly_forward(drives, kind):
    omega_m, _ = drives[kind]
    assert omega_m[0] == pytest.approx(0.0, abs=20.0 if kind == "bench" else 1e-9)
    assert omega_m.min() >= 0.0
    assert omega_m.max() < 1250.0
    assert np.abs(np.diff(omega_m)).max() < 130.0


@pytest.mark.parametrize("kind", ["city", "highway", "hill"])
def test_demands_on_the_road_stay_within_a_traction_machine(drives, kind):
    omega_m, demand = drives[kind]
    assert demand.min() >= T_REGENERATION
    assert demand.min() < -10.0
    assert demand.max() < 270.0
    assert (omega_m * demand).max() < 130e3
    assert (demand[omega_m < 0.1] == 0.0).mean() > 0.9


def test_kinds_differ_as_their_names_say(drives):
    speed = {kind: drives[kind][0] for kind in KINDS}
    assert speed["highway"].mean() > 2.0 * speed["city"].mean()
    assert (speed["city"] < 1.0).mean() > 2.0 * (speed["highway"] < 1.0).mean()
    steady = np.abs(np.diff(speed["bench"])) < 1e-9
    assert steady.mean() > 0.8
    load = {kind: np.abs(drives[kind][1]).mean() for kind in KINDS}
    assert load["hill"] > load["highway"]


def test_the_bench_stays_within_its_limits(drives):
    omega_m, demand = drives["bench"]
    held = np.abs(np.diff(omega_m, prepend=0.0)) < 1e-9
    assert omega_m.max() <= FASTEST_BENCH
    assert np.abs(demand).max() <= LARGEST_BENCH_TORQUE
    assert (omega_m * np.abs(demand))[held].max() <= LARGEST_BENCH_POWER * (1.0 + 1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sampling_does_not_change_the_drive(drives, kind):
    coarse = drive_cycle(kind, TIME[::10], np.random.default_rng(1))
    for fine, other in zip(drives[kind], coarse, strict=True):
        np.testing.assert_allclose(fine[::10], other, rtol=1e-9, atol=1e-9)
