"""Data quality of the log: the problems found, and the columns of its tables that say something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from signalprep.metrics import TaskName
from signalprep.report._json_tables import plain, records
from signalprep.report._tables import Column, as_table, number_column, text_column
from signalprep.report.sections._section import Found, Section
from signalprep.wording import format_count, format_number

LOOKED_AT = {TaskName.REGRESSION: "the log", TaskName.CLASSIFICATION: "the inputs"}
OF_PROBLEMS = ("severity", "kind", "text", "cycle", "channel", "row")
MOST_ROWS = 200
MOST_PROBLEMS = 40
OF_CHANNELS = {
    "unit": "unit",
    "n_nan": "missing",
    "nan_share": "missing [%]",
    "n_inf": "infinite",
    "min": "min",
    "max": "max",
    "step": "step",
    "constant": "constant",
    "longest_run": "longest run [s]",
    "stuck": "stuck",
    "stuck_share": "stuck [%]",
    "saturated": "saturated",
    "saturated_share": "at an end of the range [%]",
    "spikes": "spikes",
    "duplicate_of": "duplicate of",
}
OF_CYCLES = {
    "rows": "rows",
    "duration": "duration [s]",
    "rate": "rate [Hz]",
    "gaps": "gaps",
    "longest_gap": "longest gap [s]",
    "jitter": "jitter [%]",
    "duplicated_times": "repeated times",
    "backward_steps": "backward steps",
    "repeated_rows": "repeated rows",
}
ALIKE = frozenset({"duration", "rate"})
"""Columns whose values have one scale and so one number of decimals."""


def _facts(found: Found) -> dict[str, Any]:
    """Problems, and tables of channels and cycles."""
    quality = found.validation.quality
    problems = [{"severity": str(p.severity), "text": str(p.text)} for p in quality.problems]
    return {
        "what": LOOKED_AT[found.validation.task],
        "summary": _summary([p["severity"] for p in problems]),
        "problems": problems[:MOST_PROBLEMS],
        "n_more": max(len(problems) - MOST_PROBLEMS, 0),
        "tables": [
            _table("Channels", quality.channels, OF_CHANNELS),
            _table("Cycles", quality.cycles, OF_CYCLES),
        ],
    }


def _summary(severities: list[str]) -> str:
    """How many problems of which severity."""
    counts = [
        format_count(severities.count(name), name, f"{name}s") for name in dict.fromkeys(severities)
    ]
    return ", ".join(counts) or "no problems found"


def _table(title: str, frame: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """First index level, then the columns that hold anything but zero, no or nothing."""
    shown = frame.iloc[:MOST_ROWS]
    columns = [text_column(str(frame.index.name or "name"), shown.index)]
    columns += [
        _column(titles[name], shown[name], name in ALIKE)
        for name in titles
        if name in frame.columns and _notable(frame[name])
    ]
    return {
        "title": title,
        "n": f"{len(frame):,}",
        "n_shown": f"{len(shown):,}",
        "cut": len(shown) < len(frame),
        "table": as_table(columns),
    }


def _notable(values: pd.Series) -> bool:
    known = values.dropna()
    if pd.api.types.is_numeric_dtype(known.dtype):
        return bool((known != 0).any())
    return bool((known.astype(str) != "").any())


def _column(title: str, values: pd.Series, alike: bool) -> Column:
    if pd.api.types.is_bool_dtype(values.dtype):
        return text_column(title, ["yes" if value else "" for value in values])
    if pd.api.types.is_integer_dtype(values.dtype):
        return Column(title, [format_count(value) for value in values])
    if not pd.api.types.is_float_dtype(values.dtype):
        return text_column(title, ["" if pd.isna(value) else value for value in values])
    factor = 100.0 if title.endswith("[%]") else 1.0
    if alike:
        return number_column(title, values)
    return Column(title, [format_number(value * factor) if value else "0" for value in values])


def _content(found: Found) -> dict[str, Any]:
    quality = found.validation.quality
    return {
        "quality": {
            "usable": bool(quality.usable),
            "problems": [
                plain({name: getattr(problem, name) for name in OF_PROBLEMS})
                for problem in quality.problems
            ],
            "cycles": records(quality.cycles.reset_index()),
            "channels": records(quality.channels.reset_index()),
        }
    }


SECTION = Section("quality", "details", _facts, _content, shared=True)
