"""Displays of results, drawn by matplotlib."""

from signalprep.plotting._calibration_display import CalibrationDisplay
from signalprep.plotting._comparison_heatmap_display import ComparisonHeatmapDisplay
from signalprep.plotting._compression_sweep_display import CompressionSweepDisplay
from signalprep.plotting._diagnosis_display import DiagnosisDisplay
from signalprep.plotting._leak_price_display import LeakPriceDisplay
from signalprep.plotting._learning_curve_display import LearningCurveDisplay
from signalprep.plotting._learning_rate_display import LearningRateDisplay
from signalprep.plotting._program_display import ProgramDisplay
from signalprep.plotting._regime_heatmap_display import RegimeHeatmapDisplay
from signalprep.plotting._training_history_display import TrainingHistoryDisplay

__all__ = [
    "CalibrationDisplay",
    "ComparisonHeatmapDisplay",
    "CompressionSweepDisplay",
    "DiagnosisDisplay",
    "LeakPriceDisplay",
    "LearningCurveDisplay",
    "LearningRateDisplay",
    "ProgramDisplay",
    "RegimeHeatmapDisplay",
    "TrainingHistoryDisplay",
]
