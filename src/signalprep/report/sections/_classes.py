"""Which class is taken for which, over all rows and by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from signalprep.report._json_tables import cells, records
from signalprep.report._tables import Column, as_table, count_column, text_column
from signalprep.report.sections._section import Found, Section
from signalprep.wording import format_number

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation


def _facts(found: Found) -> dict[str, Any]:
    """Confusion of all rows, and the scores of each class."""
    validation = cast("ClassificationValidation", found.validation)
    return {
        "confusion": confusion_of(validation.confusion),
        "classes": _classes(validation),
    }


def _classes(validation: ClassificationValidation) -> dict[str, Any]:
    """Precision and recall of each class."""
    table = validation.by_class
    shares = [
        Column(title, [format_number(float(value), 3) for value in table[name]])
        for name, title in (("recall", "recall"), ("precision", "precision"), ("f1", "F1"))
    ]
    return as_table(
        [
            text_column("class", table.index),
            count_column("rows", table["n"]),
            count_column("predicted", table["n_predicted"]),
            *shares,
        ]
    )


def confusion_of(counts: pd.DataFrame) -> dict[str, Any]:
    """Rows of each true class by the class that was predicted."""
    return as_table(
        [
            text_column("truth \\ prediction", counts.index),
            *(count_column(str(name), counts[name]) for name in counts.columns),
        ]
    )


def _content(found: Found) -> dict[str, Any]:
    validation = cast("ClassificationValidation", found.validation)
    return {
        "by_class": records(validation.by_class.reset_index()),
        "confusion": {
            "all": validation.confusion.to_numpy().tolist(),
            "by_regime": _by_regime(validation.confusion_by_regime, len(validation.classes)),
        },
    }


def _by_regime(table: pd.DataFrame | None, n_classes: int) -> list[dict[str, Any]] | None:
    """One object a cell; the rows of a cell are its true classes."""
    if table is None:
        return None
    counts = table.to_numpy().reshape(-1, n_classes, n_classes).tolist()
    of_cell = table.iloc[::n_classes].droplevel(-1)
    return cells(pd.DataFrame({"counts": pd.Series(counts, of_cell.index, dtype=object)}))


SECTION = Section("classes", "body", _facts, _content)
