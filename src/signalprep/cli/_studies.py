"""What a report shows beside the errors, on request: an option for each study that a page takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import pandas as pd
import typer

import signalprep as sp
from signalprep.report import studies_of

STUDIES = {name: study for name, study in studies_of().items() if study.option}


def with_study_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each study in the place of its parameter `studies`."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())
    place = [parameter.name for parameter in own].index("studies")
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=False,
            annotation=Annotated[bool, typer.Option(study.option, help=study.help)],
        )
        for name, study in STUDIES.items()
    ]
    parameters = [*own[:place], *options, *own[place + 1 :]]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        asked = [name for name in STUDIES if given.pop(name)]
        command(**given, studies=asked)

    signature = inspect.Signature(parameters)
    with_options.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    return with_options


def options_of(studies: list[str]) -> list[str]:
    """The options that ask for studies."""
    return [STUDIES[name].option for name in studies]


def run_studies(
    estimator: Any, X: pd.DataFrame, y: pd.Series, asked: list[str], options: dict[str, Any]
) -> dict[str, Any]:
    """What the options ask for, under the names that page and tables take it by."""
    # A test in time takes a cycle more than it has folds.
    offered = {"n_splits": max(2, min(options["cv"], len(sp.cycles(X)) - 1)), **options}
    found: dict[str, Any] = {}
    for name in asked:
        make = getattr(sp, STUDIES[name].made_by)
        taken = inspect.signature(make).parameters
        whole = sp.CycleKFold(options["cv"], together=options["groups"])
        given = offered if "groups" in taken else {**offered, "cv": whole}
        found[name] = make(estimator, X, y, **{k: v for k, v in given.items() if k in taken})
    return found
