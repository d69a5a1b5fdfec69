"""What to record next: the order, the number of cycles, and that it is enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from example_validation import example_validation
from signalprep.errors import InvalidParameterError
from signalprep.results import Validation


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
    # half the distance calls for twice as narrow an interval, so for three times as many more
    assert table.loc["wide", "more_cycles"] == pytest.approx(3 * 12, abs=1)
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


def test_so_many_more_cycles_are_about_enough():
    """Widths with k more cycles are what was promised, for the typical data set."""
    spread = {"wide": 0.5, "typical": 0.2, "narrow": 0.1}
    ratios = []
    for seed in range(9):
        cells = {"wide": 8, "typical": 12, "narrow": 12}
        test = one_map(spread, cells, seed).next_tests().loc["wide"]
        cells["wide"] += int(test["more_cycles"])
        wide = one_map(spread, cells, 100 + seed).by_regime.loc["wide"]
        ratios.append((wide["rmse_high"] - wide["rmse_low"]) / test["expected_width"])
    assert 0.6 < float(np.median(ratios)) < 2.5


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
    with pytest.raises(InvalidParameterError, match="n must be at least 1"):
        validation.next_tests(0)
    with pytest.raises(InvalidParameterError, match="pass regimes= to validate"):
        example_validation(regimes=None).next_tests()
