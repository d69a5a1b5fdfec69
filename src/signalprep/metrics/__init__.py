"""Errors of a model by operating regime, with intervals that resample whole cycles.

What metrics there are can be read without loading what computes them: names are imported where
they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep._lazy import lazy
from signalprep.metrics._catalogue import (
    METRICS,
    Metric,
    main_metric,
    metric_of,
    metrics_compared,
    metrics_of,
)
from signalprep.metrics._task import TaskName, require_regressor, task_of
from signalprep.metrics._weight import WEIGHTS, check_weight

if TYPE_CHECKING:
    from signalprep.metrics._classification_confusion import confusion_table
    from signalprep.metrics._classification_labels import check_labels
    from signalprep.metrics._classification_metrics import classification_metrics
    from signalprep.metrics._cycle_metrics import cycle_metrics
    from signalprep.metrics._effective_samples import effective_samples
    from signalprep.metrics._inflation import inflated
    from signalprep.metrics._overall_metrics import overall_metrics
    from signalprep.metrics._paired_classification_metrics import paired_classification_metrics
    from signalprep.metrics._paired_metrics import paired_metrics
    from signalprep.metrics._regime_metrics import regime_metrics

__all__ = [
    "METRICS",
    "WEIGHTS",
    "Metric",
    "TaskName",
    "check_labels",
    "check_weight",
    "classification_metrics",
    "confusion_table",
    "cycle_metrics",
    "effective_samples",
    "inflated",
    "main_metric",
    "metric_of",
    "metrics_compared",
    "metrics_of",
    "overall_metrics",
    "paired_classification_metrics",
    "paired_metrics",
    "regime_metrics",
    "require_regressor",
    "task_of",
]

__getattr__ = lazy(
    __name__,
    {
        "check_labels": "_classification_labels",
        "classification_metrics": "_classification_metrics",
        "confusion_table": "_classification_confusion",
        "cycle_metrics": "_cycle_metrics",
        "effective_samples": "_effective_samples",
        "inflated": "_inflation",
        "overall_metrics": "_overall_metrics",
        "paired_classification_metrics": "_paired_classification_metrics",
        "paired_metrics": "_paired_metrics",
        "regime_metrics": "_regime_metrics",
    },
)
