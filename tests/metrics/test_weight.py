"""weight="cycle": every cycle counts the same, held to loops over cycles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, r2_score

from signalprep._kernels._groups import repeated_quantile, weighted_quantile
from signalprep.errors import InvalidParameterError
from signalprep.metrics import (
    classification_metrics,
    cycle_metrics,
    overall_metrics,
    paired_classification_metrics,
    paired_metrics,
    regime_metrics,
)
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import effective_cycles
from signalprep.metrics._weighted_sums import sum_by_weight

N_CYCLES = 8
GROUPS = {cycle: cycle // 3 for cycle in range(N_CYCLES)}


def drives(lengths, seed=0):
    """Truth, prediction, another prediction, cell and cycle of each row."""
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    n = len(cycle)
    scale, offset = np.exp(0.6 * rng.normal(size=len(lengths))), rng.normal(size=len(lengths))
    truth = 50.0 + rng.normal(size=n) + 3.0 * offset[cycle]
    error = scale[cycle] * rng.normal(size=n) + 0.4 * offset[cycle]
    frame = {"truth": truth, "a": truth + error, "b": truth + 1.2 * error + rng.normal(size=n)}
    return pd.DataFrame(frame | {"cell": np.arange(n) * 7 % 3, "cycle": cycle})


UNEQUAL = drives([3, 40, 11, 200, 90, 5, 26, 61])


def in_cell(rows):
    """Every metric of the rows of one cell by loops over its cycles."""
    own = [part for _, part in rows.groupby("cycle")]
    errors = [(part["a"] - part["truth"]).to_numpy() for part in own]
    weight = np.concatenate([np.full(len(part), 1.0 / len(part)) for part in own])
    together = pd.concat(own)
    return {
        "n": len(rows),
        "n_cycles": len(own),
        "bias": np.mean([error.mean() for error in errors]),
        "mae": np.mean([np.abs(error).mean() for error in errors]),
        "rmse": np.sqrt(np.mean([np.square(error).mean() for error in errors])),
        "max": max(np.abs(error).max() for error in errors),
        "r2": r2_score(together["truth"], together["a"], sample_weight=weight),
        "p95": stair(np.abs(np.concatenate(errors)), weight, 0.95),
    }


def stair(values, weights, q):
    """Mean of the stair of weighted order statistics over one mean weight, on a fine grid."""
    order = np.argsort(values)
    ends = np.cumsum(weights[order])
    width = ends[-1] / len(values)
    start = q * (ends[-1] - width)
    borders = np.unique(np.clip(np.concatenate([[0.0], ends]), start, start + width))
    middles = (borders[1:] + borders[:-1]) / 2
    heights = values[order][np.searchsorted(ends, middles)]
    return np.sum(heights * np.diff(borders)) / (borders[-1] - borders[0])


def by_cycle(rows=UNEQUAL, groups=None, **options):
    given = {"n_bootstrap": 0, "weight": "cycle", "groups": groups} | options
    return regime_metrics(rows["truth"], rows["a"], rows["cell"], rows["cycle"], **given)


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_metrics_are_those_of_loops_over_cycles(groups):
    table = by_cycle(groups=groups)
    overall = overall_metrics(
        *(UNEQUAL[c] for c in ("truth", "a", "cycle")), 0, weight="cycle", groups=groups
    )
    for found, rows in [
        *((table.loc[cell], part) for cell, part in UNEQUAL.groupby("cell")),
        (overall, UNEQUAL),
    ]:
        for name, value in in_cell(rows).items():
            assert found[name] == pytest.approx(value, rel=1e-12, abs=1e-12), name
    squares = (UNEQUAL["a"] - UNEQUAL["truth"]) ** 2
    squares /= UNEQUAL.groupby("cycle")["truth"].transform("size")
    share = squares.groupby(UNEQUAL["cell"]).sum() / squares.sum()
    np.testing.assert_allclose(table["share"], share, rtol=1e-12)
    assert overall["share"] == 1.0


def test_means_are_of_the_cycle_table():
    truth, prediction, cycle = (UNEQUAL[c] for c in ("truth", "a", "cycle"))
    cycles = cycle_metrics(truth, prediction, cycle, weight="cycle")
    overall = overall_metrics(truth, prediction, cycle, 0, weight="cycle")
    assert overall["mae"] == pytest.approx(cycles["mae"].mean(), rel=1e-12)
    assert overall["rmse"] ** 2 == pytest.approx((cycles["rmse"] ** 2).mean(), rel=1e-12)
    share = cycles["rmse"] ** 2 / (cycles["rmse"] ** 2).sum()
    np.testing.assert_allclose(cycles["share"], share, rtol=1e-12)
    by_row = cycle_metrics(truth, prediction, cycle)
    pd.testing.assert_frame_equal(
        cycles.drop(columns="share"), by_row.drop(columns="share"), rtol=1e-12
    )


def every_table(rows, weight, n_bootstrap=60, **options):
    """All tables with intervals of the rows."""
    truth, a, b, cell, cycle = (rows[c].to_numpy() for c in ("truth", "a", "b", "cell", "cycle"))
    how = {"weight": weight, "n_bootstrap": n_bootstrap, **options}
    classes = [np.where(values > 50.0, "hot", "cold") for values in (truth, a, b)]
    p = 1.0 / (1.0 + np.exp(np.stack([a - 50.0, 50.0 - a], axis=1)))
    return {
        "regime": regime_metrics(truth, a, cell, cycle, **how),
        "overall": overall_metrics(truth, a, cycle, **how).to_frame().T.infer_objects(),
        "paired": paired_metrics(truth, a, b, cell, cycle, **how),
        "classes": classification_metrics(*classes[:2], cell, cycle, probabilities=p, **how),
        "paired classes": paired_classification_metrics(*classes, cell, cycle, **how),
    }


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_rows_that_come_again_change_nothing(groups):
    n = np.where(UNEQUAL["cycle"] == 4, 3, np.where(UNEQUAL["cycle"] == 0, 2, 1))
    again = UNEQUAL.loc[UNEQUAL.index.repeat(n)]
    one, more = (every_table(rows, "cycle", groups=groups) for rows in (UNEQUAL, again))
    for name, table in one.items():
        # p95 is linear between neighbouring rows, so it moves by less than the next of them.
        free = [c for c in table if c != "n" and not c.startswith("p95")]
        pd.testing.assert_frame_equal(table[free], more[name][free], rtol=1e-9, check_dtype=False)
    assert (more["regime"]["n"] > one["regime"]["n"]).all()
    np.testing.assert_allclose(one["regime"]["p95"], more["regime"]["p95"], rtol=0.15)


@pytest.mark.parametrize("groups", [None, GROUPS])
@pytest.mark.parametrize("interval", ["studentized", "percentile"])
def test_cycles_of_equal_length_weigh_as_rows_do(groups, interval):
    rows = drives([30] * N_CYCLES)
    cycle, row = (every_table(rows, weight, groups=groups) for weight in ("cycle", "row"))
    for weight, tables in (("cycle", cycle), ("row", row)):
        given = [rows[c] for c in ("truth", "a", "cell", "cycle")]
        how = {"n_bootstrap": 60, "groups": groups, "interval": interval}
        tables["regime"] = regime_metrics(*given, weight=weight, **how)
    for name, table in row.items():
        pd.testing.assert_frame_equal(cycle[name], table, rtol=1e-10, atol=1e-12)


def test_scores_are_those_of_weighted_rows():
    found = every_table(UNEQUAL, "cycle", n_bootstrap=0)["classes"]
    label = {c: np.where(UNEQUAL[c] > 50.0, "hot", "cold") for c in ("truth", "a")}
    weight = 1.0 / UNEQUAL.groupby(["cell", "cycle"])["truth"].transform("size").to_numpy()
    for cell in found.index:
        own = (UNEQUAL["cell"] == cell).to_numpy()
        given = (label["truth"][own], label["a"][own])
        how = {"sample_weight": weight[own]}
        expected = {
            "n": own.sum(),
            "accuracy": accuracy_score(*given, **how),
            "balanced_accuracy": balanced_accuracy_score(*given, **how),
            "f1": f1_score(*given, average="macro", **how),
        }
        for name, value in expected.items():
            assert found.loc[cell, name] == pytest.approx(value, rel=1e-12)


def test_resamples_draw_cycles_with_their_weight():
    lengths = [2, 30, 7]
    rng = np.random.default_rng(1)
    values = np.sort(rng.normal(size=sum(lengths)))
    owners = rng.permutation(np.repeat(np.arange(3), lengths)).astype(np.int32)
    weights = 1.0 / np.array(lengths)[owners]
    counts = np.array([[1, 1, 1], [2, 0, 1], [0, 3, 0], [0, 0, 0]], dtype=np.int32)
    for q in (0.0, 0.3, 0.95, 1.0):
        found = weighted_quantile(values, owners, weights, np.array(lengths), np.ones(3), counts, q)
        for drawn, value in zip(counts[:3], found[:3], strict=True):
            again = np.repeat(np.arange(len(values)), drawn[owners])
            assert value == pytest.approx(stair(values[again], weights[again], q), rel=1e-12)
        assert np.isnan(found[3])
        same = weighted_quantile(
            values, owners, np.full(39, 0.5), np.array(lengths), 0.5 * np.array(lengths), counts, q
        )
        np.testing.assert_allclose(
            same, repeated_quantile(values, owners, np.array(lengths), counts, q), rtol=1e-12
        )


def test_cycles_are_worth_their_number_whatever_their_rows():
    cell = np.zeros(len(UNEQUAL), dtype=np.int64)
    worth = []
    for groups in (None, GROUPS):
        rows = align(*(UNEQUAL[c] for c in ("truth", "a", "cycle")), groups=groups, weight="cycle")
        worth.append(effective_cycles(sum_by_weight(rows, cell, 1))[0])
    assert worth == pytest.approx([8.0, 64 / (9 + 9 + 4)], rel=1e-12)


def test_an_unknown_weight_names_the_choices():
    with pytest.raises(InvalidParameterError, match="one of 'row', 'cycle'.*got 'rows'"):
        by_cycle(weight="rows")
    with pytest.raises(InvalidParameterError, match="sample_weight"):
        by_cycle(weight=np.ones(len(UNEQUAL)))
