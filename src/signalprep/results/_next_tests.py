"""What to record next: the cells where more cycles would tell most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, main_metric, metrics_of
from signalprep.results._more_cycles import MOST_CYCLES, Forecast, first_enough, forecast
from signalprep.results._verdict import Verdict
from signalprep.wording import format_count, format_interval, format_number

if TYPE_CHECKING:
    from signalprep.results._validation import Validation

COLUMNS = (
    "metric",
    "value",
    "low",
    "high",
    "n_cycles",
    "more_cycles",
    "seconds",
    "expected_width",
    "why",
)


def rank_tests(
    validation: Validation, verdict: Verdict | None, metric: str | None, n: int | None
) -> pd.DataFrame:
    """Rank the cells: doubtful ones, then those with too few cycles, then those never visited."""
    table = validation.by_regime
    if table is None:
        raise InvalidParameterError(
            "next_tests names cells of the operating map; pass regimes= to validate"
        )
    names = [each.name for each in metrics_of(validation.task, interval=True)]
    if metric is None:
        metric = main_metric(validation.task).name
    if metric not in names:
        raise InvalidParameterError(f"metric must be one of {', '.join(names)}; got {metric!r}")
    unit = validation.error_unit
    if verdict is None:
        doubtful = _widest(table, metric, unit, validation.confidence)
    else:
        doubtful = _undecided(table, verdict, validation.confidence)
        metric = next((name for name in verdict.limits if METRICS[name].interval), metric)
    min_cycles = validation.min_cycles
    few = _unknown(table, metric, min_cycles, verdict, validation.resampled)
    parts = [part for part in (doubtful, few) if len(part)]
    ranked = pd.concat(parts) if parts else doubtful
    ranked["seconds"] = (
        ranked["more_cycles"]
        * _seconds_in_cell(validation, table)[ranked["cell"].to_numpy(dtype=np.int64)]
    )
    cells = table.index.take(ranked["cell"].to_numpy(dtype=np.int64))
    return ranked[list(COLUMNS)].set_axis(cells, axis=0).iloc[:n]


def _forecast(table: pd.DataFrame, metric: str, confidence: float) -> Forecast:
    value, low, high = (
        table[f"{metric}{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high")
    )
    return forecast(metric, value, low, high, table["n_groups"].to_numpy(), confidence)


def _widest(table: pd.DataFrame, metric: str, unit: str, confidence: float) -> pd.DataFrame:
    """Cells whose interval is wider than that of the typical cell, the widest first."""
    low, high = table[f"{metric}_low"].to_numpy(), table[f"{metric}_high"].to_numpy()
    width = high - low
    known = ~np.isnan(width)
    typical = float(np.median(width[known])) if known.any() else np.nan
    cell = np.flatnonzero(known & (width > typical))
    cell = cell[np.argsort(-width[cell], kind="stable")]
    expected = _forecast(table, metric, confidence).width[cell]
    more, _ = first_enough(expected <= typical)
    rows = _rows(table, cell, np.full(len(cell), metric, dtype=object))
    rows = rows.assign(more_cycles=more, expected_width=expected[np.arange(len(cell)), more - 1])
    name, suffix = METRICS[metric].short_title, METRICS[metric].unit_text(unit)
    rows["why"] = [
        f"the interval of the {name}, {_interval(a, b, suffix)}, is {format_number(w / typical)} "
        "times as wide as that of the typical cell"
        if typical
        else f"the interval of the {name}, {_interval(a, b, suffix)}, is wide"
        for a, b, w in zip(low[cell], high[cell], width[cell], strict=True)
    ]
    return rows


def _undecided(table: pd.DataFrame, verdict: Verdict, confidence: float) -> pd.DataFrame:
    """Cells whose interval holds a limit, those first that the fewest cycles would decide."""
    judged = verdict.by_regime
    assert judged is not None
    assert verdict.by_cell is not None
    place = {cell: k for k, cell in enumerate(table.index)}
    keys = [key[:-1] if len(key) > 2 else key[0] for key in judged.index]
    cell = np.array([place[key] for key in keys], dtype=np.int64)
    bounded = [METRICS[metric].interval for metric in judged.index.get_level_values(-1)]
    undecided = (judged["status"] == "underpowered").to_numpy() & np.array(bounded, dtype=bool)
    open_limits = undecided & (verdict.by_cell != "fail").to_numpy()[cell]
    judged, cell = judged[open_limits], cell[open_limits]
    metric = judged.index.get_level_values(-1).to_numpy(dtype=object)
    rows = _rows(table, cell, metric)
    rows["more_cycles"], rows["expected_width"], rows["why"] = MOST_CYCLES, np.nan, ""
    for name in set(metric):
        own = np.flatnonzero(metric == name)
        limit = judged["limit"].to_numpy(dtype=np.float64)[own]
        expected = _forecast(table, name, confidence)
        low, high = expected.low[cell[own]], expected.high[cell[own]]
        more, told = first_enough(_clear(name, low, high, limit[:, np.newaxis]))
        rows.loc[own, "more_cycles"] = more
        rows.loc[own, "expected_width"] = (high - low)[np.arange(len(own)), more - 1]
        rows.loc[own, "why"] = [
            _crossing(verdict, rows.iloc[k], at, can)
            for k, at, can in zip(own, limit, told, strict=True)
        ]
    most_needed = rows.sort_values("more_cycles", ascending=False, kind="stable")
    rows = most_needed.drop_duplicates("cell")
    return rows.sort_values(["more_cycles", "cell"], kind="stable")


def _clear(metric: str, low: np.ndarray, high: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Whether the interval lies on one side of the limit."""
    least, most = METRICS[metric].acceptable(limit)
    return ((low >= least) & (high <= most)) | (low > most) | (high < least)


