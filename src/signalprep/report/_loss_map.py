"""The loss over the operating map: its cells tell both errors and what saturates."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.layout import OperatingMap
from signalprep.metrics import METRICS, Metric
from signalprep.report._maps import MOST_TIPS, MapText, address, map_frame, map_set
from signalprep.report._tables import value_text
from signalprep.wording import WEAK, format_count, format_number

if TYPE_CHECKING:
    from signalprep.results import RegimeLoss


def loss_map_facts(loss: RegimeLoss) -> dict[str, Any] | None:
    """Map of the difference of both errors. None without regimes."""
    compared, verdict = loss.comparison.by_regime, loss.verdict
    if compared is None:
        return None
    shown = replace(loss.quantized, by_regime=compared)
    main = METRICS[loss.main_metric]
    title = f"{main.short_title} (quantized minus reference)"
    signed = replace(main, title=title, better="zero")
    table = loss.table()
    weak = table["weak"].to_numpy(dtype=bool)
    rows = dict(zip(table.index, table.to_dict("records"), strict=True))

    def sets(layout: OperatingMap, n_drawn: int, dense: bool) -> list[dict[str, Any]]:
        tip = partial(_tip, rows, main) if n_drawn <= MOST_TIPS else None
        return [map_set(shown, layout, signed, dense, tip, verdict, weak)]

    return map_frame(shown, compared, verdict, sets)


def _tip(
    rows: dict[Any, dict[Any, Any]], main: Metric, writer: MapText, cell: pd.Series, said: str
) -> list[str]:
    """Lines that show on hover and focus."""
    row, unit = rows[cell.name], writer.validation.error_unit
    cycles = format_count(row["n_cycles"], "cycle", "cycles")
    seen = f"{format_count(row['n'], 'row', 'rows')} from {cycles}"
    first = [address(writer, cell), seen, *([said] if said else [])]
    if not row["evidence"]:
        return [*first, f"no evidence: {writer.validation.least_seen} are needed"]
    names = ("reference", "quantized", "between")
    reference, quantized, between = (value_text(main, float(row[name]), unit) for name in names)
    told = [
        f"{main.short_title} {reference} of the reference",
        f"{quantized} quantized, {between} between the two",
        str(row["outcome"]),
    ]
    if not math.isnan(row["saturated"]):
        told.append(f"something saturates in {format_number(100.0 * row['saturated'])} % of rows")
    return [*first, *([WEAK] if row["weak"] else []), *told]
