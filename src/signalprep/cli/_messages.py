"""Messages of the library in the words of the command line."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache

from signalprep.cli._reading import Reading, option_of
from signalprep.cli._reading_words import SEPARATORS

OTHERS = {
    "activation_bits": "--activation-bits",
    "allow_leak": "--allow-leak",
    "cv": "--folds",
    "decide": "--decide",
    "groups": "--groups",
    "n_splits": "--folds",
    "n_jobs": "--jobs",
    "regimes": "--regimes",
    "state_bits": "--state-bits",
    "vote": "--vote",
    "weight": "--weight",
    "weight_bits": "--weight-bits",
}
"""Options of parameters that are none of `read_log`."""

OF_DATA = {"columns", "cycle", "names", "time", "units"}
"""Parameters whose bare names are also words for what is in a log: "time must increase"."""

_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_VALUE = (
    rf"{_QUOTED}|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)|True\b|False\b|None\b"
    rf"|\[(?:{_QUOTED}|[^\[\]'\"])*\]|\{{(?:{_QUOTED}|[^{{}}'\"])*\}}"
)
_CALL = re.compile(
    r"(?:\b(?:signalprep|sp)\.)?\b(?:read_log|as_log|validate)\(\.\.\.,\s*([^()]*)\)"
)


def with_options(message: str) -> str:
    """Name the options of the command line where a message names parameters.

    Examples
    --------
    >>> with_options("truncated='drop' leaves it out; or give sep= and decimal=")
    '--truncated drop leaves it out; or give --sep and --decimal'
    """
    message = _CALL.sub(lambda call: _arguments(call[1]), message)
    return _pattern().sub(_replaced, message)


@cache
def _options() -> dict[str, str]:
    return {**OTHERS, **{field.name: option_of(field.name) for field in fields(Reading)}}


@cache
def _pattern() -> re.Pattern[str]:
    """Parameters with and without a value; text in quotes is of the user and stays."""
    names = "|".join(sorted(_options(), key=len, reverse=True))
    subjects = "|".join(name for name in _options() if name not in OF_DATA)
    long = "|".join(name for name in _options() if "_" in name)
    return re.compile(
        rf"(?<![\w.'\"-])(?P<name>{names})=(?P<value>{_VALUE})?(?!=)"
        rf"|(?<!\w)(?P<quoted>{_QUOTED})(?!\w)"
        rf"|(?:^|(?<=: ))(?P<subject>{subjects})(?= must )"
        rf"|(?<![\w.-])(?P<word>{long})(?!\w|\.\w)"
    )


def _replaced(match: re.Match[str]) -> str:
    if match["quoted"]:
        return match["quoted"]
    if match["name"] is None:
        return _bare(match["subject"] or match["word"])
    if match["value"] is None:
        return _bare(match["name"])
    return _with_value(match["name"], match["value"])


def _arguments(arguments: str) -> str:
    """Arguments of a call side by side; of those without a value there is nothing to type."""
    given = _pattern().findall(arguments)
    values = [each[0] for each in _pattern().finditer(arguments) if each["value"]]
    return " ".join(values) if given and values else arguments


def _bare(name: str) -> str:
    return _options()[name].partition("/")[0]


def _with_value(name: str, text: str) -> str:
    option, _, opposite = _options()[name].partition("/")
    if text == "True":
        return option
    if text == "False" and opposite:
        return opposite
    if text in ("False", "None"):
        return f"{option} none"
    return f"{option} {shlex.quote(_typed(name, _literal(text), text))}"


def _literal(text: str) -> object:
    """The value that a text writes; the text itself where it only looks like one."""
    try:
        value: object = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return value


def _typed(name: str, value: object, text: str) -> str:
    """A value as one types it."""
    if name == "sep":
        words = {character: word for word, character in reversed(SEPARATORS.items())}
        return words.get(str(value), str(value))
    if name == "long_form" and isinstance(value, Mapping):
        return ",".join(map(_between_commas, value.values()))
    if isinstance(value, Mapping):
        return ",".join(f"{_between_commas(key)}={value[key]}" for key in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(_between_commas, value))
    return value if isinstance(value, str) else text


def _between_commas(name: object) -> str:
    return f'"{name}"' if "," in str(name) else str(name)
