"""Titles and units of the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from signalprep.errors import InvalidParameterError


@dataclass(frozen=True)
class MetricText:
    """How a metric is written and coloured.

    Attributes
    ----------
    name : str
        Column of the table of metrics.
    title : str
        As shown.
    unit : {"error", "percent", "none"}
        Whether values carry the unit of the error, are fractions shown in percent, or bare.
    colour : {"size", "sign", "score"}
        Zero to largest, centred at zero, or one is best.
    short : str
        Title for the head of a narrow column; empty: `title`.
    """

    name: str
    title: str
    unit: Literal["error", "percent", "none"] = "error"
    colour: Literal["size", "sign", "score"] = "size"
    short: str = ""

    @property
    def short_title(self) -> str:
        """Title in a word."""
        return self.short or self.title

    @property
    def factor(self) -> float:
        """Value shown for a value of 1."""
        return 100.0 if self.unit == "percent" else 1.0

    def unit_text(self, unit: str) -> str:
        """Unit of the shown value, given that of the error."""
        return {"error": unit, "percent": "%", "none": ""}[self.unit]

    def label(self, unit: str) -> str:
        """Title with unit, for an axis or a column."""
        text = self.unit_text(unit)
        return f"{self.title} [{text}]" if text else self.title


_TEXTS = (
    MetricText("rmse", "RMSE"),
    MetricText("mae", "MAE"),
    MetricText("bias", "bias", colour="sign"),
    MetricText("p95", "95th percentile of |error|", short="p95"),
    MetricText("max", "largest |error|", short="max"),
    MetricText("r2", "R²", unit="none", colour="score"),
    MetricText("share", "share of squared error", unit="percent", short="share"),
    MetricText("accuracy", "accuracy", unit="none", colour="score"),
    MetricText("balanced_accuracy", "balanced accuracy", unit="none", colour="score"),
    MetricText("f1", "F1 (mean over classes)", unit="none", colour="score", short="F1"),
    MetricText("log_loss", "log loss", unit="none"),
)
METRICS = {text.name: text for text in _TEXTS}


def metric_text(metric: str) -> MetricText:
    """The metric of this name, or InvalidParameterError."""
    if metric not in METRICS:
        raise InvalidParameterError(f"metric must be one of {', '.join(METRICS)}; got {metric!r}")
    return METRICS[metric]
