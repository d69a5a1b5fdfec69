"""The defaults that docstrings state are those that the signatures have."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

import signalprep as sp

PARAMETER = re.compile(r"^(\*{0,2}\w+(?:, \w+)*) : (.*default=.*)$", re.MULTILINE)


def documented() -> Iterator[tuple[str, object]]:
    """Everything public that is called, methods included, by its name."""
    rooms = {"sp": sp, "metrics": sp.metrics, "datasets": sp.datasets, "log": sp.log}
    for room, held in rooms.items():
        for name in held.__all__:
            one = getattr(held, name)
            if inspect.isfunction(one):
                yield f"{room}.{name}", one
            elif inspect.isclass(one) and one.__module__.startswith("signalprep"):
                yield f"{room}.{name}", one
                for method, function in inspect.getmembers(one, inspect.isfunction):
                    if not method.startswith("_") and function.__module__.startswith("signalprep"):
                        yield f"{room}.{name}.{method}", function


CALLED = dict(documented())


def stated(one: object) -> dict[str, object]:
    """Defaults by parameter as the docstring has them; several on a line share the list."""
    text = inspect.getdoc(one) or ""
    text = text.partition("Attributes\n---")[0].partition("Returns\n---")[0]
    found: dict[str, object] = {}
    for names, rest in PARAMETER.findall(text):
        each = names.split(", ")
        words = rest.rpartition("default=")[2]
        try:
            values = ast.literal_eval(words)
        except (ValueError, SyntaxError):
            continue  # told in words
        if len(each) == 1 or not isinstance(values, tuple):
            values = [values] * len(each)
        found |= dict(zip(each, values, strict=True))
    return found


@pytest.mark.parametrize("name", CALLED)
def test_defaults_are_as_the_docstring_says(name):
    one = CALLED[name]
    has = {
        parameter: held.default
        for parameter, held in inspect.signature(one).parameters.items()
        if held.default is not inspect.Parameter.empty
    }
    says = stated(one)
    same = {parameter: has.get(parameter) for parameter in says}
    assert same == says
    assert {k: type(v) for k, v in same.items()} == {k: type(v) for k, v in says.items()}


def test_many_are_stated():
    assert sum(len(stated(one)) for one in CALLED.values()) > 400
