"""Displays of a validation, and the layout, colours and wording they share with the report."""

from signalprep.plotting._colour_scale import ColourScale, colour_scale
from signalprep.plotting._comparison_heatmap_display import ComparisonHeatmapDisplay
from signalprep.plotting._diagnosis_display import DiagnosisDisplay
from signalprep.plotting._leak_price_display import LeakPriceDisplay
from signalprep.plotting._learning_curve_display import LearningCurveDisplay
from signalprep.plotting._learning_rate_display import LearningRateDisplay
from signalprep.plotting._metric_text import METRICS, MetricText, error_unit
from signalprep.plotting._numbers import (
    decimals_for,
    format_count,
    format_interval,
    format_number,
)
from signalprep.plotting._operating_map import MapAxis, MapPanel, OperatingMap, arrange
from signalprep.plotting._regime_heatmap_display import RegimeHeatmapDisplay
from signalprep.plotting._training_history_display import TrainingHistoryDisplay

__all__ = [
    "METRICS",
    "ColourScale",
    "ComparisonHeatmapDisplay",
    "DiagnosisDisplay",
    "LeakPriceDisplay",
    "LearningCurveDisplay",
    "LearningRateDisplay",
    "MapAxis",
    "MapPanel",
    "MetricText",
    "OperatingMap",
    "RegimeHeatmapDisplay",
    "TrainingHistoryDisplay",
    "arrange",
    "colour_scale",
    "decimals_for",
    "error_unit",
    "format_count",
    "format_interval",
    "format_number",
]
