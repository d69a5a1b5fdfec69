"""Evidence begins at exactly `min_cycles` groups of cycles, in every table."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.metrics import (
    classification_metrics,
    overall_metrics,
    paired_classification_metrics,
    paired_metrics,
    regime_metrics,
)

N = (2, 3, 4)
CELL = np.repeat(["two", "three", "four"], [40, 60, 80])
CYCLE = np.concatenate([np.repeat(np.arange(n), 20) for n in N])
RNG = np.random.default_rng(0)
TRUTH, ONE, OTHER = RNG.normal(size=(3, 180))
CLASS, SAID, GUESSED = RNG.integers(0, 2, size=(3, 180))

TABLES = {
    "regime": lambda **how: regime_metrics(TRUTH, ONE, CELL, CYCLE, **how),
    "paired": lambda **how: paired_metrics(TRUTH, ONE, OTHER, CELL, CYCLE, **how),
    "classes": lambda **how: classification_metrics(CLASS, SAID, CELL, CYCLE, **how),
    "paired classes": lambda **how: paired_classification_metrics(
        CLASS, SAID, GUESSED, CELL, CYCLE, **how
    ),
}
MAIN = {"regime": "rmse", "paired": "rmse", "classes": "accuracy", "paired classes": "accuracy"}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("least", [None, 2, 3, 4, 5])
def test_evidence_begins_at_min_cycles(kind, least):
    how = {} if least is None else {"min_cycles": least}
    table = TABLES[kind](n_bootstrap=20, **how).loc[["two", "three", "four"]]
    enough = [n >= (least or 3) for n in N]
    assert table["n_cycles"].tolist() == table["n_groups"].tolist() == list(N)
    assert table["evidence"].tolist() == enough
    assert table[f"{MAIN[kind]}_low"].notna().tolist() == enough
    assert table[f"{MAIN[kind]}_high"].notna().tolist() == enough


@pytest.mark.parametrize("kind", TABLES)
def test_groups_count_where_cycles_are_grouped(kind):
    groups = {0: 0, 1: 1, 2: 2, 3: 2}
    table = TABLES[kind](n_bootstrap=20, min_cycles=4, groups=groups).loc[["three", "four"]]
    assert table["n_cycles"].tolist() == [3, 4]
    assert table["n_groups"].tolist() == [3, 3]
    assert not table["evidence"].any()


def test_evidence_over_all_rows():
    least = {n: overall_metrics(TRUTH, ONE, CYCLE, min_cycles=n, n_bootstrap=20) for n in (4, 5)}
    assert {n: bool(table["evidence"]) for n, table in least.items()} == {4: True, 5: False}
