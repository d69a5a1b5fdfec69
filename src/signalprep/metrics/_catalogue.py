"""Every metric there is, one entry each: what is computed, judged, drawn and written follows.

Tables, intervals, limits of a verdict, comparisons, maps, columns of the page, names in the JSON
and its schema, and options of the command line are made from this list. A new metric is one more
entry, in the place where its column shall stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.metrics._task import TaskName
from signalprep.metrics._terms import mean_over_classes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["METRICS", "Metric", "main_metric", "metric_of", "metrics_compared", "metrics_of"]

WEAK_FACTOR, WEAK_WIDTH = 3.0, 0.3
"""Upper end over value of an error, and width of the interval of a score, beyond which it is
weak."""


@dataclass(frozen=True)
class Metric:
    """A metric: what it is called, how it is computed and how it is to be read.

    Attributes
    ----------
    name : str
        Column of the tables.
    title : str
        As shown.
    task : TaskName
        Whose metric it is.
    of : callable
        Its values from the :class:`ErrorTerms` or :class:`ClassTerms` of cells.
    words : str
        What it is, as the page and the schema of the JSON say it.
    short : str
        Title for the head of a narrow column; empty: `title`.
    unit : {"error", "percent", "none"}
        Whether values carry the unit of the error, are fractions shown in percent, or bare.
    better : {"less", "more", "zero"}
        Which values are better: the smaller ones, the greater ones up to 1, or those near zero.
    interval : bool
        Whether it has an interval over cycles.
    extreme : bool
        Whether one row settles it: no resample holds a larger value than the sample, so there is
        no interval. A value beyond a limit refutes it, and none can show that it is kept.
    lowest : float
        Least limit that can be kept.
    main : bool
        Whether it is shown when none is named; one a task.
    mapped : bool
        Whether the page draws it over the operating map and gives its interval by cell.
    said : str
        How a cell of the map says it.
    """

    name: str
    title: str
    task: TaskName
    of: Callable[[Any], np.ndarray]
    words: str
    short: str = ""
    unit: Literal["error", "percent", "none"] = "error"
    better: Literal["less", "more", "zero"] = "less"
    interval: bool = True
    extreme: bool = False
    lowest: float = 0.0
    main: bool = False
    mapped: bool = False
    said: str = "{name} {value}"

    @property
    def short_title(self) -> str:
        """Title in a word."""
        return self.short or self.title

    @property
    def size_title(self) -> str:
        """The same of what is limited and compared: of a signed metric its size."""
        return f"|{self.short_title}|" if self.signed else self.short_title

    @property
    def factor(self) -> float:
        """Value shown for a value of 1."""
        return 100.0 if self.unit == "percent" else 1.0

    @property
    def signed(self) -> bool:
        """Whether values carry their sign, and are compared by their size."""
        return self.better == "zero"

    @property
    def limited(self) -> bool:
        """Whether it can be held against a limit."""
        return self.interval or self.extreme

    def unit_text(self, unit: str) -> str:
        """Unit of the shown value, given that of the error."""
        return {"error": unit, "percent": "%", "none": ""}[self.unit]

    def label(self, unit: str) -> str:
        """Title with unit, for an axis or a column."""
        text = self.unit_text(unit)
        return f"{self.title} [{text}]" if text else self.title

    def sized(self, values: Any) -> Any:
        """Values as they are compared."""
        return abs(values) if self.signed else values

    def is_weak(self, value: Any, low: Any, high: Any) -> Any:
        """Whether an interval is so wide that the value says little; False where there is none.

        An error whose upper end is more than three times its value; a score, or R2, whose interval
        is wider than 0.3. A signed metric is never weak: its value may well be near 0.
        """
        if self.signed:
            return np.zeros(np.shape(value), dtype=bool)
        if self.better == "more":
            return np.asarray(high) - np.asarray(low) > WEAK_WIDTH
        return np.asarray(high) > WEAK_FACTOR * np.asarray(value)

    def weak_in(self, table: pd.DataFrame) -> np.ndarray:
        """Whether it is weak in each row of a table of metrics; False where it has no interval."""
        columns = [self.name, f"{self.name}_low", f"{self.name}_high"]
        if not set(columns) <= set(table.columns):
            return np.zeros(len(table), dtype=bool)
        value, low, high = (table[column].to_numpy(dtype=float) for column in columns)
        return np.asarray(self.is_weak(value, low, high))

    def acceptable(self, limit: Any) -> tuple[Any, Any]:
        """Least and largest value that keep a limit."""
        if self.better == "more":
            return limit, np.inf
        return (-limit if self.signed else -np.inf), limit


def _error(name: str, title: str, of: Any, words: str, **told: Any) -> Metric:
    return Metric(name, title, TaskName.REGRESSION, of, words, **told)


def _score(name: str, title: str, of: Any, words: str, **told: Any) -> Metric:
    return Metric(name, title, TaskName.CLASSIFICATION, of, words, unit="none", mapped=True, **told)


_ENTRIES = (
    _error(
        "bias",
        "bias",
        lambda cell: cell.error / cell.n,
        "mean of prediction minus truth",
        better="zero",
        mapped=True,
    ),
    _error("mae", "MAE", lambda cell: cell.abs_error / cell.n, "mean of the absolute error"),
    _error(
        "rmse",
        "RMSE",
        lambda cell: np.sqrt(cell.squared_error / cell.n),
        "root of the mean squared error",
        main=True,
        mapped=True,
    ),
    _error(
        "p95",
        "95th percentile of |error|",
        lambda cell: cell.quantile(),
        "95th percentile of the absolute error",
        short="p95",
    ),
    _error(
        "max",
        "largest |error|",
        lambda cell: cell.largest,
        "largest absolute error",
        short="max",
        interval=False,
        extreme=True,
        said="largest {value}",
    ),
    _error(
        "r2",
        "R²",
        lambda cell: 1.0 - cell.squared_error / cell.spread,
        "1 minus the squared error over the spread of the truth about its mean, within the rows at "
        "hand",
        unit="none",
        better="more",
        lowest=-np.inf,
    ),
    _error(
        "share",
        "share of squared error",
        lambda cell: cell.share,
        "part of the squared error of all rows",
        short="share",
        unit="percent",
        interval=False,
        said="{value} of squared error",
    ),
    _score(
        "accuracy",
        "accuracy",
        lambda cell: cell.right.sum(axis=-1) / cell.n,
        "share of rows with the right class",
        better="more",
        main=True,
    ),
    _score(
        "balanced_accuracy",
        "balanced accuracy",
        lambda cell: mean_over_classes(cell.right / cell.true, cell.true > 0),
        "mean of the recall over the classes that occur in the cell",
        better="more",
    ),
    _score(
        "f1",
        "F1 (mean over classes)",
        lambda cell: mean_over_classes(
            2.0 * cell.right / (cell.true + cell.predicted), cell.true + cell.predicted > 0
        ),
        "mean over classes of 2 TP / (2 TP + FP + FN), over the classes that occur in the cell as "
        "truth or as prediction",
        short="F1",
        better="more",
    ),
    _score(
        "log_loss",
        "log loss",
        lambda cell: np.where(cell.n > 0, cell.loss / cell.n, np.nan),
        "mean of minus the logarithm of the probability given to the true class, unknown without "
        "probabilities",
    ),
)
METRICS = {metric.name: metric for metric in _ENTRIES}
"""All metrics by name, in the order of their columns."""


def metrics_of(
    task: TaskName, *, interval: bool = False, limited: bool = False, main_first: bool = False
) -> list[Metric]:
    """Give the metrics of a task.

    Parameters
    ----------
    task : TaskName
        Several targets have the metrics of one.
    interval, limited : bool, default=False
        Only those that have an interval, or can be held against a limit.
    main_first : bool, default=False
        The main one before the others, as the page shows them.
    """
    of_one = TaskName.REGRESSION if task is TaskName.SEVERAL_TARGETS else task
    found = [
        metric
        for metric in METRICS.values()
        if metric.task is of_one
        and (metric.interval or not interval)
        and (metric.limited or not limited)
    ]
    return sorted(found, key=lambda metric: not metric.main) if main_first else found


def metrics_compared(task: TaskName) -> list[Metric]:
    """Give the metrics that two models are compared by, those with an interval first."""
    return sorted(metrics_of(task, limited=True), key=lambda metric: not metric.interval)


def main_metric(task: TaskName) -> Metric:
    """The metric that is shown when none is named."""
    return metrics_of(task, main_first=True)[0]


def metric_of(name: str) -> Metric:
    """The metric of this name, or InvalidParameterError."""
    if name not in METRICS:
        raise InvalidParameterError(f"metric must be one of {', '.join(METRICS)}; got {name!r}")
    return METRICS[name]
