"""The head of the page: what was validated, and the answer in a few numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.metrics import main_metric
from signalprep.report._json_tables import plain
from signalprep.report._tables import certainty_text, cycles_text, value_text
from signalprep.report.sections._section import Found, Section
from signalprep.wording import (
    WEAK,
    decimals_for,
    format_count,
    format_number,
    samples_text,
    time_text,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import Validation

WORST = 3
"""Cells whose share of the squared error is added up."""


def _facts(found: Found) -> dict[str, Any]:
    """Title, subtitle and cards."""
    validation = found.validation
    cards = [_rmse(validation), _bias(validation), _largest(validation)]
    if validation.by_regime is not None:
        cards += [evidence_card(validation), _worst(validation.by_regime)]
    cards.append(_quality(validation))
    beyond = _extrapolated(validation)
    return {
        "title": f"{validation.target}: prediction error",
        "heading": f"Prediction error of {validation.target}",
        "unit": validation.units.get(validation.target, ""),
        "subtitle": _subtitle(validation),
        "cards": cards + beyond,
    }


def largest_error(predictions: pd.DataFrame) -> tuple[Any, Any, float]:
    """Cycle, time and signed value of the largest error."""
    error = (predictions["prediction"] - predictions["truth"]).to_numpy(dtype=float)
    row = int(np.argmax(np.abs(error)))
    cycle, time = predictions.index[row]
    return cycle, time, float(error[row])


def _subtitle(validation: Validation) -> list[str]:
    rate = validation.rate
    steps, total = validation.steps.iloc[:-1], validation.steps.iloc[-1]
    names = [str(text).split("(")[0] for text in steps["estimator"]]
    return [
        f"{cycles_text(validation)}, {_rows(validation)}",
        *([validation.decided] if validation.decided else []),
        format_count(len(validation.folds), "fold", "folds"),
        "pipeline: " + " → ".join(names),
        f"looks {samples_text(int(total['lookahead']), rate)} ahead, "
        f"remembers {samples_text(int(total['memory']), rate)}",
        *weighed_text(validation),
    ]


def _rows(validation: Validation) -> str:
    """How many rows were scored, and how long that is."""
    rows = rows_text(validation)
    if validation.decided or math.isnan(validation.rate):
        return rows
    hours = int(validation.overall["n"]) / validation.rate / 3600
    long = f"{format_number(hours)} h" if hours >= 0.1 else f"{format_number(hours * 60)} min"
    return f"{long} at {validation.rate:g} Hz ({rows})"


def rows_text(validation: Validation) -> str:
    """How many rows were scored."""
    one, several = ("decision", "decisions") if validation.decided else ("row", "rows")
    return format_count(validation.overall["n"], one, several)


def weighed_text(validation: Validation) -> list[str]:
    """What counts by its weight, if anything does."""
    return [f"weights: {validation.weighed}"] if validation.weighed else []


def _card(value: str, text: str, warn: bool = False, *, shared: bool = False) -> dict[str, Any]:
    """A number in words; `shared` if it is the same for all targets of one set of fits."""
    return {"value": value, "text": text, "warn": warn, "shared": shared}


def _rmse(validation: Validation) -> dict[str, Any]:
    overall, unit = validation.overall, validation.error_unit
    metric = main_metric(validation.task)
    sure = certainty_text(validation, metric)
    text = f"RMSE; {sure}. R² {format_number(float(overall['r2']))}"
    return _card(value_text(metric, float(overall["rmse"]), unit), text)


def _bias(validation: Validation) -> dict[str, Any]:
    overall, unit = validation.overall, validation.error_unit
    p95 = with_unit(format_number(float(overall["p95"])), unit)
    value = format_number(float(overall["bias"]), signed=True)
    text = f"bias (prediction minus truth); 95\N{NO-BREAK SPACE}% of errors are within ±{p95}"
    return _card(with_unit(value, unit), text)


def _largest(validation: Validation) -> dict[str, Any]:
    cycle, time, error = largest_error(validation.predictions)
    value = with_unit(format_number(error, signed=True), validation.error_unit)
    return _card(value, f"largest error: cycle {cycle} at {time_text(time)}")


def evidence_card(validation: Validation) -> dict[str, Any]:
    """How many cells have evidence, and how many of them are weak."""
    cells = validation.by_regime
    assert cells is not None
    n_weak = int(main_metric(validation.task).weak_in(cells).sum())
    value = f"{int(cells['evidence'].sum()):,} of {len(cells):,}"
    text = f"cells with evidence ({validation.least_seen} or more)"
    if n_weak:
        value += f"; {n_weak:,} of them weak"
        text += f"; {WEAK}"
    return _card(value, text)


def _worst(by_regime: pd.DataFrame) -> dict[str, Any]:
    share = by_regime["share"].dropna().sort_values(ascending=False)
    visited = int((by_regime["n"] > 0).sum())
    count = min(WORST, max(visited - 1, 1))
    percent = format_number(100 * float(share.iloc[:count].sum())) if len(share) else "–"
    where = "the worst cell" if count == 1 else f"the {count} worst cells"
    return _card(
        with_unit(percent, "%"), f"of the squared error lies in {where} of {visited:,} visited"
    )


def _quality(validation: Validation) -> dict[str, Any]:
    severities = [str(problem.severity) for problem in validation.quality.problems]
    errors, warnings = severities.count("error"), severities.count("warning")
    counts = [format_count(errors, "error", "errors")] if errors else []
    counts += [format_count(warnings, "warning", "warnings")] if warnings or not errors else []
    return _card(", ".join(counts), "data quality of the log", warn=bool(severities), shared=True)


def _extrapolated(validation: Validation) -> list[dict[str, Any]]:
    if "extrapolated" not in validation.predictions:
        return []
    beyond = validation.predictions["extrapolated"].to_numpy(dtype=bool)
    if not beyond.any():
        return []
    share = 100 * float(beyond.mean())
    percent = with_unit(format_number(share, decimals_for([share], 2)), "%")
    rows = format_count(beyond.sum(), "row", "rows")
    text = f"of rows extrapolate: in {rows} a regime variable lies beyond its training range"
    return [_card(percent, text, warn=True, shared=True)]


def _content(found: Found) -> dict[str, Any]:
    validation = found.validation
    unit = validation.units.get(validation.target, "")
    overall = plain(validation.overall.to_dict())
    return {"unit": unit, "error_unit": validation.error_unit, "overall": overall}


SECTION = Section("summary", "head", _facts, _content)
