"""A small drawing of a few series: dots with intervals, lines and a level to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from signalprep.report._drawing import Scale, scale_for
from signalprep.wording import format_number

WIDTH, HEIGHT = 360, 222
LEFT, RIGHT, TOP, BOTTOM = 54, 350, 26, 178
HIGHEST = 2.5
"""An interval is drawn up to this multiple of the largest value."""
CHARACTER = 6.0
"""Pixels."""
LONGEST_ALONG, LONGEST_UP = 54, 30
"""Characters of a title before it is cut."""


@dataclass(frozen=True)
class Series:
    """Values over places, with the ends of their intervals where these are known.

    Attributes
    ----------
    name : str
        For the legend.
    x, y : ndarray of shape (n,)
        Places and values.
    low, high : ndarray of shape (n,) or None
        Ends of the intervals, NaN where they are not known.
    dots : bool
        Whether the values are marked.
    second : bool
        Whether it is drawn as the second of two: dashed, open dots.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    dots: bool = True
    second: bool = False


def small_chart(
    name: str,
    series: list[Series],
    titles: tuple[str, str],
    description: str,
    *,
    level: tuple[float, str] | None = None,
    place: float | None = None,
    names: list[str] | None = None,
) -> dict[str, Any]:
    """Coordinates of a chart that starts at zero, or below where values do.

    Parameters
    ----------
    name : str
        For its identifiers on the page.
    series : list of Series
        What to draw.
    titles : (str, str)
        Of the axis along and of the axis up.
    description : str
        What the drawing shows, in words.
    level : (float, str), default=None
        A dashed line across and its name.
    place : float, default=None
        A dashed line upwards.
    names : list of str, default=None
        Names of the places 0, 1, ... instead of round numbers.
    """
    x = scale_for(np.concatenate([one.x for one in series]), LEFT, RIGHT, pad=0.04)
    y = _upwards(series, level)
    if names is None:
        x_ticks = x.ticks(5)
    else:
        x_ticks = [{"at": x(float(k)), "text": text} for k, text in enumerate(names)]
    if max(len(str(tick["text"])) for tick in x_ticks) * CHARACTER > (RIGHT - LEFT) / len(x_ticks):
        x_ticks = x_ticks[::2]
    return {
        "name": name,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "bottom": BOTTOM,
        "x_ticks": x_ticks,
        "y_ticks": y.ticks(4),
        "x_title": _cut(titles[0], LONGEST_ALONG),
        "y_title": _cut(titles[1], LONGEST_UP),
        "series": [_drawn(one, x, y) for one in series],
        "level": None if level is None else {"at": y(level[0]), "text": level[1]},
        "place": None if place is None or not x.low <= place <= x.high else x(place),
        "legend": len(series) > 1 or level is not None,
        "description": description,
    }


def span_text(values: np.ndarray) -> str:
    """Smallest to largest value."""
    return f"{format_number(float(np.min(values)))} to {format_number(float(np.max(values)))}"


def _upwards(series: list[Series], level: tuple[float, str] | None) -> Scale:
    values = np.concatenate([one.y for one in series] + ([] if level is None else [[level[0]]]))
    low, top = min(float(np.min(values)), 0.0), max(float(np.max(values)), 0.0)
    highs = [one.high for one in series if one.high is not None]
    if highs:
        known = np.concatenate(highs)
        known = known[np.isfinite(known)]
        top = min(float(np.max(known, initial=top)), HIGHEST * top)
    room = 0.06 * (top - low) or 1.0
    return Scale(low if low == 0.0 else low - room, top + room, BOTTOM, TOP)


def _drawn(one: Series, x: Scale, y: Scale) -> dict[str, Any]:
    places = [x(float(value)) for value in one.x]
    values = [y(float(value)) for value in one.y]
    points = zip(places, values, strict=True)
    line = "".join(f"{'L' if k else 'M'}{a:g} {b:g}" for k, (a, b) in enumerate(points))
    bars = []
    if one.low is not None and one.high is not None:
        ends = zip(places, one.low, one.high, strict=True)
        bars = [
            {"x": a, "low": y(max(float(low), y.low)), "high": y(min(float(high), y.high))}
            for a, low, high in ends
            if np.isfinite(low) and np.isfinite(high)
        ]
    return {
        "name": one.name,
        "line": line,
        "dots": list(zip(places, values, strict=True)) if one.dots else [],
        "bars": bars,
        "second": one.second,
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
