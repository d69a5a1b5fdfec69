"""The quality of a log as tables on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.cli._messages import with_options
from signalprep.cli._safe_text import safe_text

if TYPE_CHECKING:
    from rich.table import Table

    from signalprep.quality import LogCheck


def print_quality(found: LogCheck) -> None:
    """Two tables, cycles and channels, then the findings.

    Several constant channels are left to the findings, and columns in which nothing stands out.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    channels = found.channels
    constant = channels["constant"].astype(bool)
    if constant.sum() > 1:
        channels = channels[~constant]
    for title, frame in (("Cycles", found.cycles), ("Channels", channels)):
        if len(frame):
            console.print(_table(title, frame))
            console.print()
    console.print(Text(safe_text(with_options(found.to_text()), lines=True)))


def _table(title: str, frame: pd.DataFrame) -> Table:
    """Whole names, which are folded where the screen is too narrow, and whole numbers."""
    from rich.table import Table
    from rich.text import Text

    columns = {name: [_cell(value, name) for value in frame[name]] for name in frame.columns}
    columns = {name: cells for name, cells in columns.items() if any(cells)}
    table = Table(title=title, title_justify="left", show_edge=False)
    table.add_column(str(frame.index.name), overflow="fold")
    for name in columns:
        table.add_column(name.replace("_", "\n"), justify="right", no_wrap=True)
    for label, *cells in zip(frame.index, *columns.values(), strict=True):
        table.add_row(*(Text(safe_text(cell)) for cell in (str(label), *cells)))
    return table


def _cell(value: Any, column: str) -> str:
    """A number or word; what is missing, absent or counts nothing stays blank."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else ""
    if value is None or value == "" or pd.isna(value):
        return ""
    nothing = 1e-6 if column == "jitter" else 0  # time stamps are rounded
    if column not in ("min", "max") and not isinstance(value, str) and abs(value) <= nothing:
        return ""
    return f"{float(value):.4g}" if isinstance(value, (float, np.floating)) else str(value)
