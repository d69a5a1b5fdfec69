"""signalprep: from raw drive logs to a model error for every operating regime.

Names are imported where they are first used, so ``import signalprep`` itself costs milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AtRate": "compose",
    "ClarkeTransformer": "features",
    "CycleKFold": "model_selection",
    "Decimator": "preprocessing",
    "Detrender": "preprocessing",
    "ExponentialFeatures": "features",
    "FitOnInliers": "compose",
    "HampelFilter": "preprocessing",
    "IQRFilter": "preprocessing",
    "KalmanFilter": "preprocessing",
    "IsolationForestFilter": "preprocessing",
    "LocalOutlierFactorFilter": "preprocessing",
    "ParkTransformer": "features",
    "PhysicalLimits": "preprocessing",
    "RegimeBinner": "regimes",
    "RegimeHeatmapDisplay": "plotting",
    "ResidualFilter": "preprocessing",
    "SavitzkyGolayFilter": "preprocessing",
    "Scaler": "preprocessing",
    "TrainOnly": "preprocessing",
    "Validation": "validation",
    "ZScoreFilter": "preprocessing",
    "as_log": "log",
    "check_log": "quality",
    "cycles": "log",
    "make_pipeline": "compose",
    "rate": "log",
    "reach": "compose",
    "reading_report": "io",
    "read_log": "io",
    "regime_metrics": "metrics",
    "segments": "log",
    "stream": "streaming",
    "units": "io",
    "validate": "validation",
}
_PACKAGES = (
    "compose",
    "datasets",
    "errors",
    "features",
    "io",
    "log",
    "metrics",
    "model_selection",
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
        errors,
        features,
        io,
        log,
        metrics,
        model_selection,
        plotting,
        preprocessing,
        quality,
        regimes,
        report,
        streaming,
        validation,
    )
    from signalprep.compose import AtRate, FitOnInliers, make_pipeline, reach
    from signalprep.features import ClarkeTransformer, ExponentialFeatures, ParkTransformer
    from signalprep.io import read_log, reading_report, units
    from signalprep.log import as_log, cycles, rate, segments
    from signalprep.metrics import regime_metrics
    from signalprep.model_selection import CycleKFold
    from signalprep.plotting import RegimeHeatmapDisplay
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
        TrainOnly,
        ZScoreFilter,
    )
    from signalprep.quality import check_log
    from signalprep.regimes import RegimeBinner
    from signalprep.streaming import stream
    from signalprep.validation import Validation, validate


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"signalprep.{_HOME[name]}"), name)
    if name in _PACKAGES:
        return importlib.import_module(f"signalprep.{name}")
    raise AttributeError(f"module 'signalprep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
