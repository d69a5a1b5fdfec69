"""How much of a tested cycle lies within its prediction intervals, beside what was promised."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep.report._json_tables import cells, records
from signalprep.report._tables import (
    Column,
    address_columns,
    as_table,
    confidence_text,
    count_column,
    number_column,
)
from signalprep.report.sections._section import Found, Section
from signalprep.results import overall_coverage
from signalprep.wording import (
    decimals_for,
    format_interval,
    format_number,
    with_unit,
)

MOST_ROWS = 100


def _facts(found: Found) -> dict[str, Any]:
    """Coverage over all rows and by cell."""
    validation = found.validation
    over_all = overall_coverage(validation)
    table = validation.band_coverage()
    table = table[(table["n"] > 0).to_numpy()]
    shown = table.iloc[:MOST_ROWS]
    known = validation.by_regime is not None
    address = address_columns(shown.index, validation.units) if known else []
    unit = validation.error_unit
    values = [100.0 * float(value) for value in shown["coverage"]]
    ends = [100.0 * shown[f"coverage_{end}"].to_numpy(dtype=float) for end in ("low", "high")]
    decimals = min(decimals_for(values, 3), 1)
    by_row = [format_number(100.0 * float(value), decimals) for value in shown["of_rows"]]
    return {
        "share": _percent(over_all["coverage"]),
        "of_rows": _percent(over_all["of_rows"]),
        "promised": "" if np.isnan(over_all["promised"]) else _percent(over_all["promised"]),
        "width": with_unit(format_number(float(over_all["width"])), unit),
        "n": len(table),
        "n_shown": len(shown),
        "table": as_table(
            [
                *address,
                Column("of a cycle within [%]", [format_number(v, decimals) for v in values]),
                Column(
                    f"{confidence_text(validation)} interval",
                    [format_interval(a, b, decimals) or "–" for a, b in zip(*ends, strict=True)],
                ),
                Column("of all rows [%]", by_row),
                number_column(f"mean width [{unit}]" if unit else "mean width", shown["width"]),
                count_column("cycles", shown["n_cycles"]),
                count_column("rows", shown["n"]),
            ]
        ),
    }


def _percent(share: float) -> str:
    value = 100.0 * float(share)
    return with_unit(format_number(value, 1).removesuffix(".0"), "%")


def _content(found: Found) -> dict[str, Any]:
    table = found.validation.band_coverage()
    if found.validation.by_regime is not None:
        return {"band_coverage": cells(table)}
    return {"band_coverage": [{"regime": None, **row} for row in records(table)]}


SECTION = Section(
    "bands",
    "details",
    _facts,
    _content,
    applies=lambda found: "low" in found.validation.predictions,
)
