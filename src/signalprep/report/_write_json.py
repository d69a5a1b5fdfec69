"""write_json: the numbers of a validation as strict JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.report._json_content import file_text
from signalprep.report._json_studies import study_content
from signalprep.report._json_tables import cells, records
from signalprep.report._studies import Studies
from signalprep.wording import error_unit

if TYPE_CHECKING:
    from signalprep.results import Validation

SCHEMA = "signalprep-validation"


def write_json(
    validation: Validation, path: str | os.PathLike[str], studies: Studies | None = None
) -> None:
    """Write the numbers of a validation as JSON, without the predictions.

    The file is strict JSON in one object, described by the JSON Schema that `json_schema` gives.
    Values that are not finite are null, and numbers read back are the numbers that were written.
    Times are ISO 8601 text, durations seconds, and settings that are neither text, number nor
    container are given as their text.

    Parameters
    ----------
    validation : Validation
        What to write.
    path : path-like
        File to write; replaced in one step.
    studies : Studies, default=None
        What else to write.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study is about another
        target.
    """
    studies = Studies() if studies is None else studies
    studies.check(validation)
    unit = validation.units.get(validation.target, "")
    own = {
        "unit": unit,
        "error_unit": error_unit(unit),
        "band_coverage": _band_coverage(validation),
        **study_content(studies),
    }
    write_atomic(path, file_text(SCHEMA, validation, studies.verdict, own))


def _band_coverage(validation: Validation) -> list[dict[str, Any]] | None:
    if "low" not in validation.predictions:
        return None
    table = validation.band_coverage()
    if validation.by_regime is None:
        return [{"regime": None, **row} for row in records(table)]
    return cells(table)