def _crossing(verdict: Verdict, row: pd.Series, limit: float, told: bool) -> str:
    metric = METRICS[str(row["metric"])]
    interval = _interval(row["low"], row["high"], metric.unit_text(verdict.unit))
    sign = "±" if metric.signed else ""
    said = f"{metric.short_title} {interval} crosses the limit of {sign}{limit:g}"
    return said if told else f"{said}: too close to it to tell with {MOST_CYCLES} more cycles"


def _unknown(
    table: pd.DataFrame, metric: str, min_cycles: int, verdict: Verdict | None, drawn: str
) -> pd.DataFrame:
    """Cells that too few cycles have seen: the most seen first, those never visited last."""
    seen = table["n_groups"].to_numpy(dtype=np.int64)
    open_cells = seen < min_cycles
    if verdict is not None and verdict.by_cell is not None:
        open_cells = open_cells & (verdict.by_cell == "no evidence").to_numpy()
    cell = np.flatnonzero(open_cells)
    cell = cell[np.lexsort((-table["n"].to_numpy()[cell], -seen[cell]))]
    rows = _rows(table, cell, np.full(len(cell), metric, dtype=object))
    rows["more_cycles"] = min_cycles - seen[cell]
    rows["expected_width"] = np.nan
    one = "cycle" if drawn == "cycles" else "group of cycles"
    rows["why"] = [
        f"no evidence: seen by {format_count(k, one, drawn)}, {min_cycles} are needed"
        if k
        else "no evidence: never visited; leave it out if the drive cannot get there"
        for k in seen[cell]
    ]
    return rows


def _rows(table: pd.DataFrame, cell: np.ndarray, metric: np.ndarray) -> pd.DataFrame:
    """Value and interval of the given cells."""
    parts: dict[str, np.ndarray] = {"cell": cell, "metric": metric}
    for name, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
        columns = {m: table[f"{m}{suffix}"].to_numpy(dtype=float) for m in set(metric)}
        parts[name] = np.array([columns[m][k] for m, k in zip(metric, cell, strict=True)])
    parts["n_cycles"] = table["n_cycles"].to_numpy(dtype=np.int64)[cell]
    return pd.DataFrame(parts)


def _seconds_in_cell(validation: Validation, table: pd.DataFrame) -> np.ndarray:
    """Seconds that a cycle spends in each cell; where never visited, in the typical cell.

    A cycle that is decided as a whole takes as long as the typical one.
    """
    if validation.decided:
        return np.full(len(table), validation.quality.cycles["duration"].median())
    n, cycles = table["n"].to_numpy(dtype=float), table["n_cycles"].to_numpy(dtype=float)
    visited = cycles > 0
    seconds = n / np.where(visited, cycles, 1.0) / validation.rate
    seconds[~visited] = np.median(seconds[visited]) if visited.any() else np.nan
    return seconds


def _interval(low: float, high: float, unit: str) -> str:
    return f"{format_interval(low, high)} {unit}".rstrip()
