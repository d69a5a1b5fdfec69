"""Exponential means as integers: near the exact mean for any input and span."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter
from sklearn.pipeline import FeatureUnion

import signalprep as sp
from integer_checks import BOUNDS, agrees, integer, log_of, rough
from signalprep.embedded import Format, lower


def _step(spans: list, log: object, **settings: object) -> sp.ExponentialFeatures:
    return sp.ExponentialFeatures(spans, statistics=["mean"], **settings).fit(log)


@pytest.mark.parametrize("bits", [12, 16])
def test_follows_the_float_step(bits: int) -> None:
    log = log_of(rough(np.random.default_rng(0), 2, bits))
    step = _step([1, 7, 600, 60_000, 1_200_000], log)
    off = integer(step, log, bits).predict(log) - step.transform(log).to_numpy()
    assert (off[:, :2] == 0).all()
    assert np.abs(off).max() < 0.1


def test_c_and_streams_agree(tmp_path: Path) -> None:
    cases = []
    for bits, settings in ((16, {}), (12, {"keep_inputs": False, "columns": ["x1"]})):
        log = log_of(rough(np.random.default_rng(bits), 2, bits))
        cases.append((integer(_step([3, 300, 1_200_000], log, **settings), log, bits), log))
    log = log_of(rough(np.random.default_rng(20), 1, 20))
    cases.append((integer(sp.ExponentialFeatures([3, 1_200_000]).fit(log), log, 20), log))
    agrees(tmp_path, *cases)


@pytest.mark.parametrize("span", [12_000, 60_000, 1_200_000])
def test_rounding_does_not_add_up(span: int) -> None:
    """Inputs that end far from where a mean is, and near, and in between."""
    n = 4_000
    time = np.arange(n)
    codes = np.stack([np.where(time < 10, 32767, -32768), np.where(time < 10, 0, 1)], axis=1)
    codes = np.concatenate([codes, np.stack([time % 3 - 1, 30000 + (time * 7) % 5], axis=1)])
    log = sp.as_log(codes.astype(float), rate=1000.0)
    model = integer(_step([span], log, keep_inputs=False), log)
    alpha = np.longdouble(2) / (span + 1)
    x = codes.astype(np.longdouble)
    exact = lfilter([float(alpha)], [1, float(alpha - 1)], x - x[0], axis=0) + x[0]
    assert np.abs(model.predict(log) - exact).max() < 0.1


def test_a_constant_stays_itself() -> None:
    log = log_of(np.full((2000, 2), [[-32768, 777]]))
    model = integer(_step([2, 100, 100_000], log), log)
    np.testing.assert_array_equal(
        model.predict(log), np.repeat(log, [4, 4], axis=1)[:, [0, 4, 1, 2, 3, 5, 6, 7]]
    )
    assert BOUNDS[-1] == len(log)


@pytest.mark.parametrize("bits", [26, 30, 31, 32])
def test_a_channel_of_any_width_is_followed(bits: int, tmp_path: Path) -> None:
    """Its state has no bits left behind the step of the input."""
    log = log_of(rough(np.random.default_rng(0), 2, bits))
    step = _step([2, 10, 600], log, keep_inputs=False)
    model = integer(step, log, bits)
    off = np.abs(model.predict(log) - step.transform(log).to_numpy())
    assert off.max() < 2.0 ** (bits - 21)
    agrees(tmp_path, (model, log))


def test_a_wide_channel_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    widths = {"x0": 12, "x1": 29, "x2": 24}
    log = log_of(np.hstack([rough(rng, 1, bits) for bits in widths.values()]))
    step = _step([3, 600], log, keep_inputs=False)
    model = lower(step, {name: Format(1.0, bits=bits) for name, bits in widths.items()})
    off = np.abs(model.predict(log) - step.transform(log).to_numpy()).max(axis=0)
    assert off[:2].max() < 0.1
    assert off[2:].max() < 2.0 ** (29 - 21)
    agrees(tmp_path, (model, log))


@pytest.mark.parametrize("bits", [12, 16, 20, 32])
def test_deviations_follow_the_float_step(bits: int) -> None:
    log = log_of(rough(np.random.default_rng(0), 2, bits))
    settings = {"statistics": ["std", "mean"], "keep_inputs": False}
    step = sp.ExponentialFeatures([1, 2, 7, 600, 12_000, 1_200_000], **settings).fit(log)
    model = integer(step, log, bits)
    found, exact = model.predict(log), step.transform(log).to_numpy()
    assert (found[:, ::12] == 0).all()  # of a single sample
    assert (found[list(BOUNDS[:-1]), ::2] == 0).all()
    assert np.abs(found - exact).max() < max(0.1, 2.0 ** (bits - 19))


@pytest.mark.parametrize("span", [12_000, 1_200_000])
def test_deviations_do_not_add_roundings_up(span: int) -> None:
    """Signals from end to end that fall silent, that always were, and that hardly move."""
    time = np.arange(6_000)
    wild = np.where(time < 5, np.where(time % 2, 32767, -32768), time % 2)
    codes = np.stack([wild, np.full(6_000, 777), time % 3 - 1], axis=1)
    log = sp.as_log(codes.astype(float), rate=1000.0)
    step = sp.ExponentialFeatures([span], statistics=["std"], keep_inputs=False).fit(log)
    found = integer(step, log).predict(log)
    assert (found[:, 1] == 0).all()
    assert np.abs(found - step.transform(log).to_numpy()).max() < 0.1


def test_deviations_are_never_below_0() -> None:
    """Whatever the sign of a step; the offset of a channel is none of theirs."""
    log = log_of(rough(np.random.default_rng(1), 1, 12), lsb=0.5) - 40.0
    turned = FeatureUnion([("x", "passthrough")], transformer_weights={"x": -2.0})
    model = sp.make_pipeline(turned, sp.ExponentialFeatures([9])).fit(log)
    found = lower(model, {"x0": Format(0.5, -40.0, bits=12)}).predict(log)
    assert np.abs(found - model.transform(log).to_numpy()).max() < 0.05
