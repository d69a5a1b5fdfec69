"""Tables of the page: text columns from frames, numbers with one number of decimals a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.metrics import METRICS, Metric, metrics_of
from signalprep.wording import (
    decimals_for,
    format_count,
    format_interval,
    format_number,
    interval_text,
    range_text,
    signal_name,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import Validation

LONGEST = 28
"""Characters of a cell that still go on one line."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, its cells as text, and whether they are numbers."""

    title: str
    cells: list[str]
    number: bool = True

    def kind(self) -> str:
        """Whether numbers ("num"), text that must wrap ("long"), or neither ("")."""
        if self.number:
            return "num"
        return "long" if max(map(len, (self.title, *self.cells))) > LONGEST else ""


def as_table(columns: Iterable[Column], weak: Iterable[bool] = ()) -> dict[str, Any]:
    """Columns as the rows that the page prints, faded where they are weak."""
    columns = list(columns)
    return {
        "head": [{"title": column.title, "kind": column.kind()} for column in columns],
        "rows": [list(row) for row in zip(*(column.cells for column in columns), strict=True)],
        "weak": [k for k, faded in enumerate(weak) if faded],
    }


def text_column(title: str, values: Iterable[Any]) -> Column:
    """Values as they are."""
    return Column(title, [str(value) for value in values], number=False)


def count_column(title: str, values: Iterable[float]) -> Column:
    """Whole numbers, thousands separated."""
    return Column(title, [format_count(value) for value in values])


def number_column(title: str, values: Iterable[float]) -> Column:
    """Numbers with three significant digits for the typical one."""
    values = [float(value) for value in values]
    decimals = decimals_for(values)
    return Column(title, [format_number(value, decimals) for value in values])


def metric_column(table: pd.DataFrame, metric: str, unit: str) -> Column:
    """Values of a metric with their unit in the head."""
    text = METRICS[metric]
    values = table[metric].to_numpy(dtype=float) * text.factor
    shown = text.unit_text(unit)
    return Column(
        f"{text.short_title} [{shown}]" if shown else text.short_title,
        [format_number(v, decimals_of(table, METRICS[metric]), signed=text.signed) for v in values],
    )


def interval_column(table: pd.DataFrame, metric: str, title: str) -> Column:
    """Intervals of a metric; those of weak values say so."""
    factor = METRICS[metric].factor
    decimals = decimals_of(table, METRICS[metric])
    low = table[f"{metric}_low"].to_numpy(dtype=float) * factor
    high = table[f"{metric}_high"].to_numpy(dtype=float) * factor
    between = [format_interval(a, b, decimals) or "–" for a, b in zip(low, high, strict=True)]
    return Column(title, list(map(interval_text, between, METRICS[metric].weak_in(table))))


def confidence_text(validation: Validation) -> str:
    """Level of the intervals, such as "95 %"."""
    return f"{100 * validation.confidence:g}\N{NO-BREAK SPACE}%"


def value_text(metric: Metric, value: float, unit: str) -> str:
    """A value of a metric with its unit, given that of the error."""
    value *= metric.factor
    text = format_number(value, _decimals_alone(metric, value), signed=metric.signed)
    return with_unit(text, metric.unit_text(unit))


def certainty_text(validation: Validation, metric: Metric) -> str:
    """The interval of a metric over all rows, or why there is none."""
    columns = (metric.name, f"{metric.name}_low", f"{metric.name}_high")
    value, low, high = (float(validation.overall[name]) * metric.factor for name in columns)
    between = format_interval(low, high, _decimals_alone(metric, value))
    if not between:
        drawn = validation.settings.get("n_bootstrap") != 0
        few = f"too few {validation.resampled} for an interval"
        return few if drawn else "no interval was drawn"
    between = with_unit(between, metric.unit_text(validation.error_unit))
    interval = interval_text(between, bool(metric.is_weak(value, low, high)))
    return f"{confidence_text(validation)} interval over {validation.resampled}: {interval}"


def _decimals_alone(metric: Metric, value: float) -> int | None:
    """Decimals for a value that stands alone; None: three significant digits."""
    return {"none": 3, "percent": decimals_for([value], 2)}.get(metric.unit)


def cycles_text(validation: Validation) -> str:
    """How many cycles were tested, and in how many groups if there are any."""
    overall = validation.overall
    text = format_count(overall["n_cycles"], "cycle", "cycles")
    if validation.groups is None:
        return text
    return f"{text} in {format_count(overall['n_groups'], 'group', 'groups')}"


def seen_columns(validation: Validation, table: pd.DataFrame) -> list[Column]:
    """How many cycles saw each cell, and how many groups of them if there are any."""
    columns = [count_column("cycles", table["n_cycles"])]
    if validation.groups is not None:
        columns.append(count_column("groups", table["n_groups"]))
    return columns


def address_columns(
    cells: pd.Index, units: Mapping[str, str], *, exact: bool = False
) -> list[Column]:
    """One column a regime variable: the range, or with `exact` the label itself."""
    return [
        text_column(
            signal_name(name, units),
            [str(label) if exact else range_text(label) for label in cells.get_level_values(k)],
        )
        for k, name in enumerate(cells.names)
    ]


def shown_metrics(validation: Validation) -> list[Metric]:
    """Metrics that have a value, the main one first."""
    metrics = metrics_of(validation.task, main_first=True)
    return [metric for metric in metrics if not pd.isna(validation.overall[metric.name])]


def decimals_of(table: pd.DataFrame, metric: Metric) -> int:
    """Decimals for the values of a metric in a table."""
    if metric.better == "more":
        return 3
    digits = 2 if metric.signed or metric.unit == "percent" else 3
    return decimals_for(table[metric.name].to_numpy(dtype=float) * metric.factor, digits)
