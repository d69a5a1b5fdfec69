"""Clarke and Park transforms as integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep.embedded import Format, IntegerModel, lower
from signalprep.errors import LoweringError

TURN = 2 * np.pi / 65536


def _park(
    bits: int, lsb: float = TURN, **settings: object
) -> tuple[sp.ParkTransformer, object, IntegerModel]:
    log = log_of(rough(np.random.default_rng(bits), 3, bits))
    log["x2"] = np.random.default_rng(0).integers(-32768, 32768, len(log)) * lsb
    step = sp.ParkTransformer(["x0", "x1"], **({"angle": "x2"} | settings)).fit(log)
    formats = {"x0": Format(1.0, bits=bits), "x1": Format(1.0, bits=bits), "x2": Format(lsb)}
    return step, log, lower(step, formats)


@pytest.mark.parametrize("power_invariant", [False, True])
@pytest.mark.parametrize("columns", [["x0", "x1", "x2"], ["x2", "x0"]])
def test_clarke_is_exact(columns: list, power_invariant: bool) -> None:
    log = log_of(rough(np.random.default_rng(0), 3))
    step = sp.ClarkeTransformer(columns, power_invariant=power_invariant).fit(log)
    found = integer(step, log).predict(log)
    np.testing.assert_allclose(found, step.transform(log), rtol=1e-14, atol=1e-10)


def test_clarke_of_phases_with_steps_of_their_own() -> None:
    log = log_of(rough(np.random.default_rng(0), 3))
    step = sp.ClarkeTransformer(["x0", "x1", "x2"]).fit(log)
    formats = {"x0": Format(1.0), "x1": Format(0.5, 100.0, bits=18), "x2": Format(1.0)}
    off = lower(step, formats).predict(log) - step.transform(log).to_numpy()
    assert np.abs(off).max() < 1e-3


@pytest.mark.parametrize(
    ("bits", "settings"),
    [(16, {}), (12, {"pole_pairs": 5, "offset": 0.3}), (16, {"lsb": 0.001}), (16, {"angle": 0.7})],
)
def test_park_is_off_by_little_more_than_a_step_of_its_sine(bits: int, settings: dict) -> None:
    step, log, model = _park(bits, **settings)
    off = np.abs(model.predict(log) - step.transform(log).to_numpy())
    most = np.abs(log[["x0", "x1"]].to_numpy()).sum(axis=1) * 1.1 / 32768
    assert (off[:, :2] <= most[:, None] + 0.5 * model.lsb_[:2]).all()
    assert (model.lsb_[:2] < 0.01).all()
    assert (off[:, 2] == 0).all()


def test_park_after_clarke(tmp_path: Path) -> None:
    log = log_of(rough(np.random.default_rng(1), 4))
    log["x3"] *= TURN
    log.columns = ["i_a", "i_b", "i_c", "theta_e"]
    both = sp.make_pipeline(sp.ClarkeTransformer(), sp.ParkTransformer()).fit(log)
    model = lower(both, {name: Format(1.0) for name in log.columns[:3]} | {"theta_e": Format(TURN)})
    off = np.abs(model.predict(log) - both.transform(log).to_numpy())[:, :2]
    assert off.max() < 1.1 / 32768 * np.abs(log.to_numpy()[:, :3]).max() * 4
    agrees(tmp_path, (model, log), _park(12, pole_pairs=3)[2:0:-1])


def test_refuses() -> None:
    log = log_of(rough(np.random.default_rng(0), 3, 12))
    step = sp.ClarkeTransformer(nan_policy="omit", columns=["x0", "x1", "x2"]).fit(log)
    with pytest.raises(LoweringError, match="ClarkeTransformer.*nan_policy='omit'"):
        integer(step, log, 12)
    with pytest.raises(LoweringError, match="ParkTransformer.*a step of its angle is 7 rad"):
        _park(12, 7.0)
    step = sp.ParkTransformer(["x0", "x1"], "x2").fit(log)
    formats = {name: Format(1.0, bits=12) for name in log} | {
        "x2": Format(2 * np.pi / 2**31, bits=31, signed=False)
    }
    with pytest.raises(LoweringError, match="its angle takes 32 bits with a sign, more than 31"):
        lower(step, formats)
