"""What the errors look like over time and over the prediction, in words and three drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.report._chart import Series, small_chart, span_text
from signalprep.report._json_tables import plain, records
from signalprep.report._tables import confidence_text
from signalprep.report.sections._section import Found, Section, has_a_course
from signalprep.wording import format_number, signal_name, with_unit

if TYPE_CHECKING:
    from signalprep.results import Diagnosis, Validation

MOST_LAGS = 160
SHOWN_TIMES = 8.0
"""Lags are drawn up to this multiple of the autocorrelation time."""


def _diagnosis(found: Found) -> Diagnosis:
    from signalprep.results import diagnose

    return diagnose(found.validation)


def _facts(found: Found) -> dict[str, Any]:
    """Findings and drawings."""
    diagnosis = _diagnosis(found)
    unit = diagnosis.unit
    title = f"RMSE [{unit}]" if unit else "RMSE"
    known = not np.isnan(diagnosis.autocorrelation_time)
    seconds = with_unit(format_number(diagnosis.autocorrelation_time), "s")
    alike = f"errors stay alike for {seconds}" if known else "errors do not change"
    cold = "larger at the start of a cycle" if diagnosis.is_cold else "no cold start shown"
    return {
        "summary": f"{cold}; {alike}",
        "findings": list(diagnosis.findings),
        "drawings": [
            _cold_start(diagnosis, title),
            _memory(diagnosis),
            _spread(diagnosis, title, signal_name("prediction", _unit_of(found.validation))),
        ],
        "confidence": confidence_text(found.validation),
    }


def _unit_of(validation: Validation) -> dict[str, str]:
    return {"prediction": validation.units.get(validation.target, "")}


def _by(table: pd.DataFrame, x: np.ndarray) -> Series:
    rmse, low, high = (
        table[name].to_numpy(dtype=float) for name in ("rmse", "rmse_low", "rmse_high")
    )
    return Series("RMSE", x, rmse, low, high)


def _cold_start(diagnosis: Diagnosis, title: str) -> dict[str, Any]:
    table = diagnosis.cold_start
    series = _by(table, np.arange(len(table), dtype=float))
    settled = float(diagnosis.settled["rmse"])
    level = None if np.isnan(settled) else (settled, "second half of each cycle")
    names = [_short(seconds) for seconds in table["seconds"]]
    return small_chart(
        "cold",
        [series],
        ("time since the start of a cycle [s]", title),
        f"Error over the time since the start of a cycle: RMSE {span_text(series.y)}.",
        level=level,
        names=names,
    )


def _memory(diagnosis: Diagnosis) -> dict[str, Any]:
    time, known = diagnosis.autocorrelation_time, diagnosis.autocorrelation.dropna()
    lag, value = known.index.to_numpy(dtype=float), known.to_numpy(dtype=float)
    if len(lag):
        near = lag <= np.fmax(SHOWN_TIMES * time, lag[min(10, len(lag) - 1)])
        lag, value = lag[near], value[near]
    else:
        lag, value = np.zeros(1), np.ones(1)
    kept = np.unique(np.linspace(0, len(lag) - 1, MOST_LAGS).astype(int))
    return small_chart(
        "memory",
        [Series("autocorrelation", lag[kept], value[kept], dots=False)],
        ("lag [s]", "autocorrelation of the error"),
        f"Autocorrelation of the error over the lag up to {format_number(float(lag[-1]))} s"
        + ("." if np.isnan(time) else f"; the dashed line is at {format_number(time)} s."),
        place=None if np.isnan(time) else time,
    )


def _spread(diagnosis: Diagnosis, title: str, along: str) -> dict[str, Any]:
    table = diagnosis.spread
    series = _by(table, table["prediction"].to_numpy(dtype=float))
    return small_chart(
        "spread",
        [series],
        (along, title),
        f"Error over the prediction: RMSE {span_text(series.y)}.",
    )


def _short(seconds: float) -> str:
    return format_number(seconds, 0 if seconds >= 10 else 1)


def _content(found: Found) -> dict[str, Any]:
    diagnosis = _diagnosis(found)
    return {
        "diagnosis": {
            "findings": list(diagnosis.findings),
            "is_cold": bool(diagnosis.is_cold),
            "cold_start": records(_named(diagnosis.cold_start, "time_since_start")),
            "start": plain(diagnosis.start.to_dict()),
            "settled": plain(diagnosis.settled.to_dict()),
            "start_ratio": plain(diagnosis.start_ratio),
            "start_ratio_low": plain(diagnosis.start_ratio_low),
            "start_ratio_high": plain(diagnosis.start_ratio_high),
            "autocorrelation": records(diagnosis.autocorrelation.reset_index()),
            "autocorrelation_seconds": plain(diagnosis.autocorrelation_time),
            "n_effective": plain(diagnosis.n_effective),
            "spread": records(
                _named(diagnosis.spread.rename(columns={"prediction": "middle"}), "prediction")
            ),
            "spread_p_value": plain(diagnosis.spread_p_value),
        }
    }


def _named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with the labels of its rows as a column of text."""
    return table.rename_axis(name).reset_index().astype({name: str})


SECTION = Section("diagnosis", "details", _facts, _content, applies=has_a_course)
