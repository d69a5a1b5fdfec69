"""The heatmaps as tables of cells: colour, text and what shows on hover or focus."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from signalprep.layout import (
    ColourScale,
    MapAxis,
    MapPanel,
    OperatingMap,
    arrange,
    colour_scale,
    faded,
    ink,
)
from signalprep.metrics import Metric
from signalprep.report._json_tables import cells
from signalprep.report._tables import confidence_text, decimals_of, shown_metrics, value_text
from signalprep.report._verdict_marks import cell_marks
from signalprep.wording import (
    WEAK,
    format_count,
    format_interval,
    format_number,
    range_text,
    signal_name,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict

MOST_MAPPED = 3000
"""Cells that are drawn at all."""
MOST_TWICE = 800
"""Cells up to which more metrics than the first get maps."""
MOST_TIPS = 400
"""Cells up to which each explains itself on hover."""
DENSE = 10
"""Columns or rows beyond which cells show the value alone."""
CELL_WIDTH, DENSE_WIDTH, HEAD_WIDTH, PAGE_WIDTH = 48, 42, 78, 1140
EDGE_CHARACTER, DETAIL_CHARACTER = 6.5, 5.7
"""Pixels."""
LONGEST = 40
"""Characters of a label before it is cut."""
PHONE = 296
"""Pixels of the columns together on a phone, where a map is squeezed to the screen."""
LEAST_FONT, BOLD, PLAIN = 8.0, 0.7, 0.65
"""The smallest letters worth printing there, and the width of one by its size."""
MARK, LONGEST_HEAD = 0.5, 6
"""Characters: what a mark takes, and of a head without edges before it is wrapped."""
STOPS = 9


Tip: TypeAlias = "Callable[[MapText, pd.Series, str], list[str]]"
"""Lines that explain a cell, from its row of the table and what a verdict says of it."""


@dataclass(frozen=True)
class MapText:
    """What the cells of one set of maps are written with."""

    validation: Validation
    table: pd.DataFrame
    metric: Metric
    scale: ColourScale
    decimals: int
    dense: bool
    tip: Tip | None
    weak: np.ndarray
    marks: list[str]
    said: list[str]


def map_content(validation: Validation) -> dict[str, Any]:
    """The cells in the JSON."""
    table = validation.by_regime
    if table is None:
        return {"regimes": None, "by_regime": None}
    return {"regimes": [str(name) for name in table.index.names], "by_regime": cells(table)}


def map_facts(
    validation: Validation,
    verdict: Verdict | None = None,
) -> dict[str, Any] | None:
    """Maps of the metrics; the first explains and marks its cells. None without regimes."""
    table = validation.by_regime
    if table is None:
        return None

    def sets(layout: OperatingMap, n_drawn: int, dense: bool) -> list[dict[str, Any]]:
        mapped = [metric for metric in shown_metrics(validation) if metric.mapped]
        first, *others = mapped if n_drawn <= MOST_TWICE else mapped[:1]
        tip = _tip if n_drawn <= MOST_TIPS else None
        return [
            map_set(validation, layout, first, dense, tip, verdict),
            *(map_set(validation, layout, metric, dense, None, None) for metric in others),
        ]

    return map_frame(validation, table, verdict, sets)


def map_frame(
    validation: Validation,
    table: pd.DataFrame,
    verdict: Verdict | None,
    sets: Callable[[OperatingMap, int, bool], list[dict[str, Any]]],
) -> dict[str, Any]:
    """What sets of maps share, and the sets, which are made for a layout where it can be drawn."""
    names = list(table.index.names)
    shared = {
        "n_cells": f"{len(table):,}",
        "min_cycles": validation.least_seen,
        "confidence": confidence_text(validation),
        "resampled": validation.resampled,
    }
    if len(table) > MOST_MAPPED:
        return {"sets": [], **shared}
    layout = arrange(table, names[0], names[1] if len(names) > 1 else None, names[2:])
    height, width = layout.shape
    n_drawn = len(layout.panels) * height * width
    if n_drawn > MOST_MAPPED:
        return {"sets": [], **shared}
    dense = max(height, width) > DENSE
    return {
        "sets": sets(layout, n_drawn, dense),
        "marks": sorted(set(cell_marks(verdict, len(table))[0]) - {""}),
        "axes": _axes_text(validation, layout, names),
        "dense": dense,
        "tips": n_drawn <= MOST_TIPS,
        "wide": width > 2 * DENSE,
        "columns": _heads(layout.columns),
        "column_name": signal_name(names[0], validation.units),
        "row_name": signal_name(names[1], validation.units) if len(names) > 1 else "",
        **shared,
    }


def map_set(
    validation: Validation,
    layout: OperatingMap,
    metric: Metric,
    dense: bool,
    tip: Tip | None,
    verdict: Verdict | None,
    weak: np.ndarray | None = None,
) -> dict[str, Any]:
    """Maps of one metric; which cells are weak is for its interval to say, or given."""
    table = validation.by_regime
    assert table is not None
    evidence = table["evidence"].to_numpy(dtype=bool)
    values = table.loc[evidence, metric.name].to_numpy(dtype=float)
    scale = colour_scale(metric, values * metric.factor)
    decimals = decimals_of(table, metric)
    weak = metric.weak_in(table) if weak is None else weak
    marks, said = cell_marks(verdict, len(table))
    writer = MapText(validation, table, metric, scale, decimals, dense, tip, weak, marks, said)
    unit = validation.error_unit
    panels = [_panel(writer, layout, panel) for panel in layout.panels]
    least = _min_width(layout, panels, dense)
    return {
        "signed": metric.signed,
        "title": metric.label(unit),
        "marked": verdict is not None,
        "weak": WEAK if weak.any() else "",
        "tips": tip is not None,
        "min_width": least,
        **_squeezed(layout, panels),
        "best_width": max(least + 22, min(HEAD_WIDTH + 92 * layout.shape[1], PAGE_WIDTH)),
        "scale": {
            "low": format_number(scale.low, None if scale.low else 0),
            "high": with_unit(format_number(scale.high), metric.unit_text(unit)),
            "gradient": _gradient(scale),
        },
        "panels": panels,
    }


def _panel(writer: MapText, layout: OperatingMap, panel: MapPanel) -> dict[str, Any]:
    units = writer.validation.units
    heads = _heads(layout.rows, upwards=True)
    rows = [
        {"head": head, "cells": [_cell(writer, int(at)) for at in panel.position[k]]}
        for k, head in enumerate(heads)
    ]
    caption = ", ".join(f"{signal_name(n, units)}: {range_text(v)}" for n, v in panel.where)
    return {"caption": caption, "rows": rows[::-1]}


def _heads(axis: MapAxis | None, upwards: bool = False) -> list[dict[str, str]]:
    """Head of each row or column: its text, the edges to print beside it, and where a gap is.

    Columns print their lower edges and the last also its upper one; rows, the other way round.
    """
    if axis is None:
        return [{"text": "", "low": "", "high": "", "gap": ""}]
    inside = [k for k, outside in enumerate(axis.outside) if not outside]
    heads = []
    for k, label in enumerate(axis.labels):
        low = high = gap = ""
        if axis.edges and not axis.outside[k]:
            place = k - inside[0]
            low = axis.edges[place] if not upwards or k == inside[0] else ""
            high = axis.edges[place + 1] if upwards or k == inside[-1] else ""
        if axis.outside[k] and inside:
            gap = {inside[0] - 1: "after", inside[-1] + 1: "before"}.get(k, "")
        heads.append({"text": _cut(range_text(label)), "low": low, "high": high, "gap": gap})
    return heads


def _cell(writer: MapText, at: int) -> dict[str, Any]:
    """One cell: hatched without evidence, else coloured; faded where weak."""
    if at < 0:
        return {"known": False, "value": "–", "detail": "0 cyc", "tip": []}
    cell = writer.table.iloc[at]
    tip = writer.tip(writer, cell, writer.said[at]) if writer.tip else []
    value = float(cell[writer.metric.name])
    if not cell["evidence"] or math.isnan(value):
        detail = f"{format_count(cell['n_cycles'])} cyc"
        return {"known": False, "value": "–", "detail": detail, "tip": tip if cell["n"] else []}
    low, high = (float(cell[f"{writer.metric.name}_{end}"]) for end in ("low", "high"))
    interval = format_interval(low, high, writer.decimals).replace(" to ", "…")
    weak = bool(writer.weak[at])
    face = faded(writer.scale.face(value)) if weak else writer.scale.face(value)
    return {
        "known": True,
        "weak": weak,
        "value": format_number(value, writer.decimals, signed=writer.metric.signed),
        "detail": "" if writer.dense else interval,
        "tip": tip,
        "face": _hex(face),
        "mark": writer.marks[at],
        "ink": "#000" if ink(face) == "black" else "#fff",
    }


def _tip(writer: MapText, cell: pd.Series, said: str) -> list[str]:
    """Lines that show on hover and focus."""
    unit = writer.validation.error_unit
    rows = format_count(cell["n"], "row", "rows")
    cycles = format_count(cell["n_cycles"], "cycle", "cycles")
    first = [address(writer, cell), f"{rows} from {cycles}", *([said] if said else [])]
    if not cell["evidence"]:
        return [*first, f"no evidence: {writer.validation.least_seen} are needed"]
    main, *others = shown_metrics(writer.validation)
    low, high = (float(cell[f"{main.name}_{end}"]) for end in ("low", "high"))
    interval = format_interval(low, high, 3 if main.unit == "none" else None)
    told = [_said(metric, cell, unit) for metric in others]
    pairs = [", ".join(told[k : k + 2]) for k in range(0, len(told), 2)]
    first.append(_said(main, cell, unit) + (f" ({interval})" if interval else ""))
    weak = [WEAK] if main.is_weak(float(cell[main.name]), low, high) else []
    return [*first, *weak, *pairs]


def _said(metric: Metric, cell: pd.Series, unit: str) -> str:
    """A metric of a cell in words."""
    value = value_text(metric, float(cell[metric.name]), unit)
    return metric.said.format(name=metric.short_title, value=value)


def address(writer: MapText, cell: pd.Series) -> str:
    labels = cell.name if isinstance(cell.name, tuple) else (cell.name,)
    units = writer.validation.units
    parts = []
    for name, label in zip(writer.table.index.names, labels, strict=True):
        unit = units.get(str(name), "")
        text = range_text(label)
        measured = unit and text != str(label)
        parts.append(with_unit(text, unit) if measured else f"{_cut(str(name))} {_cut(text)}")
    return ", ".join(parts)


def _axes_text(validation: Validation, layout: OperatingMap, names: list[Any]) -> str:
    shown = [signal_name(name, validation.units) for name in names]
    text = f"over {shown[0]} (across)"
    if layout.rows is not None:
        text += f" and {shown[1]} (upwards)"
    if len(shown) > 2:
        text += f", one map for each range of {' and '.join(shown[2:])}"
    return text


def _min_width(layout: OperatingMap, panels: list[dict[str, Any]], dense: bool) -> int:
    """Pixels a map needs for its texts."""
    axis = layout.columns
    assert axis is not None
    edge = max((len(edge) for edge in axis.edges), default=0)
    cells = (cell for panel in panels for row in panel["rows"] for cell in row["cells"])
    detail = max(len(cell["detail"]) for cell in cells)
    width = max(
        DENSE_WIDTH if dense else CELL_WIDTH,
        int(edge * EDGE_CHARACTER) + 6,
        int(detail * DETAIL_CHARACTER) + 6,
    )
    return len(axis.labels) * width + HEAD_WIDTH


def _squeezed(layout: OperatingMap, panels: list[dict[str, Any]]) -> dict[str, Any]:
    """How a map is written on a phone: widths by the size of letters, and what is left out.

    An interval has two lines there. What would be too small to read is not printed.
    """
    axis, cells = layout.columns, []
    assert axis is not None
    for panel in panels:
        cells += [cell for row in panel["rows"] for cell in row["cells"]]
    n = len(axis.labels)
    value = BOLD * max(len(cell["value"]) + MARK * bool(cell.get("mark")) for cell in cells)
    # The dash stays with the lower end.
    ends = (len(part) for cell in cells for part in cell["detail"].replace("–", "– ").split(" "))
    end = PLAIN * max(ends)
    heads = [min(len(label), LONGEST_HEAD) for label in map(range_text, axis.labels)]
    outside = [k for k, beyond in zip(heads, axis.outside, strict=True) if beyond or not axis.edges]
    edge = PLAIN * max([*map(len, axis.edges), *outside])
    left_out = [
        name
        for name, width in (("no-values", value), ("no-ends", end))
        if width and PHONE / (n * width) < LEAST_FONT
    ]
    sizes = {"n": n, "c": value, "d": max(end, PLAIN), "e": edge}
    text = ";".join(f"--{name}:{size:.4g}" for name, size in sizes.items())
    return {"sizes": text, "left_out": left_out}


def _gradient(scale: ColourScale) -> str:
    values = np.linspace(scale.low, scale.high, STOPS)
    return ", ".join(_hex(scale.face(float(value))) for value in values)


def _hex(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
