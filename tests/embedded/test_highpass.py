"""High-pass filters as integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from integer_checks import BOUNDS, agrees, integer, log_of, rough
from signalprep.errors import LoweringError

CASES = [(16, 5.0, 2), (12, 30.0, 1), (16, 0.02, 2), (12, 2.0, 5)]


def _step(log: object, cutoff: float, order: int) -> sp.Detrender:
    return sp.Detrender("highpass", cutoff=cutoff, order=order).fit(log)


def _exact(sos: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The sections one by one, in long floats, at rest on the first row."""
    values = (x - x[0]).astype(np.longdouble)
    for b0, b1, b2, _, a1, a2 in sos.astype(np.longdouble):
        z0 = z1 = np.zeros(x.shape[1], dtype=np.longdouble)
        for i, v in enumerate(values.copy()):
            y = b0 * v + z0
            z0, z1 = b1 * v - a1 * y + z1, b2 * v - a2 * y
            values[i] = y
    return values


@pytest.mark.parametrize(("bits", "cutoff", "order"), CASES)
def test_follows_the_exact_filter(bits: int, cutoff: float, order: int) -> None:
    codes = rough(np.random.default_rng(order), 2, bits)
    log = log_of(codes)
    step = _step(log, cutoff, order)
    found = integer(step, log, bits).predict(log)
    assert np.abs(found - step.transform(log).to_numpy()).max() < 0.02
    begin, end = BOUNDS[-2:]
    assert np.abs(found[begin:end] - _exact(step.sections_, codes[begin:end])).max() < 0.02


def test_c_and_streams_agree(tmp_path: Path) -> None:
    cases = []
    for bits, cutoff, order in CASES:
        log = log_of(rough(np.random.default_rng(order), 2, bits))
        cases.append((integer(_step(log, cutoff, order), log, bits), log))
    agrees(tmp_path, *cases)


def test_a_constant_gives_nothing() -> None:
    log = log_of(np.full((2000, 2), [[-32768, 777]]))
    assert (integer(_step(log, 1.0, 3), log).predict(log) == 0.0).all()


def test_refuses() -> None:
    log = log_of(rough(np.random.default_rng(0), 1))
    with pytest.raises(LoweringError, match="Detrender.*cutoff=1e-06 Hz is too low"):
        integer(_step(log, 1e-6, 2), log)
