"""Hold the metrics of a validation against limits."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, TaskName, effective_samples, metrics_of
from signalprep.results._verdict import STATUSES, Verdict

if TYPE_CHECKING:
    from signalprep.results._validation import Validation

ALL_ROWS = "overall"


def judge(validation: Validation, limits: Mapping[str, Any], strict: bool) -> Verdict:
    """Give every cell and all rows a status against each limit."""
    given = check_limits(limits, validation.task)
    require_intervals(given, validation)
    cells = pd.Index([ALL_ROWS])
    whole, _ = limit_table(
        _of_rows(validation), effective(validation, None), of_all(given), cells, _acceptable
    )
    by_regime = by_cell = None
    if validation.by_regime is None:
        refuse_cells(given)
    else:
        table = validation.by_regime
        by_regime, by_cell = limit_table(
            table, effective(validation, validation.regimes), of_cells(given, table.index),
            table.index, _acceptable,
        )  # fmt: skip
    return Verdict(
        overall=whole.droplevel(0),
        by_regime=by_regime,
        by_cell=by_cell,
        limits=given,
        strict=bool(strict),
        target=validation.target,
        unit=validation.error_unit,
        confidence=validation.confidence,
        weight=validation.weight,
    )


def require_intervals(limits: Mapping[str, Any], validation: Validation) -> None:
    """Refuse limits of what has an interval where none was drawn."""
    undrawn = validation.settings.get("n_bootstrap") == 0
    if undrawn and any(METRICS[name].interval for name in limits):
        raise InvalidParameterError(
            "a verdict needs intervals; this validation was made with n_bootstrap=0"
        )


def effective(validation: Validation, regimes: pd.DataFrame | None) -> np.ndarray:
    """Independent rows that the rows of each cell, or all of them, are worth."""
    errors = validation.errors.astype(np.float64)
    found = effective_samples(pd.Series(0.0, errors.index), errors, regimes)
    return found["n_effective"].to_numpy()


def check_verdict(verdict: Verdict, validation: Validation) -> Verdict:
    """Give a verdict back if it is one on this validation; what it holds is what it was made of."""
    judged, table = verdict.by_regime, validation.by_regime
    all_rows = np.zeros(len(verdict.overall), dtype=np.int64)
    same = verdict.target == validation.target and (judged is None) == (table is None)
    same = same and _holds(verdict.overall, all_rows, _of_rows(validation))
    if same and judged is not None and table is not None:
        place = {cell: k for k, cell in enumerate(table.index)}
        cells = [place.get(cell, -1) for cell in judged.droplevel(-1).index]
        same = -1 not in cells and _holds(judged, np.array(cells, dtype=np.int64), table)
    if not same:
        raise InvalidParameterError(
            f"limits must be limits, or a verdict on this validation of {validation.target!r}; got "
            f"a verdict on another one, of {verdict.target!r}: pass its limits, "
            "limits=verdict.limits"
        )
    return verdict


def _holds(judged: pd.DataFrame, row: np.ndarray, table: pd.DataFrame) -> bool:
    """Whether every judged value and its interval is the one of its row in a table of metrics."""
    metrics = judged.index.get_level_values(-1)
    for name in metrics.unique():
        of_metric = metrics == name
        own, rows = judged[of_metric], row[of_metric]
        if name not in table or not np.array_equal(own["n"], table["n"].to_numpy()[rows]):
            return False
        for part in ("value", "low", "high"):
            if not np.array_equal(own[part], _column(table, name, part)[rows], equal_nan=True):
                return False
    return True


def _of_rows(validation: Validation) -> pd.DataFrame:
    """Metrics over all rows, as a table of one row."""
    return validation.overall.to_frame().T.infer_objects()


def check_limits(limits: Any, task: TaskName | None = None) -> dict[str, Any]:
    """Limits by metric, one of this task (None: of any): a float, or a dict from cell to float."""
    if not isinstance(limits, Mapping) or not limits:
        raise InvalidParameterError(
            f"limits must map metrics to limits, such as {{'rmse': 5.0}}; got {limits!r}"
        )
    given: dict[str, Any] = {}
    known = METRICS.values() if task is None else metrics_of(task)
    metrics = [metric.name for metric in known if metric.limited]
    for metric, limit in limits.items():
        if metric not in metrics:
            raise InvalidParameterError(
                f"limits must name metrics of {', '.join(metrics)}; got {metric!r}"
            )
        if isinstance(limit, (Mapping, pd.Series)):
            given[metric] = {cell: _number(metric, value) for cell, value in limit.items()}
            if not given[metric]:
                raise InvalidParameterError(
                    f"the limits of {metric} must hold one at least; got an empty mapping: leave "
                    f"{metric} out, or give one limit for all, such as {{{metric!r}: 0.5}}"
                )
        else:
            given[metric] = _number(metric, limit)
    return given


def _number(metric: str, limit: Any) -> float:
    is_number = isinstance(limit, numbers.Real) and not isinstance(limit, (bool, np.bool_))
    if not is_number or not abs(limit) <= sys.float_info.max:
        raise InvalidParameterError(
            f"the limit of {metric} must be a finite number; got {limit!r:.80}"
        )
    if METRICS[metric].better == "more" and limit > 1:
        raise InvalidParameterError(f"the limit of {metric} must be at most 1; got {limit!r}")
    if limit < METRICS[metric].lowest:
        raise InvalidParameterError(f"the limit of {metric} must not be negative; got {limit!r}")
    return float(limit)


def refuse_cells(limits: dict[str, Any]) -> None:
    """Raise where a limit names a cell and there is no map."""
    for metric, limit in limits.items():
        named = [cell for cell in limit if cell != ALL_ROWS] if isinstance(limit, dict) else []
        if named:
            raise InvalidParameterError(
                f"the limits of {metric} must be for 'overall', as there are no regimes; got "
                f"{named[0]!r}: pass regimes= to validate"
            )


def of_all(limits: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Limit of all rows by metric, NaN where there is none."""
    return {
        name: np.array([limit.get(ALL_ROWS, np.nan) if isinstance(limit, dict) else limit])
        for name, limit in limits.items()
    }


