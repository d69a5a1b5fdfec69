"""Words that several results and their pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.wording import error_unit

if TYPE_CHECKING:
    import pandas as pd

    from signalprep.results._comparison import Comparison
    from signalprep.results._validation import Validation


def unit_of_error(found: Validation | Comparison) -> str:
    """Unit of the errors, "" when that of the target is not known."""
    return error_unit(found.units.get(found.target, ""))


def confidence_text(validation: Validation) -> str:
    """Level of the intervals, such as "95 %"."""
    return f"{100 * float(validation.settings.get('confidence', 0.95)):g}\N{NO-BREAK SPACE}%"


def place_of(table: pd.DataFrame, cell: Any) -> str:
    """Words for a cell: its regime variables and labels."""
    labels = cell if isinstance(cell, tuple) else (cell,)
    return ", ".join(f"{n} {label}" for n, label in zip(table.index.names, labels, strict=True))
