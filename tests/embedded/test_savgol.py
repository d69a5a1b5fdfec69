"""Causal Savitzky-Golay filters as integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep.embedded.lowering._weights import whole_weights
from signalprep.errors import LoweringError

CASES = [
    (16, {}),
    (12, {"window_length": 21, "polyorder": 2, "columns": ["x1"]}),
    (16, {"window_length": 9, "polyorder": 2, "deriv": 1}),
    (12, {"window_length": 8, "polyorder": 4, "deriv": 2}),
]


@pytest.mark.parametrize(("bits", "settings"), CASES)
def test_follows_the_float_step(bits: int, settings: dict) -> None:
    """Start-up rows, too, half an output step off and hardly more."""
    log = log_of(rough(np.random.default_rng(0), 2, bits), lsb=0.5)
    step = sp.SavitzkyGolayFilter(**settings).fit(log)
    model = integer(step, log, bits, 0.5)
    off = np.abs(model.predict(log) - step.transform(log).to_numpy())
    of_weights = 0.5 * step.window_ * np.abs(step.weights_).max() * 2.0 ** (bits - 31)
    assert (off.max(axis=0) <= 0.5 * model.lsb_ + of_weights).all()
    if not settings.get("deriv"):
        assert off.max() <= 0.5 / 64


def test_c_and_streams_agree(tmp_path: Path) -> None:
    cases = []
    for bits, settings in CASES:
        log = log_of(rough(np.random.default_rng(bits), 2, bits))
        cases.append((integer(sp.SavitzkyGolayFilter(**settings).fit(log), log, bits), log))
    agrees(tmp_path, *cases)


@pytest.mark.parametrize("deriv", [0, 1])
def test_a_constant_stays_itself(deriv: int) -> None:
    log = log_of(np.full((2000, 2), [[-32768, 777]]))
    model = integer(sp.SavitzkyGolayFilter(31, deriv=deriv).fit(log), log)
    np.testing.assert_array_equal(model.predict(log), log.to_numpy() * (deriv == 0))


def test_whole_weights_keep_their_sum() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        weights = rng.normal(size=rng.integers(1, 90))
        weights /= weights.sum()
        whole = whole_weights(weights, 20)
        assert whole.sum() == 2**20
        assert np.abs(whole - weights * 2.0**20).max() <= 1


def test_refuses_more_filters_than_fit() -> None:
    log = log_of(rough(np.random.default_rng(0), 1))
    with pytest.raises(LoweringError, match="SavitzkyGolayFilter.*grows to 201 samples"):
        integer(sp.SavitzkyGolayFilter(201).fit(log), log)
