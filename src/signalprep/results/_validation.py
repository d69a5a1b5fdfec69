"""Validation: what validate() found, as plain tables."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from signalprep import _doors
from signalprep._parameters import check_count
from signalprep.metrics import (
    WEIGHTS,
    TaskName,
    inflated,
    main_metric,
    paired_metrics,
    regime_metrics,
)
from signalprep.results._words import between, cell_lines
from signalprep.wording import (
    error_unit,
    format_count,
    format_interval,
    format_number,
)

if TYPE_CHECKING:
    from typing import Unpack

    from signalprep.quality import LogCheck
    from signalprep.results._cleaning import Cleaning
    from signalprep.results._studies import Studies
    from signalprep.results._verdict import Verdict

OF_METRICS = ("confidence", "min_cycles", "n_bootstrap", "weight")
"""Settings that a table over other regimes is made with too."""


@dataclass(frozen=True)
class Validation:
    """The errors of a model on cycles it has not seen, and what they rest on.

    Made by :func:`signalprep.validate`. Tables, plots and the page only read it.

    Attributes
    ----------
    overall : Series
        Over all rows: ``n``, ``n_cycles``, ``n_groups``, ``bias``, ``mae``, ``rmse``, ``p95``,
        ``max``, ``r2``, ``share``, and ``<metric>_low`` and ``<metric>_high``, the ends of
        the interval over cycles.
    by_regime : DataFrame or None
        The same for each cell of the operating map (one index level a regime variable), with
        ``evidence``: whether enough cycles were seen. None without `regimes`.
    by_cycle : DataFrame
        The same for each cycle, without intervals; ``fold`` names the fold that tested it.
    predictions : DataFrame
        One row a tested sample (with ``decide="cycle"`` a cycle, at its last row), indexed
        (cycle, time): ``fold``, ``truth``, ``prediction``, the
        ends ``low`` and ``high`` of its interval if the estimator has ``predict_interval``,
        with regimes also ``regime`` (the cell's label) and ``extrapolated`` (whether a regime
        variable lay beyond the range of the fold's training rows).
    regimes : DataFrame or None
        Labels of the tested rows, one ordered categorical a regime variable, in the order of
        `predictions`.
    folds : DataFrame
        One row a fold: ``n_train_cycles``, ``n_test_cycles``, ``n_train_rows``, ``n_test_rows``,
        ``fit_seconds``, ``predict_seconds``.
    steps : DataFrame
        One row a step of the pipeline: ``step``, ``estimator``, ``lookahead``, ``memory``,
        ``delay`` (samples of the log; the last row is the sum over the pipeline). What hands its
        rows on, such as AtRate, stands before its own steps: "atrate", "atrate > ridge". A log that
        looks ahead by itself is the first row, "log".
    quality : LogCheck
        Data quality of the log that was validated.
    target : str
        Name of the target.
    units : dict
        Unit of each signal whose unit is known.
    rate : float
        Sampling rate of the log in Hz; NaN where every cycle has one row.
    settings : dict
        How it was computed: splitter, confidence, resamples, versions; ``weight``, how errors were
        averaged; ``coverage``, that an estimator with intervals was asked for; ``groups_parted``,
        where folds train on groups that they test (``allow_leak=True``).
    groups : Series or None
        Group of each cycle; whole groups were resampled. None: whole cycles were.
    cleaning : Cleaning or None
        What filters touched and what `omit` left out, by channel and by cell. None where there is
        neither.
    """

    task: ClassVar[TaskName] = TaskName.REGRESSION

    overall: pd.Series
    by_regime: pd.DataFrame | None
    by_cycle: pd.DataFrame
    predictions: pd.DataFrame
    regimes: pd.DataFrame | None
    folds: pd.DataFrame
    steps: pd.DataFrame
    quality: LogCheck
    target: str
    rate: float
    units: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    groups: pd.Series | None = None
    cleaning: Cleaning | None = None

    def __repr__(self) -> str:
        unit = self.error_unit
        unit = f" {unit}" if unit else ""
        o, metric = self.overall, main_metric(self.task)
        weak = bool(metric.is_weak(o["rmse"], o["rmse_low"], o["rmse_high"]))
        interval = between(o["rmse_low"], o["rmse_high"], ".4g", weak)
        explained = "" if math.isnan(o["r2"]) else f", R2 {o['r2']:.3f}"
        lines = [
            f"Validation of {self.target!r}: {int(o['n_cycles'])} cycles, {int(o['n'])} rows, "
            f"{len(self.folds)} folds{self._grouped_text()}{self._weighed_text()}"
            f"{self._decided_text()}",
            f"  RMSE {o['rmse']:.4g}{unit} ({interval}), bias {o['bias']:.3g}{unit}, "
            f"95 % of errors below {o['p95']:.4g}{unit}{explained}",
            *self._interval_lines(),
        ]
        if "low" in self.predictions:
            lines.append(f"  {self._bands()}")
        if self.by_regime is not None:
            told = cell_lines(self.by_regime, metric, lambda value: f"{value:.4g}{unit}")
            lines += [f"  {line}" for line in told]
        return "\n".join(lines)

    def _interval_lines(self) -> list[str]:
        if not self.left_out:
            return []
        return [f"  intervals leave out {self.left_out} (interval='nested' counts it in)"]

    def _bands(self) -> str:
        """What share of a cycle lies within the intervals, beside what was promised."""
        from signalprep.results._band_coverage import overall_coverage

        found = overall_coverage(self)
        share, low, high, promised = (
            100.0 * float(found[name])
            for name in ("coverage", "coverage_low", "coverage_high", "promised")
        )
        asked = "" if math.isnan(promised) else f", {promised:g} % promised"
        interval = format_interval(low, high, 1)
        said = f"{format_number(share, 1)} %" + (f" ({interval})" if interval else "")
        return f"prediction intervals: {said} of a cycle lie within{asked}"

    def _grouped_text(self) -> str:
        if self.groups is None:
            return ""
        how = "parted by folds" if self.settings.get("groups_parted") else "kept whole"
        return f", {format_count(self.overall['n_groups'], 'group', 'groups')} {how}"

    def _weighed_text(self) -> str:
        return f"; weights: {self.weighed}" if self.weighed else ""

    def _decided_text(self) -> str:
        return f"; {self.decided}" if self.decided else ""

    @property
    def weighed(self) -> str:
        """What counts by its weight, in words; "" where all rows count the same."""
        said = [str(self.settings.get("weights", "")), WEIGHTS[self.weight]]
        return "; ".join(words for words in said if words)

    @property
    def weight(self) -> str:
        """How errors were averaged: "row" where every row counts the same, or "cycle"."""
        return str(self.settings.get("weight", "row"))

    @property
    def decided(self) -> str:
        """How each cycle was decided as a whole, in words; "" where each row is by itself."""
        if self.settings.get("decide", "row") == "row":
            return ""
        return f"one decision a cycle ({self.settings['vote']} of its rows)"

    @property
    def error_unit(self) -> str:
        """Unit of the errors, "" when that of the target is not known."""
        return error_unit(self.units.get(self.target, ""))

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return float(self.settings.get("confidence", 0.95))

    @property
    def resampled(self) -> str:
        """What the intervals drew as a whole: "cycles", or "groups of cycles"."""
        return "cycles" if self.groups is None else "groups of cycles"

    @property
    def left_out(self) -> str:
        """What the intervals leave out, in words; empty when nothing is known to be."""
        if self.settings.get("interval", "cycles") == "nested":
            return ""
        return "how much the model would change with other training cycles"

    @property
    def least_seen(self) -> str:
        """How many cycles, or groups of them, a cell must be seen by to have evidence."""
        one = "cycle" if self.groups is None else "group of cycles"
        return format_count(self.min_cycles, one, self.resampled)

    @property
    def min_cycles(self) -> int:
        """Cycles, or groups of them, that a cell must be seen by to have evidence."""
        return int(self.settings.get("min_cycles", 3))

    @property
    def errors(self) -> pd.Series:
        """Prediction minus truth of each tested row."""
        return (self.predictions["prediction"] - self.predictions["truth"]).rename("error")

    def metrics_by(self, regimes: Any) -> pd.DataFrame:
        """Metrics over other regimes than those validated with, without fitting anew.

        Parameters
        ----------
        regimes : Series or DataFrame
            Labels with the index of `predictions`; several columns make joint cells.

        Returns
        -------
        table : DataFrame
            As `by_regime`.

        Raises
        ------
        InvalidLogError
            Labels that do not belong to the tested rows, or are missing.

        Examples
        --------
        >>> import signalprep as sp
        >>> from sklearn.linear_model import Ridge
        >>> log = sp.datasets.simulate_pmsm(n_cycles=8, rate=1.0, random_state=0)
        >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
        >>> result = sp.validate(Ridge(), X, y)
        >>> result.metrics_by((y > 80.0).rename("hot")).index.tolist()
        [False, True]
        """
        known = {key: self.settings[key] for key in OF_METRICS if key in self.settings}
        table = self._table(regimes, known | {"groups": self.groups})
        factor = float(self.settings.get("inflation", 1.0))
        return table if factor == 1.0 else inflated(table, factor, self.task)

    def _table(self, regimes: Any, options: dict[str, Any]) -> pd.DataFrame:
        truth, prediction = self.predictions["truth"], self.predictions["prediction"]
        return regime_metrics(truth, prediction, regimes, **options)

    def _paired(self, other: Any, regimes: pd.DataFrame | None, **options: Any) -> pd.DataFrame:
        """Difference of this and another validation of the same rows, with intervals."""
        one, two = self.predictions, other.predictions
        return paired_metrics(
            one["truth"], one["prediction"], two["prediction"], regimes, **options
        )

    def verdict(self, limits: Mapping[str, Any], *, strict: bool = False) -> Verdict:
        """Hold every cell, and all rows, against limits.

        A cell passes when the whole interval of the metric keeps the limit and fails when the whole
        interval is beyond it. When the interval holds the limit, the cell is underpowered: this
        many cycles cannot tell. A cell seen by fewer cycles than `min_cycles` has no evidence.

        Parameters
        ----------
        limits : mapping of str to float, or to a mapping of cells to float
            Largest allowed value of ``mae``, ``rmse``, ``p95`` and ``max``, in the unit of the
            error; of ``bias``, its largest allowed size in both directions; of ``r2``, the least.
            One number holds for every cell and for all rows. A mapping (or Series) gives the limit
            of each cell by its label in `by_regime`, and that of all rows as "overall"; what it
            does not name has no limit.
        strict : bool, default=False
            Whether cells without evidence make the answer "cannot tell", too. Else they are only
            counted: the drive may be unable to get there.

        Returns
        -------
        verdict : Verdict

        Raises
        ------
        InvalidParameterError
            An unknown metric or cell, no limit at all, one that is no finite number or cannot be
            kept, or a validation made without intervals (``n_bootstrap=0``).

        Notes
        -----
        `Verdict.answer` is "fail" when anything fails, "pass" when something passes, the limits
        over all rows all do, and no cell with evidence is underpowered, else "cannot tell".

        ``max`` has no interval: one error beyond its limit fails the cell, even where there is no
        evidence for anything else, and no number of errors within it shows that there is none
        beyond. So with a limit of ``max`` the answer is never "pass".

        Each status is that of one cell, and as good as its interval. With 95 % intervals over many
        cycles, a cell whose true error lies exactly at the limit fails in 1 of 40 cases and passes
        in as many, so a map of a hundred such cells shows two or three false failures. With few
        cycles the intervals are approximate (see :func:`~signalprep.regime_metrics`): where a few
        cycles are much harder than the others, such a cell passes more often than that, because
        the hard ones may not be in the sample.

        Examples
        --------
        >>> import signalprep as sp
        >>> from sklearn.linear_model import Ridge
        >>> log = sp.datasets.simulate_pmsm(n_cycles=8, rate=1.0, random_state=0)
        >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
        >>> verdict = sp.validate(Ridge(), X, y).verdict({"rmse": 100.0, "p95": 0.1})
        >>> verdict.answer, verdict.overall["status"].tolist()
        ('fail', ['pass', 'fail'])
        """
        from signalprep.results._judge import judge

        return judge(self, limits, strict)

    def band_coverage(self) -> pd.DataFrame:
        """Share of a tested cycle that lies within its prediction intervals.

        Cycles count alike, however long they are and whatever `weight` was validated with, because
        that is what :class:`~signalprep.ConformalBands` promises; ``of_rows`` counts rows.

        Returns
        -------
        table : DataFrame
            One row for all rows, "overall", or with regimes one a cell: ``n``, ``n_cycles``,
            ``promised``, the `coverage` that the estimator was asked for (NaN if it has none),
            ``coverage``, the mean over cycles of the share of their rows in the cell that lie
            within, its interval over cycles ``coverage_low`` and ``coverage_high``, ``of_rows``,
            the share of all rows, ``width``, the mean width of the intervals over cycles, and
            ``evidence``. Where all of n cycles lie within, the lower end is
            ((1 - confidence) / 2)^(1/n): more may lie outside than was seen.

        Raises
        ------
        InvalidParameterError
            The estimator gave no intervals: see :class:`~signalprep.ConformalBands`.

        Examples
        --------
        >>> import signalprep as sp
        >>> log = sp.datasets.simulate_pmsm(n_cycles=24, rate=0.2, random_state=0)
        >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
        >>> result = sp.validate(sp.ConformalBands(coverage=0.8), X, y, cv=3, n_bootstrap=100)
        >>> bool(0.7 < result.band_coverage().loc["overall", "coverage"] < 0.9)
        True
        """
        from signalprep.results._band_coverage import band_coverage

        return band_coverage(self)

    def next_tests(
        self,
        n: int | None = 10,
        *,
        limits: Mapping[str, Any] | Verdict | None = None,
        metric: str | None = None,
    ) -> pd.DataFrame:
        """Rank the cells of the operating map by what to record next.

        With `limits`: cells whose interval holds a limit, those first that the fewest more cycles
        would decide. Without: cells whose interval of `metric` is wider than that of the typical
        (median) cell, the widest first. After them come the cells that too few cycles have seen,
        and last those that none has. Cells that fail are not listed: they call for a better model,
        not for more cycles.

        An interval over n cycles shrinks with k more as t(n + k - 1) / sqrt(n + k), with Student's
        quantile t, on the scale of the logarithm for errors; and the spread found in few cycles is
        taken part of the way to that of all cells, because the widest interval is so by chance too.
        `more_cycles` is the least k after which it is expected to keep clear of the limit (or to be
        as narrow as the typical one), if the value stays. Where a few cycles have much larger
        errors than the others, it takes more: further cycles find further such errors.

        When tried on twelve cells that a quarter to all of twelve cycles had seen, forty-eight more
        visits by this table, against cells drawn at random, left the widest interval at 2.6 times
        the typical error instead of 6.2 and decided 4.7 cells instead of 3.0; the width found was
        as expected in the median, and 0.8 to 1.3 of it in half of the cases
        (benchmarks/simulations/next_tests.py).

        Parameters
        ----------
        n : int or None, default=10
            Most rows; None: all.
        limits : mapping or Verdict, default=None
            As :meth:`verdict` takes them, or its result.
        metric : {"bias", "mae", "rmse", "p95", "r2"}, default=None
            What to narrow when there are no limits; None: "rmse", of a classifier "accuracy".

        Returns
        -------
        table : DataFrame
            One row a cell, the best next test first; the index holds the ranges to drive in.
            ``metric``, ``value``, ``low``, ``high``, ``n_cycles``, ``more_cycles`` (at most 100; of
            a validation with groups so many groups of cycles),
            ``seconds`` (time in the cell: that many cycles, each as long in the cell as the cycles
            so far), ``expected_width`` of the interval then, and ``why`` in words.

        Raises
        ------
        InvalidParameterError
            A validation without regimes, an unknown metric, `n` below 1, or as :meth:`verdict`.

        Examples
        --------
        >>> import signalprep as sp
        >>> from sklearn.linear_model import Ridge
        >>> log = sp.datasets.simulate_pmsm(n_cycles=8, rate=1.0, random_state=0)
        >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
        >>> result = sp.validate(Ridge(), X, y, regimes={"omega_m": [0, 400, 800, 5000]})
        >>> result.next_tests(1)[["n_cycles", "more_cycles"]].shape
        (1, 2)
        """
        from signalprep.results._next_tests import rank_tests

        if n is not None:
            check_count("n", n, 1, ", or None for all")
        return rank_tests(self, self._judged(limits), metric, n)

    def _judged(self, limits: Mapping[str, Any] | Verdict | None) -> Verdict | None:
        from signalprep.results._judge import check_verdict
        from signalprep.results._verdict import Verdict

        if limits is None:
            return None
        return check_verdict(limits, self) if isinstance(limits, Verdict) else self.verdict(limits)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        limits: Mapping[str, Any] | Verdict | None = None,
        **studies: Unpack[Studies],
    ) -> None:
        """Write the report: one self-contained HTML page.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step, never left half written.
        limits : mapping or Verdict, default=None
            As :meth:`verdict` takes them, or its result: the page then opens with the verdict and
            marks the cells.
        **studies
            What else the page shows: ``prices``, what less honest tests would have said, by
            :func:`~signalprep.price_of_leaks`; ``audit``, by :func:`~signalprep.audit`, whose
            findings go into the details, a leak also to the head of the page; ``learning_curve``,
            by :func:`~signalprep.cycle_learning_curve`, which goes into the details; ``loss``,
            what a quantized model costs, by :func:`~signalprep.regime_loss`. Of a classifier the
            page takes an audit and a loss only. None is as good as nothing.

        Raises
        ------
        InvalidParameterError
            A study that this page does not show or that is about another target, a verdict on
            another validation, limits as :meth:`verdict`, or a path that cannot be written.

        Notes
        -----
        The details of a regressor hold what :func:`~signalprep.diagnose` finds, too.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import signalprep as sp
        >>> from sklearn.linear_model import Ridge
        >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
        >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
        >>> page = pathlib.Path(tempfile.mkdtemp(), "page.html")
        >>> sp.validate(Ridge(), X, y).to_html(page, audit=sp.audit(Ridge(), X, y))
        >>> "Audit" in page.read_text(encoding="utf-8")
        True
        """
        _doors.report.write_report(self, path, self._judged(limits), **studies)

    def to_json(
        self,
        path: str | os.PathLike[str],
        *,
        limits: Mapping[str, Any] | Verdict | None = None,
        **studies: Unpack[Studies],
    ) -> None:
        """Write the numbers of the page (without `predictions`) as JSON.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step.
        limits : mapping or Verdict, default=None
            As :meth:`verdict` takes them, or its result: the file then holds the verdict too.
        **studies
            As :meth:`to_html` takes them.

        Raises
        ------
        InvalidParameterError
            As :meth:`to_html`.

        See Also
        --------
        signalprep.report.json_schema : What the file holds.
        """
        _doors.report.write_json(self, path, self._judged(limits), **studies)
