"""signalprep: from raw drive logs to a model error for every operating regime.

Names are imported where they are first used, so ``import signalprep`` itself costs milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from signalprep._version import __version__

_HOME = {
    "AtRate": "compose",
    "Audit": "results",
    "BayesianSearchCV": "model_selection",
    "CalibrationDisplay": "plotting",
    "ClarkeTransformer": "features",
    "ClassificationValidation": "results",
    "Comparison": "results",
    "ComparisonHeatmapDisplay": "plotting",
    "CompressionSweepDisplay": "plotting",
    "ConformalBands": "compose",
    "CycleKFold": "model_selection",
    "CycleRidgeCV": "model_selection",
    "CycleShuffleSplit": "model_selection",
    "Decimator": "preprocessing",
    "Detrender": "preprocessing",
    "Diagnosis": "results",
    "DiagnosisDisplay": "plotting",
    "ExponentialFeatures": "features",
    "FitOnInliers": "compose",
    "ForwardCycleSplit": "model_selection",
    "HampelFilter": "preprocessing",
    "IQRFilter": "preprocessing",
    "IsolationForestFilter": "preprocessing",
    "KalmanFilter": "preprocessing",
    "LeakPriceDisplay": "plotting",
    "LeakPrices": "results",
    "LearningCurve": "results",
    "LearningCurveDisplay": "plotting",
    "LearningRateDisplay": "plotting",
    "LocalOutlierFactorFilter": "preprocessing",
    "LossVerdict": "results",
    "ParkTransformer": "features",
    "PerRegime": "compose",
    "PhysicalLimits": "preprocessing",
    "ProgramDisplay": "plotting",
    "Recipe": "neural",
    "RegimeBinner": "regimes",
    "RegimeHeatmapDisplay": "plotting",
    "RegimeHoldout": "model_selection",
    "RegimeLoss": "results",
    "ResidualFilter": "preprocessing",
    "SavitzkyGolayFilter": "preprocessing",
    "Scaler": "preprocessing",
    "SignedCodes": "preprocessing",
    "TrainOnly": "preprocessing",
    "TrainingHistoryDisplay": "plotting",
    "Validation": "results",
    "Validations": "results",
    "Verdict": "results",
    "Verdicts": "results",
    "ZScoreFilter": "preprocessing",
    "as_log": "log",
    "audit": "leaks",
    "check_log": "quality",
    "compare": "results",
    "cycle_learning_curve": "validation",
    "cycles": "log",
    "diagnose": "results",
    "effective_samples": "metrics",
    "group_near_duplicates": "model_selection",
    "load_model": "persistence",
    "lookahead": "log",
    "make_pipeline": "compose",
    "price_of_leaks": "leaks",
    "rate": "log",
    "reach": "flow",
    "reading_report": "io",
    "read_log": "io",
    "read_ranges": "io",
    "regime_loss": "validation",
    "regime_metrics": "metrics",
    "save_model": "persistence",
    "segments": "log",
    "selection_bias": "model_selection",
    "split_cycles": "model_selection",
    "stream": "streaming",
    "units": "io",
    "validate": "validation",
}
_PACKAGES = (
    "compose",
    "datasets",
    "embedded",
    "errors",
    "features",
    "io",
    "log",
    "metrics",
    "model_selection",
    "neural",
    "persistence",
    "plotting",
    "preprocessing",
    "quality",
    "regimes",
    "report",
    "streaming",
    "validation",
)

__all__ = sorted([*_HOME, *_PACKAGES])  # noqa: PLE0605

if TYPE_CHECKING:
    from signalprep import (
        compose,
        datasets,
        embedded,
        errors,
        features,
        io,
        log,
        metrics,
        model_selection,
        neural,
        persistence,
        plotting,
        preprocessing,
        quality,
        regimes,
        report,
        streaming,
        validation,
    )
    from signalprep.compose import AtRate, ConformalBands, FitOnInliers, PerRegime, make_pipeline
    from signalprep.features import ClarkeTransformer, ExponentialFeatures, ParkTransformer
    from signalprep.flow import reach
    from signalprep.io import read_log, read_ranges, reading_report, units
    from signalprep.leaks import audit, price_of_leaks
    from signalprep.log import as_log, cycles, lookahead, rate, segments
    from signalprep.metrics import effective_samples, regime_metrics
    from signalprep.model_selection import (
        BayesianSearchCV,
        CycleKFold,
        CycleRidgeCV,
        CycleShuffleSplit,
        ForwardCycleSplit,
        RegimeHoldout,
        group_near_duplicates,
        selection_bias,
        split_cycles,
    )
    from signalprep.neural import Recipe
    from signalprep.persistence import load_model, save_model
    from signalprep.plotting import (
        CalibrationDisplay,
        ComparisonHeatmapDisplay,
        CompressionSweepDisplay,
        DiagnosisDisplay,
        LeakPriceDisplay,
        LearningCurveDisplay,
        LearningRateDisplay,
        ProgramDisplay,
        RegimeHeatmapDisplay,
        TrainingHistoryDisplay,
    )
    from signalprep.preprocessing import (
        Decimator,
        Detrender,
        HampelFilter,
        IQRFilter,
        IsolationForestFilter,
        KalmanFilter,
        LocalOutlierFactorFilter,
        PhysicalLimits,
        ResidualFilter,
        SavitzkyGolayFilter,
        Scaler,
        SignedCodes,
        TrainOnly,
        ZScoreFilter,
    )
    from signalprep.quality import check_log
    from signalprep.regimes import RegimeBinner
    from signalprep.results import (
        Audit,
        ClassificationValidation,
        Comparison,
        Diagnosis,
        LeakPrices,
        LearningCurve,
        LossVerdict,
        RegimeLoss,
        Validation,
        Validations,
        Verdict,
        Verdicts,
        compare,
        diagnose,
    )
    from signalprep.streaming import stream
    from signalprep.validation import cycle_learning_curve, regime_loss, validate


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"signalprep.{_HOME[name]}"), name)
    if name in _PACKAGES:
        return importlib.import_module(f"signalprep.{name}")
    raise AttributeError(f"module 'signalprep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
