"""The learning curve: errors against training cycles, other models, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep.metrics import WEIGHTS
from signalprep.report._chart import Series, small_chart
from signalprep.report._json_tables import plain, records
from signalprep.report._tables import Column, as_table, text_column
from signalprep.report.sections._section import Found, Section, Study
from signalprep.wording import decimals_for, format_count, format_number, with_unit

if TYPE_CHECKING:
    from signalprep.results import LearningCurve


BETTER = {"overfit": "simpler", "underfit": "more flexible"}
"""Which other model does better, by the verdict."""


def _facts(found: Found) -> dict[str, Any]:
    """Verdict, drawing and table of the other models."""
    curve: LearningCurve = found.studies["learning_curve"]
    table, unit = curve.table, curve.unit
    last = table.iloc[-1].to_dict()
    n_cycles = table.index.to_numpy(dtype=float)
    known, unseen = (
        with_unit(format_number(float(last[part])), unit) for part in ("train", "test")
    )
    fall = format_number(100.0 * curve.gain, 0)
    text = (
        f"With {format_count(n_cycles[-1], 'training cycle', 'training cycles')} the RMSE is "
        f"{unseen} on unseen cycles and {known} on the training cycles themselves. From about half "
        f"of the training cycles to all, the error on unseen ones "
        f"{'fell' if curve.gain >= 0 else 'rose'} by {fall.lstrip('−')} %."
    )
    said = WEIGHTS[str(curve.settings.get("weight", "row"))]
    text += f" {said.capitalize()}." if said else ""
    title = f"RMSE [{unit}]" if unit else "RMSE"
    return {
        "verdict": curve.verdict,
        "better": curve.verdict in BETTER,
        "note": curve.note,
        "text": text,
        "drawing": small_chart(
            "curve",
            [
                _series(curve, n_cycles, "test", "unseen cycles"),
                _series(curve, n_cycles, "train", "training cycles"),
            ],
            ("training cycles", title),
            f"RMSE over the number of training cycles. {text}",
        ),
        "references": _references(curve),
    }


def better_words(curve: LearningCurve) -> str:
    """Which other model does better, and by how much; "" where none is shown to."""
    if curve.verdict not in BETTER:
        return ""
    rows = curve.references.to_dict("index")
    own, other = rows["model"], rows[BETTER[curve.verdict]]
    decimals = decimals_for(curve.references["rmse"])
    rmse, was, low, high = (
        format_number(float(value), decimals)
        for value in (other["rmse"], own["rmse"], other["low"], other["high"])
    )
    interval = with_unit(f"{low} to {high}", curve.unit)
    note = f"; {curve.note}" if curve.note else ""
    return (
        f"{curve.sentence} (RMSE {with_unit(rmse, curve.unit)} instead of "
        f"{with_unit(was, curve.unit)}, 95\N{NO-BREAK SPACE}% interval of the difference "
        f"{interval}{note})"
    )


def _series(curve: LearningCurve, n_cycles: np.ndarray, part: str, name: str) -> Series:
    value = curve.table[part].to_numpy(dtype=float)
    spread = curve.table[f"{part}_std"].to_numpy(dtype=float)
    return Series(name, n_cycles, value, value - spread, value + spread, second=part == "train")


def _references(curve: LearningCurve) -> dict[str, Any]:
    table, unit = curve.references, curve.unit
    ends = table[["low", "high"]].to_numpy(dtype=float)
    decimals = decimals_for(table["rmse"])
    others = range(1, len(table))
    differences = [
        format_number(float(table["difference"].iloc[k]), decimals, signed=True) for k in others
    ]
    intervals = [
        " to ".join(format_number(float(end), decimals, signed=True) for end in ends[k])
        for k in others
    ]
    return as_table(
        [
            text_column("model", ["this model", *table.index[1:]]),
            Column(
                f"RMSE [{unit}]" if unit else "RMSE",
                [format_number(float(value), decimals) for value in table["rmse"]],
            ),
            Column("difference", ["", *differences]),
            Column("95 % interval", ["", *intervals]),
        ]
    )


def _content(found: Found) -> dict[str, Any]:
    curve: LearningCurve = found.studies["learning_curve"]
    return {
        "learning_curve": {
            "verdict": curve.verdict,
            "gain": plain(curve.gain),
            "unit": curve.unit,
            "by_n_cycles": records(curve.table.rename_axis("n_cycles").reset_index()),
            "references": records(curve.references.rename_axis("model").reset_index()),
            "note": curve.note,
            "settings": plain(dict(curve.settings)),
        }
    }


SECTION = Section(
    "learning_curve",
    "details",
    _facts,
    _content,
    study=Study(
        "cycle_learning_curve",
        "--learning-curve",
        "Show whether a simpler or more flexible model or more cycles would help. Takes 17 fits a "
        "fold. Not for labels.",
        refuses_leaks=True,
    ),
)
