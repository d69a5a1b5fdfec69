from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.metrics import METRICS
from signalprep.results import worst_first
from signalprep.results._words import cell_lines
from signalprep.wording import WEAK


def cells(name: str, rows: list[tuple[float, float, float, bool]]) -> pd.DataFrame:
    """Value, ends and evidence of cells 0, 1, ..."""
    columns = [name, f"{name}_low", f"{name}_high", "evidence"]
    index = pd.RangeIndex(len(rows), name="cell")
    return pd.DataFrame(rows, columns=columns, index=index)


RMSE = cells(
    "rmse",
    [
        (9.0, np.nan, np.nan, False),
        (3.0, 2.0, 5.0, True),
        (8.0, 2.0, 80.0, True),
        (4.0, 2.0, 12.0, True),
        (18.5, 5.4, 140.0, True),
    ],
)


def test_weak_cells_do_not_head_the_list():
    assert worst_first(RMSE, METRICS["rmse"]).index.tolist() == [3, 1, 4, 2, 0]
    rows = [(0.7, 0.6, 0.8, True), (0.5, 0.3, 0.7, True), (0.6, 0.5, 0.7, True)]
    assert worst_first(cells("f1", rows), METRICS["f1"]).index.tolist() == [2, 0, 1]
    rows = [(-3.0, -9.0, 9.0, True), (2.0, 1.0, 3.0, True)]
    assert worst_first(cells("bias", rows), METRICS["bias"]).index.tolist() == [0, 1]


def test_the_worst_that_is_told_is_not_weak():
    def told(table):
        return cell_lines(table, METRICS["rmse"], "{:g} K".format)

    assert told(RMSE) == [
        f"4 of 5 regimes have evidence, 2 of them {WEAK}",
        "worst of the others: RMSE 4 K at cell 3",
    ]
    assert told(RMSE.iloc[:2]) == ["1 of 2 regimes have evidence", "worst: RMSE 3 K at cell 1"]
    assert told(RMSE.iloc[[4]]) == [f"1 of 1 regimes have evidence, 1 of them {WEAK}"]
    assert told(RMSE.iloc[[0]]) == ["0 of 1 regimes have evidence"]


@pytest.mark.parametrize(
    ("name", "expected"), [("p95", [False, True]), ("max", [False, False]), ("bias", [False] * 2)]
)
def test_each_metric_is_weak_by_its_own_interval(name: str, expected: list[bool]):
    table = cells("p95", [(2.0, 1.0, 6.0, True), (2.0, 1.0, 6.1, True)])
    table[["max", "bias", "bias_low", "bias_high"]] = 0.1, 0.1, -9.0, 9.0
    assert METRICS[name].weak_in(table).tolist() == expected
