"""Comparison: which of two models is better, where, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from signalprep.metrics import METRICS, WEIGHTS, TaskName, main_metric
from signalprep.wording import decimals_for, error_unit, format_count, format_number

OUTCOMES = ("a better", "b better", "no difference shown", "no evidence")
PARTS = ["a", "b", "difference", "low", "high"]
DIGITS = 5
"""Significant digits of the compared values that a difference is shown to."""


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two validations of the same rows and folds, paired by cycle.

    Made by :func:`signalprep.compare`. Differences are a minus b: of an error, negative where a is
    better; of r2 and the scores of classifiers but log_loss, positive. The bias enters by its size.

    Attributes
    ----------
    overall : Series
        Over all rows: ``n``, ``n_cycles``, ``evidence``; for bias, mae, rmse, p95, max and r2, or
        of classifiers for accuracy, balanced_accuracy, f1 and log_loss, the values ``<metric>_a``
        and ``<metric>_b`` and their difference ``<metric>``; for all but max also ``<metric>_low``
        and ``<metric>_high``, the interval of the difference, and ``<metric>_status``: "a better"
        or "b better" where the whole interval says so, "no difference shown" where it holds zero,
        "no evidence" where too few cycles were seen.
    by_regime : DataFrame or None
        The same for each cell; None without regimes.
    by_cycle : DataFrame
        The values and differences of each cycle, without intervals; ``fold`` names the fold that
        tested it.
    names : tuple of str
        What a and b are called in texts and pictures.
    target : str
        Name of the target.
    units : dict
        Unit of each signal whose unit is known.
    settings : dict
        How the intervals were computed; ``weight``, how errors were averaged.
    task : TaskName
        Of both.
    """

    overall: pd.Series
    by_regime: pd.DataFrame | None
    by_cycle: pd.DataFrame
    names: tuple[str, str] = ("a", "b")
    target: str = "target"
    units: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    task: TaskName = TaskName.REGRESSION

    @property
    def error_unit(self) -> str:
        """Unit of the errors, "" when that of the target is not known."""
        return error_unit(self.units.get(self.target, ""))

    @property
    def main_metric(self) -> str:
        """What is shown when none is named: "rmse", of classifiers "accuracy"."""
        return main_metric(self.task).name

    def counts(self) -> pd.DataFrame:
        """How many cells come out how: one row a metric, one column an outcome."""
        metrics = [name.removesuffix("_status") for name in self.overall.index if "_status" in name]
        table = pd.DataFrame(0, index=pd.Index(metrics, name="metric"), columns=OUTCOMES)
        if self.by_regime is not None:
            for metric in metrics:
                found = self.by_regime[f"{metric}_status"].value_counts()
                table.loc[metric] = found.reindex(list(OUTCOMES)).to_numpy()
        return table

    def outcome_text(self, status: str) -> str:
        """Give an outcome with the names of the models.

        Parameters
        ----------
        status : str
            Such as "a better".
        """
        name_a, name_b = self.names
        return {"a better": f"{name_a} better", "b better": f"{name_b} better"}.get(status, status)

    def __repr__(self) -> str:
        unit = self.error_unit
        overall = self.overall
        lines = [
            f"Comparison of {self.names[0]!r} and {self.names[1]!r} on {self.target!r}: "
            f"{format_count(overall['n_cycles'], 'cycle', 'cycles')}, "
            f"{format_count(overall['n'], 'row', 'rows')}; "
            f"differences are {self.names[0]} minus {self.names[1]}{self._weighed_text()}"
        ]
        for metric in self.counts().index:
            lines.append(f"  {self._line(metric, METRICS[metric].unit_text(unit))}")
        if self.by_regime is not None:
            found = self.counts().loc[self.main_metric]
            said = [f"{self.outcome_text(str(name))} in {n}" for name, n in found.items() if n]
            title = METRICS[self.main_metric].short_title
            lines.append(f"  {len(self.by_regime)} cells, {title}: {', '.join(said)}")
        return "\n".join(lines)

    def _weighed_text(self) -> str:
        said = WEIGHTS[str(self.settings.get("weight", "row"))]
        return f"; {said}" if said else ""

    def _line(self, metric: str, unit: str) -> str:
        overall = self.overall
        shown = self.as_text(overall.to_frame().T, metric).iloc[0]
        unknown = pd.isna(overall[f"{metric}_low"])
        interval = "" if unknown else f" ({shown['low']} to {shown['high']})"
        name = METRICS[metric].short_title
        outcome = self.outcome_text(str(overall[f"{metric}_status"]))
        values = f"{name} {shown['a']} and {shown['b']} {unit}".rstrip()
        return f"{values}: {shown['difference']}{interval}, {outcome}"

    def as_text(self, table: pd.DataFrame, metric: str) -> pd.DataFrame:
        """Give values, difference and its interval as text, with the digits that the values bear.

        A difference has no more than five digits of what is compared: rounding is none.

        Parameters
        ----------
        table : DataFrame
            Rows of `by_regime`, or that of `overall`.
        metric : str
            One of those compared by an interval.

        Returns
        -------
        text : DataFrame
            ``a``, ``b``, ``difference``, ``low``, ``high``.
        """
        names = [f"{metric}{part}" for part in ("_a", "_b", "", "_low", "_high")]
        numbers = table[names].astype(np.float64).set_axis(PARTS, axis=1)
        size = "rmse" if METRICS[metric].signed else metric
        sizes = table[[f"{size}_a", f"{size}_b"]].to_numpy(dtype=np.float64).ravel()
        most = decimals_for(sizes, DIGITS)
        rounded = numbers.round(most)
        decimals = min(
            most, decimals_for(rounded[["difference", "low", "high"]].to_numpy().ravel())
        )
        text = rounded[["a", "b"]].map(format_number)
        text["difference"] = [
            format_number(v, decimals, signed=True) for v in rounded["difference"]
        ]
        for end in ("low", "high"):
            text[end] = [format_number(value, decimals) for value in rounded[end]]
        return text

    def _repr_html_(self) -> str:
        parts = [f"<pre>{escape(repr(self))}</pre>"]
        if self.by_regime is not None:
            metric, (name_a, name_b) = METRICS[self.main_metric], self.names
            text = self.as_text(self.by_regime, metric.name)
            heads = [
                f"{metric.short_title} of {name_a}",
                f"of {name_b}",
                f"{name_a} minus {name_b}",
            ]
            text = text.set_axis([*heads, "low", "high"], axis=1)
            text["outcome"] = [
                self.outcome_text(str(status)) for status in self.by_regime[f"{metric.name}_status"]
            ]
            shown = pd.concat([self.by_regime[["n", "n_cycles"]], text], axis=1)
            parts.append(shown.to_html(border=0, sparsify=False, max_rows=60))
        return "\n".join(parts)
