"""check_log tells codes that were read wrongly from signals that only look like them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.quality import check_log

KINDS = ("unsigned", "not available", "code limit")
N = 6000
T = np.arange(N)


def of_codes(x, **options):
    """Problems with codes, of one channel 'x'."""
    options = {"rate": 10.0} | options
    check = check_log(pd.DataFrame({"x": x}), **options)
    return [problem for problem in check.problems if problem.kind in KINDS]


def mended(x, problem):
    """The channel after the step that the words of a problem advise."""
    advised = re.search(r"(SignedCodes|PhysicalLimits)\(.*?\)(?= reads| takes)", problem.text)
    step = eval(f"sp.{advised[0]}", {"sp": sp})
    return step.fit_transform(pd.DataFrame({"x": x}))["x"].to_numpy()


def noise(seed=0):
    return np.random.default_rng(seed).normal(size=N)


def held(values, seed=0):
    """Levels, each for 50 samples."""
    return np.repeat(np.random.default_rng(seed).choice(values, N // 50), 50).astype(float)


MEANT = {
    "wandering": np.round(np.cumsum(noise()) * 5 - 5 * np.cumsum(noise()).mean()),
    "sine": np.round(900 * np.sin(T / 40)),
    "full scale": np.round(32_000 * np.sin(T / 40)),
    "full scale, few samples a period": np.round(32_000 * np.sin(T / 3.3)),
    "noise": np.round(2 * noise()),
    "noise of one step": np.round(0.6 * noise()),
    "one way through zero": np.round(3000 * np.cos(np.pi * T / N) + 10 * np.sin(T)),
}


@pytest.mark.parametrize("name", MEANT)
@pytest.mark.parametrize("lsb", [1.0, 0.1, 0.25, 360 / 65536])
def test_signed_numbers_read_as_unsigned(name, lsb):
    meant = MEANT[name]
    read = np.where(meant < 0, meant + 65536, meant) * lsb
    (problem,) = of_codes(read)
    assert problem.kind == "unsigned"
    assert problem.severity == "warning"
    assert problem.channel == "x"
    assert (meant[problem.row - 1] < 0) != (meant[problem.row] < 0)
    np.testing.assert_allclose(mended(read, problem), meant * lsb, rtol=1e-12)
    assert not of_codes(meant * lsb)


@pytest.mark.parametrize("bits", [8, 10, 12, 16, 24])
def test_of_other_widths(bits):
    meant = np.round(0.4 * 2 ** (bits - 1) * np.sin(T / 40))
    (problem,) = of_codes(meant % 2**bits)
    assert f"SignedCodes(bits={{'x': {bits}}})" in problem.text


SPEED = np.round(1500 + 800 * np.sin(T / 100))
NOT_AVAILABLE = {
    "0xFFFF": (SPEED, 65535),
    "0xFFFE": (SPEED, 65534),
    "signed 0x8000": (MEANT["wandering"], -32768),
    "signed 0x7FFF": (MEANT["wandering"], 32767),
    "gears": (held(range(8)), 255),
    "on and off": (held([0, 1]), 255),
    "a wide range": (np.round(30_000 + 20_000 * np.sin(T / 100)), 65535),
}


@pytest.mark.parametrize("name", NOT_AVAILABLE)
@pytest.mark.parametrize("lsb", [1.0, 0.1, 0.25])
def test_codes_for_no_value(name, lsb):
    good, code = NOT_AVAILABLE[name]
    x = good.copy()
    x[[777, 2000, 2001, 2002]] = code
    (problem,) = of_codes(x * lsb)
    assert problem.kind == "not available"
    assert problem.row == 777
    assert f"4 samples at {code * lsb:.9g}" in problem.text
    clean = mended(x * lsb, problem)
    assert (clean[2000:2003] == x[1999] * lsb).all()
    assert not of_codes(good * lsb)
    assert not of_codes(clean)


def test_several_codes_missing_samples_and_single_precision():
    x = SPEED * 0.1
    x[10:20], x[30] = 6553.5, 6553.4
    for values in (x, x.astype(np.float32)):
        (problem,) = of_codes(values)
        step = "SignedCodes(not_available={'x': [65534, 65535]}, lsb={'x': 0.1}) takes them out"
        assert step in problem.text
    x[40] = np.nan
    (problem,) = of_codes(x)
    assert "lsb={'x': 0.1}, nan_policy='omit')" in problem.text
    assert np.nanmax(mended(x, problem)) < 231


def test_a_signed_channel_may_have_a_code_for_no_value_as_well():
    read = MEANT["wandering"] % 65536
    read[100:110] = 32768
    unsigned, missing = of_codes(read)
    step = "SignedCodes(bits={'x': 16}, not_available={'x': 32768})"
    assert (unsigned.kind, missing.kind) == ("unsigned", "not available")
    assert step in unsigned.text
    assert step in missing.text
    clean = mended(read, missing)
    np.testing.assert_array_equal(np.delete(clean, range(100, 110)), np.delete(
        MEANT["wandering"], range(100, 110)))  # fmt: skip


FULL_SCALE = {
    "converter": (np.clip(np.round(512 + 700 * np.sin(T / 31)), 0, 1023), "1023", 10),
    "scaled": (0.1 * np.clip(np.round(3000 + 2000 * np.sin(T / 31)), 0, 4095), "409.5", 12),
    "signed": (np.clip(np.round(4e4 * np.sin(T / 31)), -32768, 32767), "-32768 and 32767", 16),
    "signed, above": (np.clip(np.round(60 + 120 * np.sin(T / 31)), -128, 127), "127", 8),
}


@pytest.mark.parametrize("name", FULL_SCALE)
def test_the_end_of_what_a_field_can_say(name):
    x, ends, bits = FULL_SCALE[name]
    check = check_log(pd.DataFrame({"x": x}), rate=10.0)
    (problem,) = (p for p in check.problems if p.kind in ("code limit", "saturated"))
    assert problem.kind == "code limit"
    assert f"flat at {ends}, the end of what {bits} bits can say" in problem.text
    assert check.channels.loc["x", "saturated"]
    clean = mended(x, problem)
    inside = np.abs(x) < np.abs(x).max() - 1
    np.testing.assert_array_equal(clean[inside], x[inside])
    assert not np.isin(clean[200:], [float(end) for end in ends.split(" and ")]).any()


def test_saturation_elsewhere_is_no_matter_of_codes():
    x = np.clip(np.round(512 + 700 * np.sin(T / 31)), 0, 1000)
    for values in (x, 1511 - x):  # flat at 1000, and at 511 as its least value
        check = check_log(pd.DataFrame({"x": values}), rate=10.0)
        assert {problem.kind for problem in check.problems} == {"saturated"}


INNOCENT = {
    "a turning angle": np.round(37.3 * T) % 65536,
    "a slowly turning angle": np.round(3.3 * T) % 65536,
    "a turning angle with noise": np.round(21.3 * T + 30 * noise()) % 65536,
    "an angle beyond half a turn a sample": np.round(25_000.7 * T) % 65536,
    "an angle to and fro": np.round(131_072 * np.sin(T / 500)) % 65536,
    "an angle that wanders": np.round(2000 * np.cumsum(noise())) % 65536,
    "a scaled angle": (np.round(137.3 * T) % 65536) * (360 / 65536),
    "an angle of 8 bits": np.round(2.3 * T) % 256,
    "tenths of degrees": np.round(7.7 * T) % 3600,
    "an angle once past zero": np.round(60_000 + 1.9 * T) % 65536,
    "a counter": T % 256,
    "a counter once past zero": (65_000 + T) % 65536,
    "a counter that starts anew": (T % 100 + 250) % 256,
    "the row number": T,
    "gears": held(range(8)),
    "on and off": held([0, 1]),
    "on and off, all bits": held([0, 255]),
    "masks": held([1, 3, 7, 15, 31, 63, 127, 255]),
    "set points": held([0, 500, 1000, 1500]),
    "8 bits to the end": np.round(127.5 + 127.5 * np.sin(T / 40)),
    "8 bits that jump": held(range(256)),
    "8 bits, two levels": held([3, 250]) + np.random.default_rng(1).integers(0, 3, N),
    "numbers without a step": noise(),
    "numbers of two places": np.round(100 * noise(), 2),
    "a signed signal": MEANT["wandering"],
    "its amount": np.abs(MEANT["wandering"]),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_no_false_alarm(name):
    assert not of_codes(INNOCENT[name])
    assert not of_codes(0.1 * INNOCENT[name])


def test_cycles_of_an_angle_that_starts_anywhere():
    assert not of_codes(INNOCENT["a turning angle"], cycle=list(T // 20))


def test_a_jump_from_one_cycle_to_the_next_is_none():
    x = np.where(T // 500 % 2, 65_000 + T % 500, T % 500)
    assert not of_codes(x, cycle=list(T // 500))


def test_simulated_drives_are_innocent():
    log = sp.datasets.simulate_pmsm(n_cycles=3, rate=10.0, random_state=0)
    assert not [problem for problem in check_log(log).problems if problem.kind in KINDS]


def test_integers_infinities_and_nothing():
    x = (MEANT["sine"] % 65536).astype(np.uint16)
    assert [problem.kind for problem in of_codes(x)] == ["unsigned"]
    broken = x.astype(np.float64)
    broken[7] = np.inf
    assert [problem.kind for problem in of_codes(broken)] == ["unsigned"]
    assert not of_codes(np.full(50, np.nan))
    assert not of_codes(np.full(50, 65535.0))
