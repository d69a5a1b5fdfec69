"""What a less honest test would have said: one row a test, with the place of its bar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.metrics import WEIGHTS
from signalprep.report._json_tables import plain, records
from signalprep.report.sections._section import Found, Section, Study
from signalprep.wording import decimals_for, format_interval, format_number, with_unit

if TYPE_CHECKING:
    from signalprep.results import LeakPrices

HONEST = "unseen cycle"
WORDS = {
    "random rows": "training holds the neighbours of every tested row",
    "prepared on everything": "steps before the model fitted on tested cycles too",
    "symmetric filters": "filters that see the future",
    HONEST: "whole cycles held out",
    "later in time": "trained on earlier cycles, tested on later ones",
    "unseen regime": "neither the cycle nor the regime seen in training",
}
COUNTS = ("n", "n_cycles")
FLATTERED = 0.95
"""Share of the honest error below which a test flatters."""
LONGEST = 2.0
"""The bars end at this multiple of the largest error, wherever intervals end."""


def _facts(found: Found) -> dict[str, Any]:
    """Headline and rows."""
    prices: LeakPrices = found.studies["prices"]
    table = prices.table
    rmse = table["rmse"].to_numpy(dtype=float)
    high = table["rmse_high"].to_numpy(dtype=float)
    largest = float(np.nanmax(rmse))
    end = min(max(float(np.nanmax(np.append(high, largest))), largest), LONGEST * largest) or 1.0
    decimals = decimals_for(rmse)
    honest = float(rmse[table.index.get_loc(HONEST)])
    return {
        "title": f"RMSE [{prices.unit}]" if prices.unit else "RMSE",
        "weighed": WEIGHTS[str(prices.settings.get("weight", "row"))],
        "confidence": f"{100 * float(prices.settings.get('confidence', 0.95)):g} %",
        "headline": _headline(table, honest, prices.unit, decimals),
        "own": math.isclose(honest, float(found.validation.overall["rmse"]), rel_tol=1e-9),
        "honest_at": _percent(honest, end),
        "rows": [
            _row(str(name), row, decimals, end)
            for name, row in zip(table.index, table.to_dict("records"), strict=True)
        ],
    }


def _row(name: str, row: dict[Any, Any], decimals: int, end: float) -> dict[str, Any]:
    low, high = float(row["rmse_low"]), float(row["rmse_high"])
    known = not math.isnan(row["rmse"])
    between = known and not math.isnan(low) and not math.isnan(high)
    return {
        "name": name,
        "what": WORDS.get(name, ""),
        "honest": bool(row["honest"]),
        "main": name == HONEST,
        "value": format_number(float(row["rmse"]), decimals),
        "interval": format_interval(low, high, decimals) if between else "",
        "bar": _percent(float(row["rmse"]), end) if known else None,
        "low": _percent(low, end) if between else None,
        "high": _percent(high, end) if between else None,
        "beyond": between and high > end,
        "note": str(row["note"]),
    }


def _percent(value: float, end: float) -> float:
    return round(100.0 * min(max(value / end, 0.0), 1.0), 1)


def _headline(table: pd.DataFrame, honest: float, unit: str, decimals: int) -> str:
    """What the most flattering test would have claimed."""
    flattering = table[~table["honest"].to_numpy(dtype=bool)]["rmse"].dropna()
    own = with_unit(format_number(honest, decimals), unit)
    if flattering.empty:
        return f"None of the usual leaks applies to this model; on unseen cycles its RMSE is {own}."
    least = float(flattering.min())
    claimed = with_unit(format_number(least, decimals), unit)
    if least >= FLATTERED * honest:
        return (
            f"None of the usual leaks makes this model look much better: {claimed} at least, "
            f"{own} on unseen cycles."
        )
    return (
        f"Tested with {flattering.idxmin()}, this model would have claimed {claimed}. "
        f"On unseen cycles it has {own}"
        + (f", {format_number(honest / least, 1)} times as much." if least > 0 else ".")
    )


def _content(found: Found) -> dict[str, Any]:
    prices: LeakPrices = found.studies["prices"]
    table = prices.table.astype(dict.fromkeys(COUNTS, "Int64"))
    return {
        "prices": {
            "unit": prices.unit,
            "tests": records(table.rename_axis("test").reset_index()),
            "settings": plain(dict(prices.settings)),
        }
    }


SECTION = Section(
    "prices",
    "body",
    _facts,
    _content,
    link="Less honest tests",
    study=Study(
        "price_of_leaks",
        "--price",
        "Show what less honest tests would have said: random rows, steps fitted on everything, "
        "filters that look ahead. Takes about five times as long as the report, and as many fits "
        "as folds for each label of the first regime signal. Not for labels.",
        refuses_leaks=True,
    ),
)
