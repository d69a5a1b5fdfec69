"""ClassificationValidation: what validate() found of a classifier, as plain tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from signalprep.metrics import (
    TaskName,
    classification_metrics,
    confusion_table,
    main_metric,
    paired_classification_metrics,
)
from signalprep.results._validation import Validation
from signalprep.results._words import between, cell_lines

PROBABILITY = "p_"
"""Before the class in the name of a column of probabilities."""
MOST_CLASSES = 8
"""Classes whose recall is told in the text."""


@dataclass(frozen=True, repr=False, kw_only=True)
class ClassificationValidation(Validation):
    """The errors of a classifier on cycles it has not seen, and what they rest on.

    Made by :func:`signalprep.validate`, by the same road as for a regressor: the same folds and
    refusals, whole cycles resampled for the intervals, the same evidence in each cell. Everything
    else is as in :class:`Validation`; :func:`diagnose` is for regressors.

    Attributes
    ----------
    overall : Series
        Over all rows: ``n``, ``n_cycles``, ``accuracy``, ``balanced_accuracy``, ``f1`` (mean over
        classes), ``log_loss`` (NaN without probabilities), for each ``<metric>_low`` and
        ``<metric>_high``, and ``evidence``. See
        :func:`~signalprep.metrics.classification_metrics`.
    by_regime : DataFrame or None
        The same for each cell of the operating map. None without `regimes`.
    by_cycle : DataFrame
        ``fold``, ``n`` and the metrics of each cycle.
    confusion : DataFrame
        Rows of each true class (index) that were predicted as each class (columns), whatever they
        count for.
    confusion_by_regime : DataFrame or None
        The same for each cell; the index has the levels of the regimes, then ``truth``.
    predictions : DataFrame
        One row a tested sample (with ``decide="cycle"`` a cycle): ``fold``, ``truth``,
        ``prediction``, and ``p_<class>``, the probability of each class, if the classifier has
        ``predict_proba``; a class that the training rows of a fold did not hold has probability 0
        there. With regimes also ``regime``
        and ``extrapolated``.
    regimes, folds, steps, quality, target, rate, units, settings, groups, cleaning
        As in :class:`Validation`; `quality` is that of the inputs.
    """

    task: ClassVar[TaskName] = TaskName.CLASSIFICATION

    confusion: pd.DataFrame
    confusion_by_regime: pd.DataFrame | None

    @property
    def classes(self) -> list[Any]:
        """The classes of the target, sorted."""
        return list(self.confusion.columns)

    @property
    def probabilities(self) -> pd.DataFrame | None:
        """Probability of each class of each tested row, one column a class; None without."""
        names = [f"{PROBABILITY}{label}" for label in self.classes]
        if not set(names) <= set(self.predictions.columns):
            return None
        return self.predictions[names].set_axis(self.confusion.columns, axis=1)

    @property
    def by_class(self) -> pd.DataFrame:
        """Of each class over all rows: ``n``, ``n_predicted``, ``precision``, ``recall``, ``f1``.

        Precision is the share of the rows predicted as the class that are of it, recall the share
        of the rows of the class that are found; where every cycle counts the same, by that weight.
        NaN where there are no such rows.
        """
        counts, table = self.confusion.to_numpy(), self.confusion
        if self.weight != "row":
            given = (self.predictions["truth"], self.predictions["prediction"])
            table = confusion_table(*given, classes=self.classes, weight=self.weight)
        weighed = table.to_numpy(dtype=np.float64)
        right, true, predicted = np.diag(weighed), weighed.sum(axis=1), weighed.sum(axis=0)
        with np.errstate(invalid="ignore"):
            return pd.DataFrame(
                {
                    "n": counts.sum(axis=1),
                    "n_predicted": counts.sum(axis=0),
                    "precision": right / predicted,
                    "recall": right / true,
                    "f1": 2.0 * right / (true + predicted),
                },
                index=self.confusion.columns.rename("class"),
            )

    @property
    def errors(self) -> pd.Series:
        """Whether each tested row was given the wrong class."""
        return (self.predictions["prediction"] != self.predictions["truth"]).rename("error")

    def _table(self, regimes: Any, options: dict[str, Any]) -> pd.DataFrame:
        return classification_metrics(
            self.predictions["truth"],
            self.predictions["prediction"],
            regimes,
            probabilities=self.probabilities,
            classes=self.classes,
            **options,
        )

    def _paired(
        self, other: Any, regimes: pd.DataFrame | None, *, n_jobs: int | None = None, **options: Any
    ) -> pd.DataFrame:
        classes = pd.Index(self.classes).union(pd.Index(other.classes))
        known = [
            None if found is None else found.reindex(columns=classes, fill_value=0.0)
            for found in (self.probabilities, other.probabilities)
        ]
        return paired_classification_metrics(
            self.predictions["truth"],
            self.predictions["prediction"],
            other.predictions["prediction"],
            regimes,
            probabilities_a=known[0],
            probabilities_b=known[1],
            classes=classes,
            **options,
        )

    def __repr__(self) -> str:
        o, metric = self.overall, main_metric(self.task)
        log_loss = "" if isnan(o["log_loss"]) else f", log loss {o['log_loss']:.3g}"
        weak = bool(metric.is_weak(o["accuracy"], o["accuracy_low"], o["accuracy_high"]))
        interval = between(o["accuracy_low"], o["accuracy_high"], ".3f", weak)
        lines = [
            f"Validation of {self.target!r}, {len(self.classes)} classes: {int(o['n_cycles'])} "
            f"cycles, {int(o['n'])} rows, {len(self.folds)} folds{self._grouped_text()}"
            f"{self._weighed_text()}{self._decided_text()}",
            f"  accuracy {o['accuracy']:.3f} ({interval}), "
            f"balanced {o['balanced_accuracy']:.3f}, "
            f"F1 {o['f1']:.3f}{log_loss}",
            *self._interval_lines(),
        ]
        recall = self.by_class["recall"].dropna()
        found = ", ".join(f"{100 * share:.3g} % of {label!r}" for label, share in recall.items())
        if len(recall) <= MOST_CLASSES:
            lines.append(f"  found: {found}")
        if self.by_regime is not None:
            told = cell_lines(self.by_regime, metric, lambda value: f"{value:.3f}")
            lines += [f"  {line}" for line in told]
        return "\n".join(lines)
