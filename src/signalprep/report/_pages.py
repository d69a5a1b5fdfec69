"""Which sections make page and JSON of each task, by name and in the order of the page."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from signalprep.errors import InvalidParameterError
from signalprep.metrics import TaskName
from signalprep.report.sections import Found, Section, Study

if TYPE_CHECKING:
    from signalprep.results import Validation, Validations, Verdict, Verdicts

__all__ = ["PAGES", "TARGETS", "found_of", "found_of_targets", "sections_of", "studies_of"]

TARGETS = "validations"
"""The kind of file of several targets, each with the sections of one."""


class Page(NamedTuple):
    """The kind of file that the JSON is, and the names of the sections."""

    kind: str
    sections: tuple[str, ...]


PAGES = {
    TaskName.REGRESSION: Page(
        "validation",
        (
            "opening",
            "verdict",
            "summary",
            "map",
            "prices",
            "loss",
            "cycle",
            "next",
            "cells",
            "cycles",
            "bands",
            "steps",
            "audit",
            "diagnosis",
            "learning_curve",
            "cleaning",
            "quality",
            "method",
        ),
    ),
    TaskName.CLASSIFICATION: Page(
        "classification",
        (
            "opening",
            "verdict",
            "class_summary",
            "class_map",
            "classes",
            "loss",
            "class_cycle",
            "next",
            "class_cycles",
            "steps",
            "audit",
            "cleaning",
            "quality",
            "method",
        ),
    ),
}


def sections_of(task: TaskName) -> list[Section]:
    """The sections of a task."""
    modules = (f"signalprep.report.sections._{name}" for name in PAGES[task].sections)
    return [importlib.import_module(module).SECTION for module in modules]


def studies_of(task: TaskName | None = None) -> dict[str, Study]:
    """The studies that the page of a task (None: any) shows on request, by the name they go by."""
    sections = [each for one in PAGES if task in (one, None) for each in sections_of(one)]
    return {each.name: each.study for each in sections if each.study is not None}


def found_of(validation: Validation, verdict: Verdict | None, studies: Mapping[str, Any]) -> Found:
    """What page and JSON are made of.

    Raises
    ------
    InvalidParameterError
        A study that the page of this task does not show, or one of another target.
    """
    known = ["limits", *studies_of(validation.task)]
    given = {name: study for name, study in studies.items() if study is not None}
    strange = [name for name in given if name not in known]
    if strange:
        takes = " and ".join([", ".join(known[:-1]), known[-1]])
        raise InvalidParameterError(
            f"the page of a {validation.task} takes {takes} only; got {', '.join(strange)}"
        )
    for name, study in {"limits": verdict, **given}.items():
        if study is not None and not hasattr(study, "target"):
            raise InvalidParameterError(
                f"{name} must be what its function returns; got {study!r:.80}: leave it out, or "
                f"see Validation.to_html"
            )
        if study is not None and str(study.target) != str(validation.target):
            raise InvalidParameterError(
                f"{name} must be about the target {validation.target!r} of the validation; got "
                f"{study.target!r}"
            )
    return Found(validation, verdict, given)


def found_of_targets(
    validations: Validations, verdicts: Verdicts | None, studies: Mapping[str, Any]
) -> list[Found]:
    """What the sections of each target are made of.

    Raises
    ------
    InvalidParameterError
        Something given for what is no target, or as `found_of`.
    """
    given = {name: study for name, study in studies.items() if study is not None}
    for name, of_targets in {"limits": verdicts or {}, **given}.items():
        if not isinstance(of_targets, Mapping):
            raise InvalidParameterError(
                f"{name} must map targets to what there is of each, such as "
                f"{{{next(iter(validations))!r}: ...}}; got {type(of_targets).__name__}"
            )
        validations.check_targets(name, of_targets)
    return [
        found_of(
            validation,
            None if verdicts is None else verdicts.get(target),
            {name: of_targets.get(target) for name, of_targets in given.items()},
        )
        for target, validation in validations.items()
    ]
