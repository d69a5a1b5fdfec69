"""Section: one part of page and JSON, with all that is said about it in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict

__all__ = ["Found", "Section", "Study"]


@dataclass(frozen=True)
class Found:
    """What page and JSON are made of.

    Attributes
    ----------
    validation : Validation
        What was validated.
    verdict : Verdict or None
        Its cells held against limits.
    studies : mapping
        What else is known, by the name of its section.
    """

    validation: Validation
    verdict: Verdict | None = None
    studies: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """How the study of a section is asked for.

    Attributes
    ----------
    made_by : str
        Function of signalprep that makes it.
    option : str
        Option of the command line; empty: none, as it takes more than a model and a log.
    help : str
        What that option says of itself.
    refuses_leaks : bool
        Whether it cannot be made where leaks are allowed.
    """

    made_by: str
    option: str = ""
    help: str = ""
    refuses_leaks: bool = False


@dataclass(frozen=True)
class Section:
    """When it applies, what the page says, and what the JSON holds.

    ``templates/sections/<name>.html`` draws the facts, ``schema/<name>.json`` describes the
    entries of the JSON.

    Attributes
    ----------
    name : str
        Of its module here, of its template, and of its place on the page.
    place : {"opening", "head", "body", "details"}
        Where it stands on the page.
    facts : callable
        What the page says: text, numbers, lists and dicts only. ``cards`` go to the head of
        the page.
    content : callable or None
        Entries of the JSON; None: it has none.
    applies : callable
        Whether there is anything to say. A section that does not apply is not on the page, and its
        entries in the JSON are null.
    link : str
        Words of the link to it at the head of the page; empty: none.
    anchor : str
        Where the link leads; empty: `name`.
    study : Study or None
        Of a section that is there on request alone.
    shared : bool
        Whether it says the same for all targets of one set of fits.
    """

    name: str
    place: Literal["opening", "head", "body", "details"]
    facts: Callable[[Found], dict[str, Any]]
    content: Callable[[Found], dict[str, Any]] | None = None
    applies: Callable[[Found], bool] = lambda found: True
    link: str = ""
    anchor: str = ""
    study: Study | None = None
    shared: bool = False

    def is_shown(self, found: Found) -> bool:
        """Whether there is anything to say, and it was asked for."""
        asked = self.study is None or found.studies.get(self.name) is not None
        return asked and self.applies(found)


def has_a_course(found: Found) -> bool:
    """Whether some cycle was predicted in more than one row, so that there is time to draw."""
    return bool((found.validation.by_cycle["n"] > 1).any())
