from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.ticker import MaxNLocator

from signalprep.report._drawing import Scale, path, round_values, scale_for, thin


def test_thin_keeps_the_extremes_of_every_span() -> None:
    rng = np.random.default_rng(0)
    times, values = np.arange(10_000) / 10.0, rng.normal(size=10_000)
    rows = thin(times, values, 50)
    assert len(rows) <= 100
    assert (np.diff(rows) > 0).all()
    for span in np.array_split(np.arange(10_000), 50):
        kept = values[rows[np.isin(rows, span)]]
        assert kept.max() == values[span].max()
        assert kept.min() == values[span].min()


def test_short_lines_are_kept_whole() -> None:
    assert thin(np.arange(7.0), np.arange(7.0), 4).tolist() == list(range(7))


@pytest.mark.parametrize("n", [100, 5000])
def test_a_gap_breaks_the_line(n: int) -> None:
    times = np.concatenate((np.arange(n), np.arange(n) + 2.0 * n)) / 10.0
    values = np.sin(times)
    scale = scale_for(times, 0.0, 700.0, pad=0.0)
    line = path(times, values, scale, scale_for(values, 100.0, 0.0), 0.1, 400)
    assert line.count("M") == 2
    assert len(re.findall("[ML]", line)) <= 802
    whole = path(times[:n], values[:n], scale, scale_for(values, 100.0, 0.0), 0.1, 400)
    assert whole.count("M") == 1


def test_scale_maps_ends_and_leaves_room() -> None:
    scale = scale_for(np.array([10.0, 20.0]), 200.0, 0.0)
    assert scale(9.5) == 200.0
    assert scale(20.5) == 0.0
    assert scale_for(np.array([0.0, 5.0]), 0.0, 100.0, pad=0.0)(5.0) == 100.0
    flat = scale_for(np.array([3.0, 3.0]), 0.0, 100.0)
    assert flat(3.0) == 50.0


def test_round_values_are_those_of_matplotlib() -> None:
    rng = np.random.default_rng(0)
    for most in (3, 4, 5, 8):
        for _ in range(100):
            low, width = rng.normal() * 10 ** rng.uniform(-2, 4), 10 ** rng.uniform(-2, 4)
            other = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, low + width)
            inside = other[(other >= low) & (other <= low + width)]
            step, values = round_values(low, low + width, most)
            np.testing.assert_allclose(values, inside, rtol=1e-9, atol=1e-9 * width)
            assert step == pytest.approx(other[1] - other[0])


def test_ticks_are_round_and_inside() -> None:
    ticks = Scale(-3.0, 11.0, 0.0, 140.0).ticks(5)
    assert [tick["text"] for tick in ticks] == ["0", "5", "10"]
    assert [tick["at"] for tick in ticks] == [30.0, 80.0, 130.0]
    fine = Scale(0.0, 0.1, 0.0, 1.0).ticks(4)
    assert [tick["text"] for tick in fine] == ["0.000", "0.025", "0.050", "0.075", "0.100"]
