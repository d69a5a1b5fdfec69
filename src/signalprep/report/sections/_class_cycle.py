"""True and predicted class over time for the cycle with the least accuracy."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from signalprep.report._drawing import Scale, scale_for, seconds_of
from signalprep.report.sections._section import Found, Section, has_a_course
from signalprep.wording import format_number, with_unit

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation

WIDTH, LEFT, RIGHT, ROW = 680, 10, 670, 50
NAME, BAR = 18, 35
"""Down from the top of a lane."""
LONGEST = 40
BUCKETS = 340
"""Most spans of time along the drawing; in each, a class is there or not."""
MOST_CLASSES = 12


def _facts(found: Found) -> dict[str, Any]:
    """Words, and bars by class where these are few enough to draw."""
    validation = cast("ClassificationValidation", found.validation)
    cycle = validation.by_cycle["accuracy"].idxmin()
    here = validation.predictions.index.get_level_values("cycle") == cycle
    rows = validation.predictions[here]
    accuracy = format_number(float(validation.by_cycle["accuracy"].min()), 3)
    classes = validation.classes
    drawn = len(classes) <= MOST_CLASSES and len(rows) > 1
    return {
        "cycle": str(cycle),
        "description": f"Accuracy {accuracy}. {_words(rows)}",
        "drawing": _drawing(rows, classes, validation.rate) if drawn else None,
        "coarse": drawn and len(rows) > BUCKETS,
    }


def _words(rows: pd.DataFrame) -> str:
    """The most frequent mistake."""
    wrong = rows[(rows["truth"] != rows["prediction"]).to_numpy()]
    if wrong.empty:
        return "Every row is given the right class, as in every other cycle."
    mistakes = Counter(zip(wrong["truth"], wrong["prediction"], strict=True))
    (truth, prediction), count = mistakes.most_common(1)[0]
    share = with_unit(format_number(100 * count / len(rows)), "%")
    return f"In {share} of its rows, {truth} is taken for {prediction}."


def _drawing(rows: pd.DataFrame, classes: list[Any], rate: float) -> dict[str, Any]:
    times = seconds_of(rows.index.get_level_values("time"))
    names = [_cut(str(label)) for label in classes]
    x = scale_for(np.append(times, times[-1] + 1.0 / rate), LEFT, RIGHT, pad=0.0)
    n_buckets = min(BUCKETS, max(1, round((x.high - x.low) * rate)))
    bucket = ((times - x.low) / (x.high - x.low) * n_buckets + 1e-6).astype(np.int64)
    bucket = np.clip(bucket, 0, n_buckets - 1)
    width = (x.high - x.low) / n_buckets

    def bars(rows_there: np.ndarray, y: float) -> str:
        return _bars(bucket[rows_there], width, y, x)

    truth, prediction = rows["truth"].to_numpy(), rows["prediction"].to_numpy()
    bottom = ROW * len(classes)
    lanes = []
    for k, (label, name) in enumerate(zip(classes, names, strict=True)):
        middle = ROW * k + BAR
        true, predicted = truth == label, prediction == label
        lanes.append(
            {
                "name": name,
                "top": ROW * k + NAME,
                "y": middle,
                "truth": bars(true, middle),
                "right": bars(true & predicted, middle),
                "wrong": bars(~true & predicted, middle),
            }
        )
    return {
        "width": WIDTH,
        "height": bottom + 62,
        "left": LEFT,
        "right": RIGHT,
        "bottom": bottom,
        "lanes": lanes,
        "x_ticks": x.ticks(8),
    }


def _bars(buckets: np.ndarray, width: float, y: float, x: Scale) -> str:
    """A path along the runs of neighbouring spans of time."""
    if not len(buckets):
        return ""
    found = np.unique(buckets)
    parts = np.split(found, np.flatnonzero(np.diff(found) > 1) + 1)
    ends = [(x.low + part[0] * width, x.low + (part[-1] + 1) * width) for part in parts]
    return "".join(f"M{x(start):g} {y:g}H{x(stop):g}" for start, stop in ends)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


SECTION = Section(
    "class_cycle", "body", _facts, applies=has_a_course, link="Worst cycle", anchor="cycle"
)
