"""What to record next: the order, the number of cycles, and that it is enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from example_validation import example_validation
from signalprep.errors import InvalidParameterError
from signalprep.results import Validation
from signalprep.results._more_cycles import MOST_CYCLES, first_enough, forecast


@pytest.fixture(scope="module")
def validation():
    return example_validation()


def one_map(spread: dict[str, float], cycles: dict[str, int], seed: int = 0) -> Validation:
    """Cells whose RMSE differs from cycle to cycle by `spread`, seen by so many cycles."""
    rng = np.random.default_rng(seed)
    n_cycles, n = max(cycles.values()), 40
    frames = []
    for cycle in range(n_cycles):
        start = 0
        for cell, count in cycles.items():
            if cycle >= count:
                continue
            size = 2.0 * np.exp(spread[cell] * rng.normal())
            time = (start + np.arange(n)) / 10.0
            start += n
            index = pd.MultiIndex.from_product([[cycle], time], names=["cycle", "time"])
            error = size * rng.choice([-1.0, 1.0], size=n)
            frames.append(pd.DataFrame({"prediction": error, "cell": cell}, index=index))
    rows = pd.concat(frames).assign(truth=0.0, omega_m=0.0, T_m=0.0)
    labels = pd.DataFrame(
        {"cell": pd.Categorical(rows["cell"], categories=[*cycles, "never"])}, index=rows.index
    )
    return example_validation(rows, labels, n_bootstrap=200)


SPREAD = {"wide": 0.8, "narrow": 0.1, "typical": 0.3, "rare": 0.3}
CYCLES = {"wide": 12, "narrow": 12, "typical": 12, "rare": 2}


def test_without_limits_the_widest_comes_first_then_too_few_then_never():
    table = one_map(SPREAD, CYCLES).next_tests()
    assert table.index.tolist() == ["wide", "rare", "never"]
    assert table["more_cycles"].tolist()[1:] == [1, 3]
    assert (
        table.loc["wide", "expected_width"] < table.loc["wide", "high"] - table.loc["wide", "low"]
    )
    assert "times as wide as that of the typical cell" in table.loc["wide", "why"]
    assert table.loc["rare", "why"] == "no evidence: seen by 2 cycles, 3 are needed"
    assert "never visited" in table.loc["never", "why"]
    np.testing.assert_allclose(table["seconds"], 4.0 * table["more_cycles"])


def test_with_limits_cells_that_are_decided_are_left_out():
    result = one_map(SPREAD, CYCLES)
    assert result.next_tests(limits={"rmse": 1e3}).index.tolist() == ["rare", "never"]
    assert result.next_tests(limits={"rmse": 0.01}).index.tolist() == ["rare", "never"]
    wide = result.by_regime.loc["wide"]
    verdict = result.verdict({"rmse": 0.5 * (wide["rmse"] + wide["rmse_high"])})
    table = result.next_tests(limits=verdict)
    assert table.index.tolist()[0] == "wide"
    assert 12 < table.loc["wide", "more_cycles"] < 36
    assert "crosses the limit of" in table.loc["wide", "why"]


def test_the_fewest_cycles_that_decide_come_first(validation):
    table = validation.next_tests(None, limits={"rmse": 1.0, "p95": 2.0})
    undecided = table[table["why"].str.contains("crosses")]
    assert undecided["more_cycles"].is_monotonic_increasing
    assert table.index.is_unique
    verdict = validation.verdict({"rmse": 1.0, "p95": 2.0})
    expected = verdict.by_cell.isin(["underpowered"]).sum()
    assert len(undecided) == expected
    few = table[table["why"].str.startswith("no evidence")]
    assert len(few) == (verdict.by_cell == "no evidence").sum()
    assert few["more_cycles"].between(1, 3).all()
    seen = (3 - few["more_cycles"]).tolist()
    assert seen == sorted(seen, reverse=True)


def test_a_value_at_the_limit_cannot_be_told(validation):
    cell = validation.by_regime[validation.by_regime["evidence"]].index[0]
    value = float(validation.by_regime.loc[cell, "rmse"])
    table = validation.next_tests(None, limits={"rmse": {cell: value}})
    assert table.loc[cell, "more_cycles"] == 100
    assert "too close to it to tell with 100 more cycles" in table.loc[cell, "why"]


@pytest.mark.parametrize("metric", ["bias", "rmse"])
def test_an_interval_shrinks_as_students_quantile_over_the_root_of_the_cycles(metric):
    value, reach = (0.5, 0.25) if metric == "bias" else (1.0, 1.5)
    low, high = (value - reach, value + reach) if metric == "bias" else (1.0 / reach, reach)
    each = [np.full(2, number) for number in (value, low, high)]
    found = forecast(metric, *each, np.array([3, 3]), 0.95)
    shrink = (student.ppf(0.975, 11) / np.sqrt(12)) / (student.ppf(0.975, 2) / np.sqrt(3))
    expected = (value + reach * shrink) if metric == "bias" else reach**shrink
    np.testing.assert_allclose(found.high[:, 12 - 3 - 1], expected)
    more, told = first_enough(found.high <= expected * 1.0001)
    assert (more.tolist(), told.tolist()) == ([9, 9], [True, True])


def test_the_widest_of_many_alike_is_expected_to_be_as_they_are():
    high = np.array([*np.linspace(0.9, 1.1, 11), 2.0])
    found = forecast("bias", np.zeros(12), -high, high, np.full(12, 6), 0.95)
    alone = forecast("bias", np.zeros(2), -high[-2:], high[-2:], np.full(2, 6), 0.95)
    assert (found.high[-1] < alone.high[-1]).all()
    assert (found.high[0] > found.high[0, -1]).sum() == MOST_CYCLES - 1
    assert found.high[-1, -1] / found.high[5, -1] < 1.5


def test_a_cell_seen_by_fewer_cycles_asks_for_about_those_it_lacks():
    cells = {f"cell {k}": 12 for k in range(9)} | {"rare": 4}
    asked = []
    for seed in range(9):
        table = one_map(dict.fromkeys(cells, 0.3), cells, seed).next_tests()
        asked.append(table["more_cycles"].get("rare", 0))
    assert 2 <= np.median(asked) <= 12


@pytest.mark.parametrize("differ", [0.0, 0.5], ids=["cells alike", "cells differ"])
def test_so_many_more_cycles_are_about_enough(differ):
    """Of the widest cell, which is so by chance too, the width found is the width expected."""
    rng = np.random.default_rng(0)
    n, more, ratios = 5, 7, []
    for _ in range(200):
        terms = rng.normal(size=(12, n + more)) * np.exp(differ * rng.normal(size=(12, 1)))
        reach = [
            student.ppf(0.975, k - 1) * terms[:, :k].std(axis=1, ddof=1) / np.sqrt(k)
            for k in (n, n + more)
        ]
        expected = forecast("bias", np.zeros(12), -reach[0], reach[0], np.full(12, n), 0.95).high
        widest = reach[0].argmax()
        ratios.append(reach[1][widest] / expected[widest, more - 1])
    assert 0.8 < float(np.median(ratios)) < 1.2


@pytest.mark.parametrize("metric", ["bias", "r2"])
def test_limits_on_the_other_side_are_understood(validation, metric):
    table = validation.by_regime
    cell = table[f"{metric}_high"].dropna().index[0]
    value, high = table.loc[cell, metric], table.loc[cell, f"{metric}_high"]
    limit = 0.5 * (value + high)
    if metric == "bias":
        limit = max(abs(limit), abs(value) + 0.25 * (high - value))
    status = validation.verdict({metric: limit}).by_regime.xs(metric, level="metric").loc[cell]
    found = validation.next_tests(None, limits={metric: limit})
    assert (cell in found.index) == (status["status"] == "underpowered")


def test_n_and_metric_are_checked(validation):
    assert len(validation.next_tests(4)) == 4
    assert len(validation.next_tests(None)) > 10
    assert set(validation.next_tests(3, metric="p95")["metric"]) == {"p95"}
    for bad in ("max", "nix"):
        with pytest.raises(InvalidParameterError, match="metric must be one of bias, mae, rmse"):
            validation.next_tests(metric=bad)
    with pytest.raises(InvalidParameterError, match="n must be an int >= 1"):
        validation.next_tests(0)
    with pytest.raises(InvalidParameterError, match="pass regimes= to validate"):
        example_validation(regimes=None).next_tests()
