"""write_report: a validation as one self-contained HTML page."""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.report._facts import collect
from signalprep.report._studies import Studies

if TYPE_CHECKING:
    from jinja2 import Environment

    from signalprep.results import Validation


def write_report(
    validation: Validation, path: str | os.PathLike[str], studies: Studies | None = None
) -> None:
    """Write a validation as one HTML page.

    The page needs no network and no script, and its content security policy allows neither.
    Every name is escaped. It is at most some 500 kB: where a map has more than a few hundred
    cells, details that do not fit are left out, and the page says so.

    Parameters
    ----------
    validation : Validation
        What to show.
    path : path-like
        File to write; replaced in one step, never left half written.
    studies : Studies, default=None
        What else to show.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study is about another
        target.
    """
    studies = Studies() if studies is None else studies
    studies.check(validation)
    write_atomic(path, render(collect(validation, studies)))


def render(facts: dict[str, Any], template: str = "report.html") -> str:
    """A page from its facts."""
    return _environment().get_template(template).render(facts)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("signalprep.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )


def _printable(value: Any) -> Any:
    """Text without characters that HTML forbids or that turn the reading direction."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn") else c
        for c in value
    )
