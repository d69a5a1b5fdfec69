"""Errors by cycle: a drawing in the order of the log, and a table with the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.report._drawing import Scale
from signalprep.report._json_tables import records
from signalprep.report._tables import (
    as_table,
    count_column,
    metric_column,
    shown_metrics,
    text_column,
)
from signalprep.report.sections._section import Found, Section
from signalprep.wording import format_count, format_number, with_unit

if TYPE_CHECKING:
    from signalprep.results import Validation

WIDTH, CHARACTER = 760, 6.6
LEFT, RIGHT, TOP, BOTTOM = 66, 690, 16, 176
MOST_NAMED = 40
"""Cycles up to which all are named under the drawing; beyond, the worst are."""
NAMED = 5
MOST_DRAWN = 400
MOST_ROWS = 200
LONGEST = 20


def _facts(found: Found) -> dict[str, Any]:
    """Table and drawing."""
    validation = found.validation
    worst_first = validation.by_cycle.sort_values("rmse", ascending=False, kind="stable")
    least, most = (format_number(float(worst_first["rmse"].iloc[k])) for k in (-1, 0))
    return {
        "summary": f"{format_count(len(worst_first))}, RMSE {least} to "
        f"{with_unit(most, validation.error_unit)}",
        "table": _table(validation, worst_first.iloc[:MOST_ROWS]),
        "n_shown": f"{min(MOST_ROWS, len(worst_first)):,}",
        "cut": len(worst_first) > MOST_ROWS,
        "drawing": _drawing(validation) if len(worst_first) <= MOST_DRAWN else None,
    }


def _table(validation: Validation, table: pd.DataFrame) -> dict[str, Any]:
    unit = validation.error_unit
    return as_table(
        [
            text_column("cycle", table.index),
            text_column("fold", table["fold"]),
            count_column("rows", table["n"]),
            *(metric_column(table, metric.name, unit) for metric in shown_metrics(validation)),
        ]
    )


def _drawing(validation: Validation) -> dict[str, Any]:
    """Dots at the RMSE, thin lines up to p95."""
    table, unit = validation.by_cycle, validation.error_unit
    rmse = table["rmse"].to_numpy(dtype=float)
    p95 = table["p95"].to_numpy(dtype=float)
    overall = float(validation.overall["rmse"])
    top = max(float(np.max(rmse)), float(np.max(p95)), overall) or 1.0
    y = Scale(0.0, 1.05 * top, BOTTOM, TOP)
    x = Scale(-0.5, len(rmse) - 0.5, LEFT, RIGHT)
    worst = np.argsort(-rmse, kind="stable")[:NAMED]
    named = set(range(len(rmse)) if len(rmse) <= MOST_NAMED else worst.tolist())
    names = [str(name) for name in table.index]
    longest = CHARACTER * max(len(_cut(names[k])) for k in named)
    turned = longest + CHARACTER > (RIGHT - LEFT) / len(rmse)
    return {
        "width": WIDTH,
        "height": BOTTOM + (24 if not turned else round(26 + 0.65 * longest)),
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "cycles": [
            {
                "x": x(k),
                "rmse": y(rmse[k]),
                "p95": y(p95[k]),
                "name": _cut(name) if k in named else "",
                "worst": k == worst[0],
            }
            for k, name in enumerate(names)
        ],
        "turned": turned,
        "radius": 3.5 if len(rmse) <= 100 else 2,
        "overall": y(overall),
        "overall_text": with_unit(format_number(overall), unit),
        "y_ticks": y.ticks(4),
        "y_title": f"RMSE [{unit}]" if unit else "RMSE",
        "description": (
            f"RMSE of {len(rmse)} cycles, from {format_number(float(np.min(rmse)))} to "
            f"{with_unit(format_number(float(np.max(rmse))), unit)}; the worst is cycle "
            f"{names[worst[0]]}."
        ),
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def cycle_content(found: Found) -> dict[str, Any]:
    """All cycles, in the order of the log."""
    return {"by_cycle": records(found.validation.by_cycle.rename_axis("cycle").reset_index())}


SECTION = Section("cycles", "details", _facts, cycle_content)
