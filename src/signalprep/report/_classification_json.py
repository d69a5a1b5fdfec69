"""write_classification_json: the tables of a classifier's validation as strict JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep._atomic import write_atomic
from signalprep.report._json_content import file_text
from signalprep.report._json_studies import study_content
from signalprep.report._json_tables import cells, plain, records
from signalprep.report._studies import Studies

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation

SCHEMA = "signalprep-classification"
STUDIES = ("verdict", "audit")
"""Entries that a regressor's file has, too."""


def write_classification_json(
    validation: ClassificationValidation,
    path: str | os.PathLike[str],
    studies: Studies | None = None,
) -> None:
    """Write the tables of a classifier's validation as JSON, without the predictions.

    The file is strict JSON in one object, described by the JSON Schema that `json_schema` gives.
    Beside what the file of a regressor holds (errors and studies of errors apart):

    =========== ==================================================================================
    classes     the classes, sorted
    by_class    one object a class: ``class``, counts, precision, recall, f1
    confusion   ``all``: one list of counts a true class, by predicted class; ``by_regime``: one
                object a cell with ``regime`` and ``counts``, or null
    =========== ==================================================================================

    Parameters
    ----------
    validation : ClassificationValidation
        What to write.
    path : path-like
        File to write; replaced in one step.
    studies : Studies, default=None
        What else to write: verdict and audit.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study is about another
        target.
    """
    studies = Studies() if studies is None else studies
    studies.check(validation)
    found = study_content(studies)
    own = {
        "classes": plain(validation.classes),
        "by_class": records(validation.by_class.reset_index()),
        "confusion": {
            "all": validation.confusion.to_numpy().tolist(),
            "by_regime": _confusion(validation.confusion_by_regime, len(validation.classes)),
        },
        **{name: found[name] for name in STUDIES},
    }
    write_atomic(path, file_text(SCHEMA, validation, studies.verdict, own))


def _confusion(table: pd.DataFrame | None, n_classes: int) -> list[dict[str, Any]] | None:
    """One object a cell; the rows of a cell are its true classes."""
    if table is None:
        return None
    counts = table.to_numpy().reshape(-1, n_classes, n_classes).tolist()
    of_cell = table.iloc[::n_classes].droplevel("truth")
    return cells(pd.DataFrame({"counts": pd.Series(counts, of_cell.index, dtype=object)}))
