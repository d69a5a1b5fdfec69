"""Rows that come again, value for value, on the other side of a fold: drawn twice, or in windows.

Coarse channels repeat by chance, and at rest all of them do. So a row counts only where two
channels have values that come nowhere but in it and in its copies, and once however often it comes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding
from signalprep.log import cycles, shown
from signalprep.trial import Case

TELLING = 2
FEWEST = 8
SHARE = 0.02
"""Different rows, of those that a fold tests."""
FACTOR = np.uint64(0x9E3779B97F4A7C15)


def repeated_row_findings(case: Case) -> Iterator[Finding]:
    """Rows that a fold tests and trains on, in cycles that may otherwise be different."""
    copies = _copies(case)
    if copies is None:
        return
    worst: tuple[float, int, int, int] | None = None
    for train, test in case.whole:
        again = np.isin(copies[test], copies[train][copies[train] >= 0])
        if len(np.unique(copies[test][again])) >= max(FEWEST, SHARE * len(test)):
            row = int(test[np.argmax(again)])
            other = int(train[np.argmax(copies[train] == copies[row])])
            found = float(again.mean()), int(again.sum()), row, other
            worst = max(worst or found, found)
    if worst is None:
        return
    share, n, row, other = worst
    ids, cycle = cycles(case.X), case.cycle_of_row()
    yield Finding(
        "leak",
        "repeated_rows",
        "cv",
        "",
        share,
        "share of test rows",
        f"{n} rows that a fold tests ({100 * share:.3g} %) are among those it trains on, value for "
        f"value, target and all: one of cycle {shown(ids[cycle[row]])}, say, in cycle "
        f"{shown(ids[cycle[other]])}.",
    )


def _copies(case: Case) -> np.ndarray | None:
    """A number for each row that has copies, the same for these; -1 for all other rows."""
    columns = [
        case.X.iloc[:, k].to_numpy(np.float64, na_value=np.nan)
        for k, dtype in enumerate(case.X.dtypes)
        if pd.api.types.is_numeric_dtype(dtype)
    ]
    columns.append(case.numbers())
    rows = np.zeros(len(case.X), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for values in columns:
            rows = (rows ^ (values + 0.0).view(np.uint64)) * FACTOR
            rows ^= rows >> np.uint64(29)
    number, counts = _numbered(rows)
    many = counts[number] > 1
    if many.sum() < FEWEST:
        return None
    telling = np.zeros(int(many.sum()), dtype=np.int64)
    for values in columns:
        of_value, with_value = _numbered(values)
        telling += with_value[of_value[many]] == counts[number[many]]
    copies = np.full(len(rows), -1)
    copies[many] = np.where(telling >= TELLING, number[many], -1)
    return copies


def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A number for each value, and how often each comes."""
    of_value = pd.factorize(values, use_na_sentinel=False)[0]
    return of_value, np.bincount(of_value)
