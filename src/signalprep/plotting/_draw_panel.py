"""One map on one axes: colours, hatches, texts and ticks at the edges of the regimes."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.layout import DOT, MapAxis, MapPanel, OperatingMap
from signalprep.metrics import Metric
from signalprep.plotting._cell_colours import CellColours
from signalprep.wording import format_count, format_interval, format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 0.2
"""Space between the map and its "below", "above" and "missing" cells, in cells."""
HATCH: dict[str, Any] = {
    "facecolor": "#f4f4f4",
    "edgecolor": "#bdbdbd",
    "hatch": "////",
    "linewidth": 0.0,
}
WEAK_HATCH: dict[str, Any] = {"edgecolor": DOT, "hatch": "..", "linewidth": 0.0}
VALUE_SIZE, DETAIL_SIZE, TICK_SIZE = 10.0, 7.5, 9.0
LONGEST = 44
"""Characters of a name before it is cut."""


@dataclass(frozen=True)
class PanelStyle:
    """What all maps of a figure share."""

    metric: Metric
    colours: CellColours
    decimals: int
    interval: bool
    weak: np.ndarray


@dataclass
class DrawnPanel:
    """The artists of one map."""

    mesh: Any
    texts: dict[tuple[int, int], Any] = field(default_factory=dict)
    details: dict[tuple[int, int], Any] = field(default_factory=dict)
    hatches: dict[tuple[int, int], Any] = field(default_factory=dict)
    weak: dict[tuple[int, int], Any] = field(default_factory=dict)


def draw_panel(
    ax: Axes,
    table: pd.DataFrame,
    layout: OperatingMap,
    panel: MapPanel,
    style: PanelStyle,
    units: Mapping[str, str],
) -> DrawnPanel:
    """Draw one map and return its artists."""
    left, bottom = _starts(layout.columns), _starts(layout.rows)
    drawn = DrawnPanel(_draw_mesh(ax, table, panel, style, left, bottom))
    ax.set_xlim(left[0], left[-1] + 1)
    ax.set_ylim(bottom[0], bottom[-1] + 1)
    _label_side(ax, "x", layout.columns, left, units)
    _label_side(ax, "y", layout.rows, bottom, units)
    if panel.where:
        title = ", ".join(f"{name_with_unit(name, units)}: {label}" for name, label in panel.where)
        ax.set_title(textwrap.fill(title, 60), fontsize=10, loc="left", parse_math=False)
    for side in ax.spines.values():
        side.set_visible(False)
    size, weak = _cell_size(ax), style.weak
    for row, column in itertools.product(range(len(bottom)), range(len(left))):
        place = (row, column)
        at = int(panel.position[row, column])
        cell = None if at < 0 else table.iloc[at]
        value = math.nan if cell is None else float(cell[style.metric.name]) * style.metric.factor
        corner = (float(left[column]), float(bottom[row]))
        centre = (corner[0] + 0.5, corner[1] + 0.5)
        if cell is not None and cell["evidence"] and not math.isnan(value):
            ink = style.colours.ink(value, weak[at])
            texts = _write_value(ax, centre, cell, value, style, size, ink)
            drawn.texts[place], drawn.details[place] = texts
            if weak[at]:
                face = style.colours.face(value, weak=True)
                drawn.weak[place] = _hatch(ax, corner, facecolor=face, **WEAK_HATCH)
                for text in texts:
                    _clear(text, face)
        else:
            drawn.hatches[place] = _hatch(ax, corner, **HATCH)
            seen = 0 if cell is None else int(cell["n_cycles"])
            count = _fitting(_counts(seen), size)
            drawn.texts[place] = _write(ax, centre, count, DETAIL_SIZE, "black")
            _clear(drawn.texts[place], HATCH["facecolor"])
    return drawn


def name_with_unit(name: str, units: Mapping[str, str]) -> str:
    """Name of a signal, cut when very long, and its unit."""
    unit = units.get(name, "")
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return f"{short} [{unit}]" if unit else short


def _starts(axis: MapAxis | None) -> np.ndarray:
    """Where each cell begins along a side; the next begins 1 later, after a gap 1 + GAP."""
    if axis is None:
        return np.zeros(1)
    changes = np.diff(np.array(axis.outside, dtype=float)) != 0
    return np.arange(len(axis.labels)) + GAP * np.concatenate(([0], np.cumsum(changes)))


def _draw_mesh(
    ax: Axes,
    table: pd.DataFrame,
    panel: MapPanel,
    style: PanelStyle,
    left: np.ndarray,
    bottom: np.ndarray,
) -> Any:
    """Colours of the cells with evidence; gaps and other cells are masked."""
    values = table[style.metric.name].to_numpy(dtype=float) * style.metric.factor
    values = np.append(np.where(table["evidence"].to_numpy(dtype=bool), values, np.nan), np.nan)
    x, x_cell = _grid(left)
    y, y_cell = _grid(bottom)
    colours = np.full((len(y) - 1, len(x) - 1), np.nan)
    colours[np.ix_(y_cell, x_cell)] = values[panel.position]
    return ax.pcolormesh(
        x,
        y,
        np.ma.masked_invalid(colours),
        cmap=style.colours.cmap,
        norm=style.colours.norm,
        edgecolors="white",
        linewidth=1.0,
    )


def _grid(starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Borders of a mesh that has the gaps as cells of their own, and the mesh cell of each cell."""
    borders, cells = [float(starts[0])], []
    for start in starts:
        if start > borders[-1]:
            borders.append(float(start))
        cells.append(len(borders) - 1)
        borders.append(float(start) + 1.0)
    return np.array(borders), np.array(cells)