def of_cells(limits: Mapping[str, Any], cells: pd.Index) -> dict[str, np.ndarray]:
    """Limit of each cell by metric, NaN where there is none."""
    return {name: _by_cell(name, limit, cells) for name, limit in limits.items()}


def _by_cell(metric: str, limit: Any, cells: pd.Index) -> np.ndarray:
    """Limit of each cell, NaN where it has none."""
    values = np.full(len(cells), np.nan)
    if not isinstance(limit, dict):
        values[:] = limit
        return values
    place = {cell: k for k, cell in enumerate(cells)}
    for cell, value in limit.items():
        if cell in place:
            values[place[cell]] = value
        elif cell != ALL_ROWS:
            raise InvalidParameterError(
                f"the limits of {metric} must name cells of by_regime, such as "
                f"{cells[0]!r}, or 'overall'; got {cell!r}"
            )
    return values


def limit_table(
    metrics: pd.DataFrame,
    n_effective: np.ndarray,
    limits: Mapping[str, np.ndarray],
    cells: pd.Index,
    acceptable: Callable[[str, np.ndarray], tuple[Any, Any]],
    weak: Mapping[str, np.ndarray] | None = None,
) -> tuple[pd.DataFrame, pd.Series]:
    """One row a limit of a cell, and the status of each cell over its limits.

    Parameters
    ----------
    metrics : DataFrame
        Values and ends of intervals of each cell, with its counts and evidence.
    n_effective : ndarray
    limits : mapping of str to ndarray
        Of each metric the limit of each cell.
    cells : Index
    acceptable : callable
        Of a metric and its limits: the least and the largest value that keep them.
    weak : mapping of str to ndarray, default=None
        Of each metric whether each cell is weak; None: by its own interval.
    """
    limited = np.stack(list(limits.values()), axis=1)
    cell, column = np.nonzero(~np.isnan(limited))
    names = np.array(list(limits), dtype=object)
    parts: dict[str, np.ndarray] = {}
    for name in ("value", "low", "high"):
        ends = [_column(metrics, metric, name) for metric in limits]
        parts[name] = np.stack(ends, axis=1)[cell, column]
    parts["limit"] = limited[cell, column]
    for name in ("n", "n_cycles", "n_groups"):
        parts[name] = metrics[name].to_numpy(dtype=np.int64)[cell]
    parts["n_effective"] = n_effective[cell]
    evidence = metrics["evidence"].to_numpy(dtype=bool)[cell]
    metric = names[column]
    levels = [cells.get_level_values(k).take(cell) for k in range(cells.nlevels)]
    index = pd.MultiIndex.from_arrays([*levels, pd.Index(metric)], names=[*cells.names, "metric"])
    table = pd.DataFrame(parts, index=index)
    status = np.empty(len(table), dtype=object)
    table["weak"] = False
    for name in limits:
        here = metric == name
        own = table[here]
        kept = acceptable(name, own["limit"].to_numpy())
        status[here] = _status(METRICS[name].extreme, own, kept, evidence[here])
        values = (own[part].to_numpy() for part in ("value", "low", "high"))
        faded = METRICS[name].is_weak(*values) if weak is None else weak[name][cell[here]]
        table.loc[here, "weak"] = faded
    table["status"] = pd.Categorical(status, categories=list(STATUSES), ordered=True)
    return table, _worst(table["status"], cell, cells)


def _acceptable(metric: str, limits: np.ndarray) -> tuple[Any, Any]:
    return METRICS[metric].acceptable(limits)


def _column(metrics: pd.DataFrame, metric: str, part: str) -> np.ndarray:
    name = metric if part == "value" else f"{metric}_{part}"
    if name not in metrics:  # an extreme has no interval
        return np.full(len(metrics), np.nan)
    return metrics[name].to_numpy(dtype=np.float64)


def _status(
    extreme: bool, table: pd.DataFrame, kept: tuple[Any, Any], evidence: np.ndarray
) -> np.ndarray:
    least, most = kept
    if extreme:  # no upper end: one error beyond refutes, none proves
        failed = (table["value"] > most).to_numpy()
        return np.select([failed, ~evidence], ["fail", "no evidence"], default="underpowered")
    low, high = (table[end].to_numpy() for end in ("low", "high"))
    known = evidence & ~np.isnan(low) & ~np.isnan(high)
    failed, passed = (low > most) | (high < least), (low >= least) & (high <= most)
    return np.select(
        [~known, failed, passed], ["no evidence", "fail", "pass"], default="underpowered"
    )


def _worst(status: pd.Series, cell: np.ndarray, cells: pd.Index) -> pd.Series:
    worst = np.full(len(cells), len(STATUSES))
    np.minimum.at(worst, cell, status.cat.codes.to_numpy(dtype=np.int64))
    codes = np.where(worst < len(STATUSES), worst, -1).astype(np.int64)
    dtype = pd.CategoricalDtype(list(STATUSES), ordered=True)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), index=cells, name="status")
