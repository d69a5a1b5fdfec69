"""LossVerdict: what one model loses against another, held against limits in every cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, TaskName, metrics_compared
from signalprep.results._judge import (
    ALL_ROWS,
    check_limits,
    effective,
    limit_table,
    of_all,
    of_cells,
    refuse_cells,
    require_intervals,
)
from signalprep.results._verdict import Verdict

if TYPE_CHECKING:
    from signalprep.results._comparison import Comparison
    from signalprep.results._validation import Validation

_SHARE = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*")


@dataclass(frozen=True, repr=False)
class LossVerdict(Verdict):
    """Whether a model loses no more than it may, over all rows and in every cell.

    Held by :class:`RegimeLoss`. It is a :class:`Verdict` whose values are losses: how much larger
    an error is, or how much smaller a score. A limit is a number, in the unit of the error, or a
    share of the reference's error, such as "5 %".
    """

    def limit_text(self, metric: str) -> str:
        """Give the limit of a metric in words.

        Parameters
        ----------
        metric : str
            One of `limits`.
        """
        limit, told = self.limits[metric], METRICS[metric]
        than = f"{'less' if told.better == 'more' else 'more'} than the reference"
        if isinstance(limit, dict):
            return f"{told.size_title}: what is given for each cell {than}"
        most = limit if isinstance(limit, str) else f"{limit:g} {self._unit_text(metric)}".rstrip()
        return f"{told.size_title} at most {most} {than}"


def check_loss_limits(limits: Any, task: TaskName | None = None) -> dict[str, Any]:
    """Limits of losses by metric: numbers, or shares as text such as "5 %"; or dicts by cell."""
    if not isinstance(limits, Mapping):
        return check_limits(limits, task)
    numbers = {name: _each(limit, share_of) for name, limit in limits.items()}
    given = check_limits(numbers, task)
    for name, limit in limits.items():
        values = limit.values() if isinstance(limit, Mapping) else [limit]
        shares = [isinstance(value, str) for value in values]
        if any(shares) and METRICS[name].better == "more":
            raise InvalidParameterError(
                f"the limit of {name} must be a number, such as 0.01: a share is of an error; got "
                f"{limit!r}"
            )
        if any(shares) and not all(shares):
            raise InvalidParameterError(
                f"the limits of {name} must be shares in every cell or in none; got {limit!r:.80}"
            )
        if any(value < 0 for value in _values(given[name])):
            raise InvalidParameterError(
                f"the limit of {name} must not be negative: it is what may be lost; got {limit!r}"
            )
        if any(shares):
            given[name] = _each(given[name], _share_text)
    return given


def share_of(limit: Any) -> Any:
    """The part that a text such as "5 %" says; anything else as it is."""
    found = _SHARE.fullmatch(limit) if isinstance(limit, str) else None
    return float(found[1]) / 100.0 if found else limit


def judge_loss(
    comparison: Comparison,
    quantized: Validation,
    reference: Validation,
    limits: Any,
    strict: bool,
    drawn: dict[str, Any],
) -> LossVerdict:
    """Give every cell and all rows a status against each limit of what may be lost.

    A share is judged by the difference between the error and (1 + share) times that of the
    reference, cycle by cycle: what makes a cycle hard drops out of it. `drawn` says how intervals
    are drawn.
    """
    given = check_loss_limits(limits, comparison.task)
    require_intervals(given, quantized)
    pair = _Pair(quantized, reference, drawn)
    whole, _ = pair.judged(comparison.overall.to_frame().T.infer_objects(), given, None)
    by_regime = by_cell = None
    if comparison.by_regime is None:
        refuse_cells(given)
    else:
        by_regime, by_cell = pair.judged(comparison.by_regime, given, quantized.regimes)
    return LossVerdict(
        overall=whole.droplevel(0),
        by_regime=by_regime,
        by_cell=by_cell,
        limits=given,
        strict=bool(strict),
        target=comparison.target,
        unit=comparison.error_unit,
        confidence=quantized.confidence,
        weight=quantized.weight,
    )


def losses(table: pd.DataFrame, task: TaskName) -> pd.DataFrame:
    """How much worse a is than b in each cell of a comparison, with the ends of the interval."""
    found = table[["n", "n_cycles", "n_groups", "evidence"]].copy()
    for metric in metrics_compared(task):
        name = metric.name
        sign, ends = (-1.0, ("high", "low")) if metric.better == "more" else (1.0, ("low", "high"))
        found[name] = sign * table[name]
        if metric.interval:
            for end, of in zip(("low", "high"), ends, strict=True):
                found[f"{name}_{end}"] = sign * table[f"{name}_{of}"]
    return found


def rows_to_cells(labels: pd.DataFrame, cells: pd.Index) -> np.ndarray:
    """Number of the cell that each row lies in."""
    if isinstance(cells, pd.MultiIndex):
        return np.asarray(cells.get_indexer(pd.MultiIndex.from_frame(labels)))
    return np.asarray(pd.Index(cells.to_numpy()).get_indexer(labels.iloc[:, 0].to_numpy()))


@dataclass(frozen=True)
class _Pair:
    """The two whose errors are compared, and how intervals are drawn."""

    quantized: Validation
    reference: Validation
    drawn: dict[str, Any]

    def judged(
        self, compared: pd.DataFrame, limits: dict[str, Any], regimes: pd.DataFrame | None
    ) -> tuple[pd.DataFrame, pd.Series]:
        """One row a limit of a cell, and the status of each cell."""
        cells = pd.Index([ALL_ROWS]) if regimes is None else compared.index
        spread = of_all if regimes is None else (lambda given: of_cells(given, cells))
        numbers = {name: _each(limit, share_of) for name, limit in limits.items()}
        allowed = spread(numbers)
        table = losses(compared, self.quantized.task)
        for name, limit in limits.items():
            if all(isinstance(value, str) for value in _values(limit)):
                sizes = METRICS[name].sized(compared[f"{name}_b"].to_numpy(dtype=np.float64))
                excess = self._excess(np.nan_to_num(allowed[name]), cells, regimes)
                allowed[name] = allowed[name] * np.nan_to_num(sizes)  # no rows, no evidence
                for end in ("low", "high"):
                    if f"{name}_{end}" in table:
                        ends = excess[f"{name}_{end}"].to_numpy(dtype=np.float64)
                        table[f"{name}_{end}"] = ends + allowed[name]
        own = self.quantized.overall.to_frame().T if regimes is None else self.quantized.by_regime
        assert own is not None
        weak = {name: METRICS[name].weak_in(own) for name in limits}
        n_effective = effective(self.quantized, regimes)
        return limit_table(table, n_effective, allowed, cells, _at_most, weak)

    def _excess(
        self, shares: np.ndarray, cells: pd.Index, regimes: pd.DataFrame | None
    ) -> pd.DataFrame:
        """The errors less (1 + share) times those of the reference."""
        at = 0 if regimes is None else rows_to_cells(regimes, cells)
        rows = self.reference.predictions
        stretched = rows["truth"] + (1.0 + shares[at]) * (rows["prediction"] - rows["truth"])
        other = replace(self.reference, predictions=rows.assign(prediction=stretched))
        return self.quantized._paired(other, regimes, groups=self.reference.groups, **self.drawn)


def _at_most(metric: str, limits: np.ndarray) -> tuple[Any, Any]:
    return -np.inf, limits


def _values(limit: Any) -> list[Any]:
    return list(limit.values()) if isinstance(limit, Mapping) else [limit]


def _each(limit: Any, act: Any) -> Any:
    """A limit, or that of each cell, as something else."""
    if isinstance(limit, Mapping | pd.Series):
        return {cell: act(value) for cell, value in limit.items()}
    return act(limit)


def _share_text(share: float) -> str:
    return f"{100.0 * share:g} %"
