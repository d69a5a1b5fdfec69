"""Checks a value against a JSON Schema: the keywords that ours uses, and no others."""

from __future__ import annotations

from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum"),
    *("anyOf", "oneOf", "properties", "required", "additionalProperties", "items"),
    "unevaluatedProperties",
}


def violations(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "") -> list:
    """Where and why the value breaks the schema."""
    assert set(schema) <= KNOWN, f"{path}: {set(schema) - KNOWN} is not checked here"
    found = []
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        found += violations(value, root["$defs"][name], root, path)
    if "anyOf" in schema or "oneOf" in schema:
        one_of = "oneOf" in schema
        tried = [
            violations(value, one, root, path) for one in schema.get("anyOf") or schema["oneOf"]
        ]
        found += [] if [] in tried else min(tried, key=len)
        found += [f"{path}: more than one fits"] if one_of and tried.count([]) > 1 else []
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_a(value, kind) for kind in kinds):
            return [*found, f"{path}: {value!r} is not {' or '.join(kinds)}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{path}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} is not one of {schema['enum']}")
    if isinstance(value, dict):
        found += in_object(value, schema, root, path)
    if isinstance(value, list) and "items" in schema:
        for k, item in enumerate(value):
            found += violations(item, schema["items"], root, f"{path}[{k}]")
    return found


def is_a(value: Any, kind: str) -> bool:
    """Whether the value has a type of JSON."""
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def in_object(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str
) -> list[str]:
    """Where and why the members of an object break the schema."""
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [
        f"{path}: {name} is missing" for name in schema.get("required", ()) if name not in value
    ]
    for name, each in value.items():
        if name in properties:
            found += violations(each, properties[name], root, f"{path}.{name}")
        elif others is False:
            found.append(f"{path}: {name} is unknown")
        elif isinstance(others, dict):
            found += violations(each, others, root, f"{path}.{name}")
    if schema.get("unevaluatedProperties") is False:
        unknown = set(value) - described(schema, root)
        found += [f"{path}: {name} is unknown" for name in sorted(unknown)]
    return found


def described(schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    """Names of the members that a schema of an object describes, by reference too."""
    names = set(schema.get("properties", {}))
    if "$ref" in schema:
        names |= described(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    return names
