"""AtRate as integers: a slow task behind its anti-alias filter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep.errors import LoweringError


def _fitted(factor: int, bits: int, inner: object = None) -> tuple[sp.AtRate, object]:
    log = log_of(rough(np.random.default_rng(factor), 2, bits))
    return sp.AtRate(Ridge() if inner is None else inner, factor).fit(log, log["x0"] * 0.75), log


@pytest.mark.parametrize(("factor", "bits"), [(1, 16), (3, 12), (7, 16)])
def test_follows_the_float_estimator(factor: int, bits: int) -> None:
    model, log = _fitted(factor, bits)
    off = integer(model, log, bits).predict(log) - model.predict(log)
    weights = np.abs(model.estimator_.coef_).sum()
    assert np.abs(off).max() <= weights / 128 + 1e-4


def test_steps_inside_run_at_the_slow_rate(tmp_path: Path) -> None:
    cases = []
    for factor, bits, step in (
        (4, 16, sp.HampelFilter(5, action="hold", min_scale=0.0)),
        (5, 12, sp.ExponentialFeatures([3, 50], statistics=["mean"])),
        (2, 16, sp.SavitzkyGolayFilter(5, polyorder=2)),
    ):
        model, log = _fitted(factor, bits, sp.make_pipeline(step, Ridge()))
        cases.append((integer(model, log, bits), log))
    _, log = cases[0]
    nested = sp.AtRate(sp.AtRate(Ridge(), 2), 3).fit(log, log["x0"])
    whole = integer(nested, log)
    assert np.abs(whole.predict(log) - nested.predict(log)).max() < 0.1
    agrees(tmp_path, *cases, (whole, log))


def test_the_hold_is_exact() -> None:
    model, log = _fitted(7, 16)
    whole = integer(model, log)
    found, kept = whole.predict_codes(log)[:, 0], model.native_rows(log)
    np.testing.assert_array_equal(found, np.repeat(found[kept], np.diff([*kept, len(log)])))


def test_refuses() -> None:
    log = log_of(rough(np.random.default_rng(0), 1, 12), rate=100.0)
    for settings, reason in (
        ({"rate": 40.0}, "by 5/2; give a whole factor"),
        ({"factor": 60}, "the filters of factor=60 take .* bytes"),
    ):
        model = sp.AtRate(Ridge(), **settings).fit(log, log["x0"])
        with pytest.raises(LoweringError, match=f"AtRate.*{reason}"):
            integer(model, log, 12)
    with pytest.raises(LoweringError, match="Decimator.*use AtRate"):
        integer(sp.Decimator(3).fit(log), log, 12)