def _label_side(
    ax: Axes, side: str, axis: MapAxis | None, starts: np.ndarray, units: Mapping[str, str]
) -> None:
    """Ticks at the edges of intervals, or in the middle of other labels, and the name."""
    target = ax.xaxis if side == "x" else ax.yaxis
    if axis is None:
        target.set_ticks([])
        return
    inside = ~np.array(axis.outside)
    if axis.edges:
        borders = np.append(starts[inside], starts[inside][-1] + 1)
        ticks, labels = list(borders), list(axis.edges)
        named = np.flatnonzero(~inside)
    else:
        ticks, labels, named = [], [], np.arange(len(starts))
    ticks += [starts[k] + 0.5 for k in named]
    labels += [axis.labels[k] for k in named]
    shown = [text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in labels]
    target.set_ticks(ticks, shown, parse_math=False, fontsize=TICK_SIZE)
    ax.tick_params(axis=side, length=3, color="#888888")  # type: ignore[arg-type]
    if side == "x" and _crowded(ticks, shown, _cell_size(ax)[0]):
        for label in ax.get_xticklabels():
            label.set(rotation=40, ha="right", rotation_mode="anchor")
    target.set_label_text(name_with_unit(axis.name, units), parse_math=False)


def _crowded(ticks: list[float], labels: list[str], width: float) -> bool:
    """Whether neighbouring labels under cells of this width in inches would touch."""
    order = np.argsort(ticks)
    at = np.array(ticks)[order] * width
    half = np.array([len(labels[k]) + 1 for k in order]) * TICK_SIZE * 0.6 / 72 / 2
    return bool((np.diff(at) < half[1:] + half[:-1]).any())


def _cell_size(ax: Axes) -> tuple[float, float]:
    """Width and height of a cell in inches."""
    box = ax.get_window_extent()
    x, y = ax.get_xlim(), ax.get_ylim()
    dpi = ax.figure.dpi
    return box.width / dpi / (x[1] - x[0]), box.height / dpi / (y[1] - y[0])


def _write_value(
    ax: Axes,
    centre: tuple[float, float],
    cell: pd.Series,
    value: float,
    style: PanelStyle,
    size: tuple[float, float],
    colour: str,
) -> tuple[Any, Any]:
    """Value of a cell, and below it the interval and cycles as far as they fit."""
    shown = format_number(value, style.decimals, signed=style.metric.signed)
    interval = _interval(cell, style) if style.interval else ""
    for cycles in _counts(int(cell["n_cycles"])):
        for details in ((interval, cycles), (cycles,)):
            if "" in details or not _fits((shown, *details), VALUE_SIZE, size):
                continue
            text = _write(ax, centre, shown, VALUE_SIZE, colour, 0.65 * DETAIL_SIZE * len(details))
            below = _write(ax, centre, "\n".join(details), DETAIL_SIZE, colour, -0.65 * VALUE_SIZE)
            return text, below
    for points in (VALUE_SIZE, 9.0, 8.0, 7.0, 6.0, 5.0):
        if _fits((shown,), points, size):
            return _write(ax, centre, shown, points, colour), _write(ax, centre, "", 1.0, colour)
    empty = _write(ax, centre, "", DETAIL_SIZE, colour)
    return empty, empty


def _interval(cell: pd.Series, style: PanelStyle) -> str:
    low, high = (cell.get(f"{style.metric.name}_{end}", math.nan) for end in ("low", "high"))
    factor = style.metric.factor
    return format_interval(float(low) * factor, float(high) * factor, style.decimals)


def _counts(n_cycles: int) -> tuple[str, str]:
    """Number of cycles in words, long and short."""
    return format_count(n_cycles, "cycle", "cycles"), format_count(n_cycles, "cyc", "cyc")


def _fitting(texts: tuple[str, ...], size: tuple[float, float]) -> str:
    return next((text for text in texts if _fits((text,), DETAIL_SIZE, size)), "")


def _fits(lines: tuple[str, ...], points: float, size: tuple[float, float]) -> bool:
    """Whether lines (the first at `points`, the others smaller) fit into a cell."""
    sizes = [points] + [DETAIL_SIZE] * (len(lines) - 1)
    width = max(len(line) * each * 0.56 for line, each in zip(lines, sizes, strict=True)) / 72
    return width <= 0.96 * size[0] and sum(sizes) * 1.3 / 72 <= 0.96 * size[1]


def _write(
    ax: Axes,
    centre: tuple[float, float],
    text: str,
    points: float,
    colour: str,
    lift: float = 0.0,
) -> Any:
    """Text `lift` points above the centre of a cell."""
    return ax.annotate(
        text,
        centre,
        xytext=(0.0, lift),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=points,
        color=colour,
        parse_math=False,
        annotation_clip=False,
    )


def _clear(text: Any, face: Any) -> None:
    """Keep the hatch out from behind a text."""
    if text.get_text():
        text.set_bbox({"facecolor": face, "edgecolor": "none", "pad": 1.0})


def _hatch(ax: Axes, corner: tuple[float, float], **look: Any) -> Any:
    from matplotlib.patches import Rectangle

    hatched = ax.add_patch(Rectangle(corner, 1.0, 1.0, **look))
    ax.add_patch(Rectangle(corner, 1.0, 1.0, fill=False, edgecolor="white", linewidth=1.0))
    return hatched
