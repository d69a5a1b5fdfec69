"""write_json: the tables of a validation as strict JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep._atomic import write_atomic
from signalprep.plotting import error_unit

if TYPE_CHECKING:
    from signalprep.validation import Validation, Verdict

SCHEMA = "signalprep-validation/1"
OF_PROBLEMS = ("severity", "kind", "text", "cycle", "channel", "row")


def write_json(
    validation: Validation, path: str | os.PathLike[str], *, verdict: Verdict | None = None
) -> None:
    """Write the tables of a validation as JSON, without the predictions.

    The file is strict JSON (no NaN) in one object:

    ========== =====================================================================
    schema     "signalprep-validation/1"; the number changes when a reader must
    target     name of the target
    unit       unit of the target, "" when unknown
    error_unit unit of the errors ("K" for a target in °C)
    units      unit of each signal whose unit is known
    rate_hz    sampling rate of the log
    overall    metric: value
    regimes    names of the regime variables, or null
    by_regime  one object a cell: ``regime`` (variable: label) and the metrics; or null
    by_cycle   one object a cycle: ``cycle`` and the metrics
    verdict    ``ok``, ``strict``, ``limits``, ``overall`` (one object a limited metric) and
               ``by_regime`` (one object a cell and metric); null without limits
    next_tests one object a cell, the best next test first: ``regime`` and the columns of
               `Validation.next_tests`; null without regimes
    folds      one object a fold
    steps      one object a step: look-ahead, memory and delay in samples
    quality    ``usable``, ``problems``, ``cycles``, ``channels``
    settings   how it was computed
    ========== =====================================================================

    Values that are not finite are null, times are ISO 8601 text, durations seconds, and settings
    that are neither text, number nor container are given as their text.

    Parameters
    ----------
    validation : Validation
        What to write.
    path : path-like
        File to write; replaced in one step.
    verdict : Verdict, default=None
        Written too.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, or `path` is no regular file.
    """
    text = json.dumps(_content(validation, verdict), ensure_ascii=False, allow_nan=False, indent=1)
    write_atomic(path, text + "\n")


def _content(validation: Validation, verdict: Verdict | None) -> dict[str, Any]:
    unit = validation.units.get(validation.target, "")
    quality = validation.quality
    by_regime = validation.by_regime
    return {
        "schema": SCHEMA,
        "target": str(validation.target),
        "unit": unit,
        "error_unit": error_unit(unit),
        "units": _plain(dict(validation.units)),
        "rate_hz": _plain(validation.rate),
        "overall": _plain(validation.overall.to_dict()),
        "regimes": None if by_regime is None else [str(name) for name in by_regime.index.names],
        "by_regime": None if by_regime is None else _cells(by_regime),
        "by_cycle": _records(validation.by_cycle.rename_axis("cycle").reset_index()),
        "verdict": None if verdict is None else _verdict(verdict),
        "next_tests": None
        if by_regime is None
        else _cells(validation.next_tests(None, limits=verdict)),
        "folds": _records(validation.folds.rename_axis("fold").reset_index()),
        "steps": _records(validation.steps),
        "quality": {
            "usable": bool(quality.usable),
            "problems": [
                _plain({name: getattr(problem, name) for name in OF_PROBLEMS})
                for problem in quality.problems
            ],
            "cycles": _records(quality.cycles.reset_index()),
            "channels": _records(quality.channels.reset_index()),
        },
        "settings": _plain(dict(validation.settings)),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    by_regime = verdict.by_regime
    return {
        "ok": verdict.ok,
        "strict": verdict.strict,
        "limits": {
            metric: _limit(limit) if isinstance(limit, dict) else _plain(limit)
            for metric, limit in verdict.limits.items()
        },
        "overall": _records(verdict.overall.reset_index()),
        "by_regime": None
        if by_regime is None
        else [
            {"metric": str(metric), **cell}
            for metric, cell in zip(
                by_regime.index.get_level_values(-1),
                _cells(by_regime.droplevel(-1)),
                strict=True,
            )
        ],
    }


def _limit(limit: dict[Any, float]) -> list[dict[str, Any]]:
    """Limits of single cells; their labels are no keys."""
    return [{"cell": _plain(cell), "limit": _plain(value)} for cell, value in limit.items()]


def _cells(by_regime: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in by_regime.index.names]
    metrics = _records(by_regime.reset_index(drop=True))
    labels = [key if isinstance(key, tuple) else (key,) for key in by_regime.index]
    return [
        {"regime": dict(zip(names, map(str, label), strict=True)), **values}
        for label, values in zip(labels, metrics, strict=True)
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, k].tolist() for k in range(len(names))]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*columns, strict=True)
    ]


def _plain(value: Any) -> Any:
    """The value in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray, pd.Series, pd.Index)):
        return [_plain(each) for each in value]
    return _scalar(value.item() if isinstance(value, np.generic) else value)


def _scalar(value: Any) -> str | float | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pd.Timedelta):
        return float(value.total_seconds())
    if isinstance(value, pd.Timestamp):
        return str(value.isoformat())
    return value if isinstance(value, (str, int)) else str(value)
