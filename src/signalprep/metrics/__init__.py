"""Errors of a model by operating regime, with intervals that resample whole cycles."""

from signalprep.metrics._classification_confusion import confusion_table
from signalprep.metrics._classification_labels import check_labels
from signalprep.metrics._classification_metrics import classification_metrics
from signalprep.metrics._cycle_metrics import cycle_metrics
from signalprep.metrics._effective_samples import effective_samples
from signalprep.metrics._overall_metrics import overall_metrics
from signalprep.metrics._paired_classification_metrics import paired_classification_metrics
from signalprep.metrics._paired_metrics import paired_metrics
from signalprep.metrics._regime_metrics import regime_metrics

__all__ = [
    "check_labels",
    "classification_metrics",
    "confusion_table",
    "cycle_metrics",
    "effective_samples",
    "overall_metrics",
    "paired_classification_metrics",
    "paired_metrics",
    "regime_metrics",
]
