"""How many of the tested rows lie within their prediction interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep.report._tables import Column, as_table, count_column, number_column, text_column
from signalprep.results import confidence_text, unit_of_error
from signalprep.wording import (
    decimals_for,
    format_interval,
    format_number,
    range_text,
    signal_name,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import Validation

MOST_ROWS = 100


def band_facts(validation: Validation) -> dict[str, Any] | None:
    """Coverage over all rows and by cell; None where the model gives no intervals."""
    found = validation.predictions
    if "low" not in found:
        return None
    truth, low, high = (found[name].to_numpy(dtype=float) for name in ("truth", "low", "high"))
    share = float(np.mean((low <= truth) & (truth <= high)))
    table = validation.band_coverage()
    table = table[(table["n"] > 0).to_numpy()]
    shown = table.iloc[:MOST_ROWS]
    by_cell = validation.by_regime is not None
    address = [
        text_column(
            signal_name(name, validation.units),
            [range_text(label) for label in shown.index.get_level_values(level)],
        )
        for level, name in enumerate(shown.index.names)
        if by_cell
    ]
    unit = unit_of_error(validation)
    values = [100.0 * float(value) for value in shown["coverage"]]
    ends = [100.0 * shown[f"coverage_{end}"].to_numpy(dtype=float) for end in ("low", "high")]
    decimals = min(decimals_for(values, 3), 1)
    return {
        "share": with_unit(format_number(100.0 * share, 1), "%"),
        "width": with_unit(format_number(float(np.mean(high - low))), unit),
        "n": len(table),
        "n_shown": len(shown),
        "table": as_table(
            [
                *address,
                Column("within [%]", [format_number(value, decimals) for value in values]),
                Column(
                    f"{confidence_text(validation)} interval",
                    [format_interval(a, b, decimals) or "–" for a, b in zip(*ends, strict=True)],
                ),
                number_column(f"mean width [{unit}]" if unit else "mean width", shown["width"]),
                count_column("cycles", shown["n_cycles"]),
                count_column("rows", shown["n"]),
            ]
        ),
    }
