"""The quality of a log as tables on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.cli._messages import with_options
from signalprep.cli._safe_text import safe_text

if TYPE_CHECKING:
    from signalprep.quality import LogCheck


def print_quality(found: LogCheck) -> None:
    """Two tables, cycles and channels, then the findings."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for title, frame in (("Cycles", found.cycles), ("Channels", found.channels)):
        table = Table(title=title, title_justify="left", show_edge=False)
        table.add_column(str(frame.index.name))
        for name in frame.columns:
            table.add_column(name.replace("_", " "), justify="right")
        for label, row in zip(frame.index, frame.itertuples(index=False), strict=True):
            cells = (_cell(value, name) for value, name in zip(row, frame.columns, strict=True))
            table.add_row(*(Text(safe_text(cell)) for cell in (str(label), *cells)))
        console.print(table)
        console.print()
    console.print(Text(safe_text(with_options(found.to_text()), lines=True)))


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
