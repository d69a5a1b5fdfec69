"""write_json: the numbers of a validation as strict JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.report._json_schema import VERSION, entries_of
from signalprep.report._json_tables import plain
from signalprep.report._pages import PAGES, found_of, sections_of
from signalprep.report.sections import Found, Section

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict


def write_json(
    validation: Validation,
    path: str | os.PathLike[str],
    verdict: Verdict | None = None,
    **studies: Any,
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
    verdict : Verdict, default=None
        Its cells held against limits.
    **studies
        What else to write, by the name of its section; None for what there is not.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study does not belong
        to this page or is about another target.
    """
    found = found_of(validation, verdict, studies)
    content = {
        "schema": f"signalprep-{PAGES[validation.task].kind}",
        "schema_version": VERSION,
        "target": str(validation.target),
        "units": plain(dict(validation.units)),
        "rate_hz": plain(validation.rate),
    }
    write(path, content | entries(found, sections_of(validation.task)))


def entries(found: Found, sections: list[Section]) -> dict[str, Any]:
    """What the sections put into the file; null where one has nothing to say."""
    content: dict[str, Any] = {}
    for section in sections:
        if section.content is not None and section.is_shown(found):
            content |= section.content(found)
        else:
            content |= dict.fromkeys(entries_of(section.name))
    return content


def write(path: str | os.PathLike[str], content: dict[str, Any]) -> None:
    """Write strict JSON; the file is replaced in one step."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    write_atomic(path, text + "\n")
