"""RegimeLoss: what a quantized model loses against the model that it stands for, and where."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from signalprep import _doors
from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, WEIGHTS, TaskName, main_metric, metrics_compared
from signalprep.results._comparison import Comparison
from signalprep.results._loss_verdict import LossVerdict, losses
from signalprep.results._validation import Validation
from signalprep.results._words import place_words
from signalprep.wording import WEAK, format_count, format_number, with_unit

MOST_NAMED = 5
"""Saturated places in the text."""
MOST_SHOWN = 60
"""Rows of the table in a notebook."""


@dataclass(frozen=True, repr=False)
class RegimeLoss:
    """The errors of a reference and of what is to stand for it, side by side in every cell.

    Made by :func:`signalprep.regime_loss`.

    Attributes
    ----------
    overall : DataFrame
        All rows, one row a metric: ``n``, ``n_cycles``, ``n_groups``, ``evidence``, ``weak``;
        ``reference`` and ``quantized``, the errors of both against the truth; ``loss``, how much
        worse the quantized one is (a larger error, a smaller score), its interval over paired
        cycles ``low`` and ``high``, and the ``outcome``: "reference better", "quantized better",
        "no difference shown" or "no evidence"; ``between``, the error of the quantized one against
        the reference; ``saturated``, the share of rows in which anything saturates (NaN where that
        is not known).
    by_regime : DataFrame or None
        The same for each cell; the index has the levels of the regimes, then ``metric``. A cell is
        weak where the interval of the quantized one's error is so wide that it says little. None
        without regimes.
    saturation : DataFrame or None
        Where anything saturates, the most often first: ``step`` of the pipeline
        ("input" for the formats) and ``channel`` (of a layer its unit), ``n``
        (rows), ``share`` (of all rows) and ``n_cycles`` that saw it. None where `quantized` does
        not tell.
    saturation_by_regime : DataFrame or None
        The same for each cell, those without evidence last; ``share`` is that of the rows of the
        cell. None without regimes, too.
    verdict : LossVerdict or None
        The losses against limits; None without.
    reference, quantized, between : Validation
        Errors of each against the truth, and of the quantized one against the reference, with their
        own intervals.
    comparison : Comparison
        Of the quantized one ("a") and the reference ("b").
    trained_on : Index
        Ids of those cycles that one of them has learned from. Errors against the truth are too
        small there.
    settings : dict
        How it was computed.
    """

    overall: pd.DataFrame
    by_regime: pd.DataFrame | None
    saturation: pd.DataFrame | None
    saturation_by_regime: pd.DataFrame | None
    verdict: LossVerdict | None
    reference: Validation
    quantized: Validation
    between: Validation
    comparison: Comparison
    trained_on: pd.Index
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """Whether the limits are kept: "pass", "fail" or "cannot tell", as of a :class:`Verdict`.

        Without limits there is nothing to tell by: "cannot tell".
        """
        return "cannot tell" if self.verdict is None else self.verdict.answer

    @property
    def ok(self) -> bool:
        """Whether the answer is "pass"."""
        return self.answer == "pass"

    @property
    def sentence(self) -> str:
        """What the answer rests on."""
        return "no limits were given" if self.verdict is None else self.verdict.sentence

    @property
    def target(self) -> str:
        """Name of the target."""
        return self.comparison.target

    @property
    def error_unit(self) -> str:
        """Unit of the errors, "" when that of the target is not known."""
        return self.comparison.error_unit

    @property
    def task(self) -> TaskName:
        """Of both."""
        return self.comparison.task

    @property
    def main_metric(self) -> str:
        """What is shown when none is named: "rmse", of classifiers "accuracy"."""
        return main_metric(self.task).name

    def table(self, metric: str | None = None) -> pd.DataFrame:
        """Give one metric in every cell.

        Parameters
        ----------
        metric : str, default=None
            None: "rmse", of classifiers "accuracy".

        Returns
        -------
        table : DataFrame
            Rows of `by_regime`; without regimes the row of `overall`.

        Raises
        ------
        InvalidParameterError
            An unknown metric.
        """
        known = list(self.overall.index)
        name = self.main_metric if metric is None else metric
        if name not in known:
            raise InvalidParameterError(f"metric must be one of {', '.join(known)}; got {name!r}")
        if self.by_regime is None:
            return self.overall.loc[[name]]
        here = (self.by_regime.index.get_level_values(-1) == name).nonzero()[0]
        return self.by_regime.iloc[here].droplevel(-1)

    def worst(self, metric: str | None = None) -> pd.DataFrame:
        """Give the cells of `table` that have evidence, the largest loss first, weak ones last.

        Parameters
        ----------
        metric : str, default=None
            None: "rmse", of classifiers "accuracy".

        Returns
        -------
        table : DataFrame
        """
        table = self.table(metric)
        table = table[table["evidence"].to_numpy(dtype=bool)]
        order = np.lexsort((-table["loss"].to_numpy(dtype=float), table["weak"].to_numpy()))
        return table.iloc[order]

    def plot(
        self, metric: str | None = None, *, ax: Any = None, **options: Any
    ) -> _doors.plotting.ComparisonHeatmapDisplay:
        """Draw the difference of the errors, quantized minus reference, over the operating map.

        Cells without evidence are hatched, weak ones pale and dotted; a value is bold where a
        difference is shown.

        Parameters
        ----------
        metric : str, default=None
            None: "rmse", of classifiers "accuracy".
        ax : Axes or sequence of Axes, default=None
            Where to draw: one axes for each map. None: a new figure.
        **options
            Of :meth:`ComparisonHeatmapDisplay.from_comparison`: `rows`, `columns`, `panels`,
            `cmap`, `vmin`, `vmax`, `interval`, `colorbar`.

        Returns
        -------
        display : ComparisonHeatmapDisplay

        Raises
        ------
        InvalidParameterError
            Made without regimes, or an unknown metric.
        """
        comparison, cells = self.comparison, self.comparison.by_regime
        if cells is not None:
            weak = self.table(metric)["weak"].to_numpy()
            comparison = replace(comparison, by_regime=cells.assign(weak=weak))
        return _doors.plotting.ComparisonHeatmapDisplay.from_comparison(
            comparison, metric, ax=ax, **options
        )

    def __repr__(self) -> str:
        said = WEIGHTS[self.quantized.weight]
        row = self.overall.iloc[0]
        head = (
            f"RegimeLoss of {self.target!r}: {self.answer}; quantized minus reference, "
            f"{format_count(row['n_cycles'], 'cycle', 'cycles')}, "
            f"{format_count(row['n'], 'row', 'rows')}{said and f'; {said}'}"
        )
        lines = [*self._error_lines(), *self._cell_lines(), *self._limit_lines()]
        lines += [*self._saturation_lines(), *self._trained_lines()]
        return "\n".join([head, *(f"  {line}" for line in lines)])

    def _error_lines(self) -> list[str]:
        unit = self.error_unit
        lines = [
            self.comparison._line(name, METRICS[name].unit_text(unit))
            for name in self._shown_metrics()
        ]
        value = float(self.overall["between"].loc[self.main_metric])
        name = METRICS[self.main_metric].short_title
        return [*lines, f"against the reference itself: {name} {self._value(value)}"]

    def _shown_metrics(self) -> list[str]:
        """Main metric, then those that are limited."""
        limited = [] if self.verdict is None else [m for m in self.verdict.limits if m != "max"]
        return list(dict.fromkeys([self.main_metric, *limited]))

    def _value(self, value: float, *, signed: bool = False) -> str:
        unit = METRICS[self.main_metric].unit_text(self.error_unit)
        return with_unit(format_number(value, signed=signed), unit)

    def _cell_lines(self) -> list[str]:
        if self.by_regime is None:
            return []
        worst, n_cells = self.worst(), len(self.table())
        n_weak = int(worst["weak"].sum())
        line = f"{len(worst)} of {n_cells} regimes have evidence"
        line += f", {n_weak} of them {WEAK}" if n_weak else ""
        if len(worst) == n_weak:
            return [line]
        name = f"largest loss of {'the others' if n_weak else 'them'}"
        loss = self._value(float(worst["loss"].iloc[0]), signed=True)
        where = place_words(worst, worst.index[0])
        return [line, f"{name}: {METRICS[self.main_metric].short_title} {loss} at {where}"]

    def _limit_lines(self) -> list[str]:
        if self.verdict is None:
            return []
        limits = ", ".join(self.verdict.limit_text(metric) for metric in self.verdict.limits)
        cells = [] if self.by_regime is None else self.verdict._cell_lines()
        return [f"limits: {limits}", f"  {self.sentence}", *(f"  {line}" for line in cells)]

    def _saturation_lines(self) -> list[str]:
        if self.saturation is None:
            return ["saturation: not known of this model"]
        if not len(self.saturation):
            return ["nothing saturates"]
        share = format_number(100.0 * float(self.overall["saturated"].iloc[0]))
        lines = [f"something saturates in {share} % of rows"]
        table = self.saturation if self.saturation_by_regime is None else self.saturation_by_regime
        for key, row in table.iloc[:MOST_NAMED].iterrows():
            where = "" if self.saturation_by_regime is None else f" at {place_words(table, key)}"
            share = format_number(100.0 * float(row["share"]))
            lines.append(f"  {row['channel']} in {row['step']}: {share} %{where}")
        if len(table) > MOST_NAMED:
            lines.append(f"  and {len(table) - MOST_NAMED} more, see saturation_by_regime")
        return lines

    def _trained_lines(self) -> list[str]:
        if not len(self.trained_on):
            return []
        n = format_count(len(self.trained_on), "cycle was", "cycles were")
        return [f"{n} trained on: errors against the truth are too small there"]

    def _repr_html_(self) -> str:
        parts = [f"<pre>{escape(repr(self))}</pre>"]
        if self.by_regime is not None:
            shown = self.table()
            parts.append(
                shown.to_html(
                    float_format=format_number, border=0, sparsify=False, max_rows=MOST_SHOWN
                )
            )
        return "\n".join(parts)


def loss_tables(
    comparison: Comparison,
    between: Validation,
    quantized: Validation,
    saturated: tuple[np.ndarray, np.ndarray | None],
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """All rows, and every cell: one row a metric.

    Parameters
    ----------
    comparison : Comparison
    between, quantized : Validation
        Errors against the reference, and against the truth.
    saturated : pair of ndarray
        Share of all rows, and of the rows of each cell, in which anything saturates.
    """
    whole, in_cells = saturated
    first = [one.overall.to_frame().T for one in (comparison, between, quantized)]
    overall = _by_metric(first, whole, comparison).droplevel(0)
    if in_cells is None:
        return overall.infer_objects(), None
    cells = [one.by_regime for one in (comparison, between, quantized)]
    return overall.infer_objects(), _by_metric(cells, in_cells, comparison)


def _by_metric(tables: list[Any], saturated: np.ndarray, comparison: Comparison) -> pd.DataFrame:
    """One row a metric of a cell, cell by cell."""
    compared, between, quantized = tables
    worse, names = losses(compared, comparison.task), list(comparison.names)
    words = {f"{side} better": f"{name} better" for side, name in zip("ab", names, strict=True)}
    parts = {}
    for metric in metrics_compared(comparison.task):
        name = metric.name
        ends: dict[str, Any] = {"low": np.nan, "high": np.nan, "outcome": "no interval"}
        if metric.interval:
            told = [words.get(str(one), str(one)) for one in compared[f"{name}_status"]]
            ends = {"low": worse[f"{name}_low"], "high": worse[f"{name}_high"], "outcome": told}
        parts[name] = worse[["n", "n_cycles", "n_groups", "evidence"]].assign(
            weak=metric.weak_in(quantized),
            reference=compared[f"{name}_b"],
            quantized=compared[f"{name}_a"],
            loss=worse[name],
            **ends,
            between=between[name].to_numpy(),
            saturated=saturated,
        )
    table = pd.concat(parts, names=["metric", *compared.index.names])
    cell_by_cell = np.arange(len(table)).reshape(len(parts), -1).T.ravel()
    levels = [*range(1, table.index.nlevels), 0]
    return table.iloc[cell_by_cell].reorder_levels(levels)
