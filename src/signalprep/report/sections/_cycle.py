"""Truth and prediction over time for the worst cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.report._drawing import Scale, path, scale_for, seconds_of
from signalprep.report.sections._section import Found, Section, has_a_course
from signalprep.wording import format_number, signal_name, time_text, with_unit

if TYPE_CHECKING:
    from signalprep.results import Validation

WIDTH, HEIGHT = 680, 412
LEFT, RIGHT = 70, 670
TOP, MIDDLE = 30, 226
ERROR_TOP, BOTTOM = 260, 350
BUCKETS = 400
LONGEST = 30


def _facts(found: Found) -> dict[str, Any]:
    """Lines, ticks and a description of the drawing."""
    validation = found.validation
    cycle = validation.by_cycle["rmse"].idxmax()
    here = validation.predictions.index.get_level_values("cycle") == cycle
    rows = validation.predictions[here]
    times = seconds_of(rows.index.get_level_values("time"))
    truth = rows["truth"].to_numpy(dtype=float)
    prediction = rows["prediction"].to_numpy(dtype=float)
    error = prediction - truth
    x = scale_for(times, LEFT, RIGHT, pad=0.0)
    y = scale_for(np.concatenate((truth, prediction)), MIDDLE, TOP)
    y_error = scale_for(np.append(error, 0.0), BOTTOM, ERROR_TOP)
    worst = int(np.argmax(np.abs(error)))

    def line(values: np.ndarray, side: Scale) -> str:
        return path(times, values, x, side, 1.0 / validation.rate, BUCKETS)

    unit = validation.error_unit
    return {
        "cycle": str(cycle),
        "rmse": with_unit(format_number(float(validation.by_cycle["rmse"].max())), unit),
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "middle": MIDDLE,
        "error_top": ERROR_TOP,
        "bottom": BOTTOM,
        "truth": line(truth, y),
        "prediction": line(prediction, y),
        "error": line(error, y_error),
        "zero": y_error(0.0),
        "x_ticks": x.ticks(8),
        "y_ticks": y.ticks(5),
        "error_ticks": y_error.ticks(3),
        "worst": {"x": x(times[worst]), "y": y_error(error[worst])},
        "y_title": _cut(signal_name(validation.target, validation.units)),
        "error_title": f"error [{unit}]" if unit else "error",
        "description": _description(validation, rows, worst, unit),
    }


def _description(validation: Validation, rows: pd.DataFrame, worst: int, unit: str) -> str:
    target_unit = validation.units.get(validation.target, "")

    def span(name: str) -> str:
        low, high = float(rows[name].min()), float(rows[name].max())
        return with_unit(f"{format_number(low)} to {format_number(high)}", target_unit)

    error = float(rows["prediction"].iloc[worst] - rows["truth"].iloc[worst])
    return (
        f"Truth runs from {span('truth')}, the prediction from {span('prediction')}. "
        f"The largest error is {with_unit(format_number(error, signed=True), unit)} at "
        f"{time_text(rows.index[worst][1])}."
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


SECTION = Section("cycle", "body", _facts, applies=has_a_course, link="Worst cycle")
