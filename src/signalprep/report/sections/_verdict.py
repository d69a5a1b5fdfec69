"""The verdict: the answer as a card, each limit as a row, and the cells that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.metrics import METRICS
from signalprep.report._json_tables import cells, plain, records
from signalprep.report._tables import (
    Column,
    address_columns,
    as_table,
    confidence_text,
    count_column,
    seen_columns,
    text_column,
)
from signalprep.report.sections._section import Found, Section
from signalprep.wording import (
    format_interval,
    format_number,
    interval_text,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict

MOST_FAILED = 10


def _facts(found: Found) -> dict[str, Any]:
    """Card, tables and words of the verdict."""
    validation, verdict = found.validation, found.verdict
    assert verdict is not None
    failed = verdict.failed
    return {
        "cards": [_card(verdict)],
        "answer": verdict.answer,
        "sentence": verdict.sentence,
        "strict": verdict.strict,
        "confidence": confidence_text(validation),
        "min_cycles": validation.least_seen,
        "limits": _limits(verdict),
        "failed": None if failed is None else _failed(validation, verdict, failed),
        "n_failed": 0 if failed is None else len(failed),
        "n_shown": MOST_FAILED,
        "n_limited": 0 if verdict.by_regime is None else len(verdict.by_regime),
        "largest": any(METRICS[metric].extreme for metric in verdict.limits),
    }


def _card(verdict: Verdict) -> dict[str, Any]:
    limits = ", ".join(verdict.limit_text(metric) for metric in verdict.limits)
    text = f"verdict: {limits}; {verdict.sentence}"
    return {"value": verdict.answer, "text": text, "warn": not verdict.ok}


def _limits(verdict: Verdict) -> dict[str, Any]:
    """One row a limit: all rows, and how many cells have which status."""
    metrics = list(verdict.limits)
    overall = verdict.overall.reindex(metrics)
    columns = [
        text_column("limit", [verdict.limit_text(metric) for metric in metrics]),
        Column("all rows", _values(verdict, metrics, overall)),
        Column("interval", _intervals(overall)),
        text_column(
            "status", ["–" if pd.isna(status) else str(status) for status in overall["status"]]
        ),
    ]
    if verdict.by_regime is not None:
        counts = verdict.counts()
        columns += [
            count_column(f"cells: {status}", counts[status])
            for status in ("pass", "fail", "underpowered", "no evidence")
        ]
    return as_table(columns)


def _failed(validation: Validation, verdict: Verdict, failed: pd.DataFrame) -> dict[str, Any]:
    """Failing cells, those furthest beyond their limit first, and weak ones after the others."""
    size = failed["value"].abs() / failed["limit"].abs().replace(0.0, np.nan)
    names = failed.index.get_level_values(-1)
    is_score = np.array([METRICS[str(name)].better == "more" for name in names])
    beyond = np.where(is_score, failed["limit"] - failed["value"], size)
    order = np.lexsort((-np.nan_to_num(beyond, nan=np.inf), failed["weak"]))
    failed = failed.iloc[order[:MOST_FAILED]]
    metrics = [str(metric) for metric in failed.index.get_level_values(-1)]
    cells = failed.droplevel(-1).index
    limits = zip(metrics, failed["limit"], strict=True)
    return as_table(
        [
            *address_columns(cells, validation.units),
            text_column("metric", [METRICS[metric].short_title for metric in metrics]),
            Column("value", _values(verdict, metrics, failed)),
            Column("interval", _intervals(failed)),
            Column("limit", [_limit(verdict, metric, limit) for metric, limit in limits]),
            *seen_columns(validation, failed),
            count_column("rows", failed["n"]),
            Column("worth independent rows", [format_number(v, 0) for v in failed["n_effective"]]),
        ],
        failed["weak"],
    )


def _values(verdict: Verdict, metrics: list[str], table: pd.DataFrame) -> list[str]:
    pairs = zip(metrics, table["value"], strict=True)
    return [_number(verdict, metric, value) for metric, value in pairs]


def _number(verdict: Verdict, metric: str, value: float) -> str:
    text = format_number(float(value), signed=METRICS[metric].signed)
    return with_unit(text, METRICS[metric].unit_text(verdict.unit))


def _limit(verdict: Verdict, metric: str, limit: float) -> str:
    return with_unit(f"{limit:g}", METRICS[metric].unit_text(verdict.unit))


def _intervals(table: pd.DataFrame) -> list[str]:
    rows = zip(table["low"], table["high"], table["weak"], strict=True)
    return [
        interval_text(format_interval(float(low), float(high)), bool(weak)) or "–"
        for low, high, weak in rows
    ]


def _content(found: Found) -> dict[str, Any]:
    verdict = found.verdict
    assert verdict is not None
    by_regime = verdict.by_regime
    return {
        "verdict": {
            "answer": verdict.answer,
            "sentence": verdict.sentence,
            "ok": verdict.ok,
            "strict": verdict.strict,
            "limits": limits_content(verdict),
            "overall": records(verdict.overall.reset_index()),
            "by_regime": None if by_regime is None else judged_cells(by_regime),
        }
    }


def limits_content(verdict: Verdict) -> dict[str, Any]:
    """Limits by metric, as the JSON holds them."""
    return {
        metric: _limits_of_cells(limit) if isinstance(limit, dict) else plain(limit)
        for metric, limit in verdict.limits.items()
    }


def _limits_of_cells(limits: dict[Any, float]) -> list[dict[str, Any]]:
    """Limits of single cells; their labels are no keys."""
    return [{"cell": plain(cell), "limit": plain(value)} for cell, value in limits.items()]


def judged_cells(by_regime: pd.DataFrame) -> list[dict[str, Any]]:
    """One object a cell and metric."""
    metrics = by_regime.index.get_level_values(-1)
    return [
        {"metric": str(metric), **cell}
        for metric, cell in zip(metrics, cells(by_regime.droplevel(-1)), strict=True)
    ]


SECTION = Section(
    "verdict",
    "body",
    _facts,
    _content,
    applies=lambda found: found.verdict is not None,
    link="Verdict",
)
