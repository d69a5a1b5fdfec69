"""json_schema: what the JSON of a validation holds."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the files that `Validation.to_json` writes.

    It describes both kinds of file, that of a regressor (``schema`` is "signalprep-validation") and
    that of a classifier ("signalprep-classification"), with every name that they hold. Its ``$id``
    ends with the version that files carry as ``schema_version``.

    Returns
    -------
    schema : dict
        A copy, to hand to any validator.

    Examples
    --------
    >>> from signalprep.report import json_schema
    >>> json_schema()["$id"]
    'urn:signalprep:report:1.0'
    """
    text = files("signalprep.report").joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
