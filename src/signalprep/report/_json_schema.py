"""json_schema: what the JSON of a validation holds."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from signalprep.metrics import TaskName, main_metric, metrics_of
from signalprep.report._pages import PAGES, TARGETS, sections_of

__all__ = ["VERSION", "entries_of", "json_schema"]

VERSION = "1.0"
"""Of the files of any kind: major.minor."""
METRICS_OF = {"metrics": TaskName.REGRESSION, "scores": TaskName.CLASSIFICATION}
NUMBER = {"$ref": "#/$defs/number"}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the files that `to_json` of a validation writes.

    It describes all kinds of file, that of a regressor (``schema`` is "signalprep-validation"), of
    a regressor of several targets ("signalprep-validations") and of a classifier
    ("signalprep-classification"), with every name that they hold. Its ``$id`` ends with the version
    that files carry as ``schema_version``.

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
    schema = _part("report")
    common, kinds = schema.pop("common"), schema.pop("kinds")
    schema["$id"] = f"urn:signalprep:report:{VERSION}"
    schema["title"] = f"What signalprep writes about a validation, version {VERSION}"
    names = [*(page.kind for page in PAGES.values()), TARGETS]
    schema["oneOf"] = [{"$ref": f"#/$defs/{kind}"} for kind in names]
    for name, task in METRICS_OF.items():
        _add_metrics(schema["$defs"][name], task)
    for page in PAGES.values():
        parts = [_part(name) for name in page.sections if _described(name)]
        properties = _head(page.kind) | common
        for part in parts:
            properties |= part["properties"]
            schema["$defs"] |= part.get("$defs", {})
        schema["$defs"][page.kind] = _object(kinds[page.kind], properties)
    schema["$defs"] |= _of_targets(common, kinds)
    return schema


def entries_of(section: str) -> list[str]:
    """Names of the entries that a section has in the JSON."""
    return list(_part(section)["properties"]) if _described(section) else []


def _of_targets(common: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    """The file of several targets: what they share once, and the entries of each."""
    shared: dict[str, Any] = _head(TARGETS) | common
    own = {"target": shared.pop("target")}
    for section in sections_of(TaskName.REGRESSION):
        if _described(section.name):
            entries = shared if section.shared else own
            entries |= _part(section.name)["properties"]
    shared["targets"] = {
        "description": "what belongs to each target, by its name",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/of_target"},
    }
    described = _object(kinds[TARGETS], shared)
    return {TARGETS: described, "of_target": _object(kinds["of_target"], own)}


def _object(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these entries, all of them and no other."""
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _head(kind: str) -> dict[str, Any]:
    """Which kind of file it is."""
    return {
        "schema": {"const": f"signalprep-{kind}", "description": "which kind of file this is"},
        "schema_version": {
            "const": VERSION,
            "description": "major.minor: major changes when a reader must, minor when something "
            "is added",
        },
    }


def _add_metrics(described: dict[str, Any], task: TaskName) -> None:
    """Describe the metrics of a task and the ends of their intervals."""
    metrics = metrics_of(task)
    described["properties"] |= {m.name: {**NUMBER, "description": m.words} for m in metrics}
    described["properties"] |= {
        f"{m.name}_{end}": NUMBER for m in metrics if m.interval for end in ("low", "high")
    }
    described["required"].append(main_metric(task).name)


def _part(name: str) -> dict[str, Any]:
    part: dict[str, Any] = json.loads(_text(name))
    return part


@cache
def _text(name: str) -> str:
    return _file(name).read_text(encoding="utf-8")


def _described(name: str) -> bool:
    return bool(_file(name).is_file())


def _file(name: str) -> Any:
    return files("signalprep.report").joinpath("schema", f"{name}.json")
