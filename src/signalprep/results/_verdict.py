"""Verdict: every cell held against the limits, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from signalprep.metrics import METRICS, WEIGHTS
from signalprep.wording import format_count, format_interval, format_number, interval_text

STATUSES = ("fail", "underpowered", "no evidence", "pass")
"""From the one that matters most to the one that matters least."""
SAID = (
    ("fail", "fails", "fail"),
    ("underpowered", "cannot be told yet", "cannot be told yet"),
    ("no evidence", "has no evidence", "have no evidence"),
    ("pass", "passes", "pass"),
)
"""What is said of one and of several."""
MOST_NAMED = 5
"""Failing cells in the text."""
MOST_SHOWN = 60
"""Rows of the table in a notebook."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """Whether a model keeps its limits, over all rows and in every cell.

    Made by `Validation.verdict`.

    Attributes
    ----------
    overall : DataFrame
        All rows, one row a limited metric: ``value``, ``low``, ``high`` (its interval), ``limit``,
        ``n``, ``n_cycles``, ``n_groups``, ``n_effective`` (see
        :func:`~signalprep.effective_samples`), ``status`` and ``weak``. The status is "pass" (the
        whole interval keeps the limit), "fail" (the whole interval is beyond it), "underpowered"
        (the interval holds the limit: it takes more cycles to tell) or "no evidence" (too few
        cycles to say anything). A row is weak where the interval is so wide that the value says
        little (see :func:`~signalprep.regime_metrics`).
    by_regime : DataFrame or None
        The same for each cell; the index has the levels of the regimes, then ``metric``. None
        without regimes.
    by_cell : Series or None
        Status of each cell over all its limits, the one that matters most: "fail" before
        "underpowered" before "no evidence" before "pass". NaN for a cell without a limit. None
        without regimes.
    limits : dict
        As given.
    strict : bool
        Whether cells without evidence stand in the way of a pass, too.
    target : str
        Name of the target.
    unit : str
        Unit of the errors.
    confidence : float
        Level of the intervals.
    weight : str
        How errors were averaged: "row" where every row counts the same, or "cycle".
    """

    overall: pd.DataFrame
    by_regime: pd.DataFrame | None
    by_cell: pd.Series | None
    limits: dict[str, Any]
    strict: bool = False
    target: str = "target"
    unit: str = ""
    confidence: float = 0.95
    weight: str = "row"

    @property
    def answer(self) -> str:
        """The verdict in a word: "pass", "fail" or "cannot tell".

        "fail" when anything fails, all rows or a cell. "pass" when something passes, the limits
        over all rows all do, and no cell with evidence is underpowered. Else "cannot tell". Cells
        without evidence do not change it, unless `strict`: the drive may be unable to get there.
        """
        everything = [self.overall["status"]]
        if self.by_regime is not None:
            everything.append(self.by_regime["status"])
        if any((status == "fail").any() for status in everything):
            return "fail"
        undecided = ["underpowered", "no evidence"] if self.strict else ["underpowered"]
        decided = not any(status.isin(undecided).any() for status in everything)
        passed = any((status == "pass").any() for status in everything)
        kept = (self.overall["status"] == "pass").all()
        return "pass" if decided and passed and kept else "cannot tell"

    @property
    def ok(self) -> bool:
        """Whether the answer is "pass"."""
        return self.answer == "pass"

    @property
    def sentence(self) -> str:
        """What the answer rests on: all rows, cells that fail, that cannot be told, unseen ones."""
        said = []
        for status, one, several in SAID:
            names = self.overall.index[(self.overall["status"] == status).to_numpy()]
            if len(names):
                titles = " and ".join(METRICS[str(name)].short_title for name in names)
                said.append(f"over all rows {titles} {one if len(names) == 1 else several}")
        if self.by_cell is not None:
            found = self.by_cell.value_counts()
            for status, one, several in SAID:
                if found[status]:
                    cells = format_count(found[status], "cell", "cells")
                    said.append(f"{cells} {one if found[status] == 1 else several}")
        return "; ".join(said)

    @property
    def failed(self) -> pd.DataFrame | None:
        """Rows of `by_regime` that fail, in the order of the map; None without regimes."""
        if self.by_regime is None:
            return None
        return self.by_regime[(self.by_regime["status"] == "fail").to_numpy()]

    def counts(self) -> pd.DataFrame:
        """How many cells have which status: one row a metric, one column a status."""
        table = pd.DataFrame(0, index=pd.Index(list(self.limits), name="metric"), columns=STATUSES)
        if self.by_regime is not None:
            metrics = self.by_regime.index.get_level_values(-1)
            for metric in self.limits:
                found = self.by_regime.loc[metrics == metric, "status"].value_counts()
                table.loc[metric] = found.reindex(list(STATUSES)).to_numpy()
        return table

    def limit_text(self, metric: str) -> str:
        """Give the limit of a metric in words.

        Parameters
        ----------
        metric : str
            One of `limits`.
        """
        limit = self.limits[metric]
        comparison = "at least" if METRICS[metric].better == "more" else "at most"
        name = METRICS[metric].size_title
        if isinstance(limit, float):
            return f"{name} {comparison} {limit:g} {self._unit_text(metric)}".rstrip()
        return f"{name} {comparison} what is given for each cell"

    def _unit_text(self, metric: str) -> str:
        return METRICS[metric].unit_text(self.unit)

    def __repr__(self) -> str:
        limits = ", ".join(self.limit_text(metric) for metric in self.limits)
        weighed = f"; {WEIGHTS[self.weight]}" if WEIGHTS[self.weight] else ""
        told = f"Verdict on {self.target!r}: {self.answer} ({limits}{weighed})"
        lines = [told, f"  {self.sentence}"]
        for metric, row in self.overall.iterrows():
            lines.append(f"  all rows: {self._row_text(str(metric), row)}: {row['status']}")
        if self.by_regime is not None:
            lines += [f"  {line}" for line in self._cell_lines()]
        return "\n".join(lines)

    def _cell_lines(self) -> list[str]:
        assert self.by_regime is not None
        lines = []
        for metric, row in self.counts().iterrows():
            said = [f"{count} {status}" for status, count in row.items() if count]
            name = METRICS[str(metric)].short_title
            lines.append(f"{format_count(row.sum(), 'cell', 'cells')}, {name}: {', '.join(said)}")
        failed = self.failed
        assert failed is not None
        for key, row in failed.iloc[:MOST_NAMED].iterrows():
            assert isinstance(key, tuple)
            labels = zip(failed.index.names[:-1], key[:-1], strict=True)
            place = ", ".join(f"{name} {label}" for name, label in labels)
            cycles = format_count(row["n_cycles"], "cycle", "cycles")
            lines.append(f"  fail: {place}: {self._row_text(key[-1], row)}, {cycles}")
        if len(failed) > MOST_NAMED:
            lines.append(f"  and {len(failed) - MOST_NAMED} more, see failed")
        return lines

    def _row_text(self, metric: str, row: pd.Series) -> str:
        between = format_interval(float(row["low"]), float(row["high"]))
        interval = interval_text(between, bool(row["weak"]))
        name = METRICS[metric].short_title
        value = f"{format_number(float(row['value']))} {self._unit_text(metric)}".rstrip()
        return f"{name} {value}" + (f" ({interval})" if interval else "")

    def _repr_html_(self) -> str:
        parts = [f"<pre>{escape(repr(self))}</pre>"]
        if self.by_regime is not None:
            order = self.by_regime["status"].cat.codes.argsort(kind="stable")
            shown = self.by_regime.iloc[order.iloc[:MOST_SHOWN]]
            parts.append(shown.to_html(float_format=format_number, border=0, sparsify=False))
            if len(self.by_regime) > MOST_SHOWN:
                parts.append(f"<p>{len(self.by_regime) - MOST_SHOWN} more rows, see by_regime.</p>")
        return "\n".join(parts)
