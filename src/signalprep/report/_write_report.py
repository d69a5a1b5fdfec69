"""write_report: a validation as one self-contained HTML page."""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.report._pages import found_of, sections_of
from signalprep.report.sections import Found, Section

if TYPE_CHECKING:
    from jinja2 import Environment

    from signalprep.results import Validation, Verdict


def write_report(
    validation: Validation,
    path: str | os.PathLike[str],
    verdict: Verdict | None = None,
    **studies: Any,
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
    verdict : Verdict, default=None
        Its cells held against limits.
    **studies
        What else to show, by the name of its section; None for what there is not.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study does not belong
        to this page or is about another target.
    """
    write_atomic(path, render(_collect(found_of(validation, verdict, studies))))


def _collect(found: Found) -> dict[str, Any]:
    """Everything the page says, as one plain dict."""
    parts = parts_of(found, sections_of(found.validation.task))
    return {
        "level": 2,
        "prefix": "",
        "head": next(part["facts"] for part in parts if part["place"] == "head"),
        "parts": parts,
        "cards": cards_of(parts),
    }


def parts_of(found: Found, sections: list[Section]) -> list[dict[str, Any]]:
    """The sections that have something to say: where they stand, and their facts."""
    return [
        {
            "place": section.place,
            "link": section.link,
            "anchor": section.anchor or section.name,
            "template": f"sections/{section.name}.html",
            "facts": section.facts(found),
        }
        for section in sections
        if section.is_shown(found)
    ]


def cards_of(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tiles of all sections; one of leaks outranks the others."""
    cards = [card for part in parts for card in part["facts"].get("cards", [])]
    return sorted(cards, key=lambda card: not card.get("leak", False))


def render(facts: dict[str, Any], template: str = "page.html") -> str:
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
