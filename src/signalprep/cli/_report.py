"""The command that goes from files to the page: signalprep report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import signalprep as sp
from signalprep.cli._cleaning import (
    cleaned_map,
    cleaning_steps,
    doubtful_rows,
    parse_ways,
)
from signalprep.cli._comma_lists import split, split_all
from signalprep.cli._groups import groups_of_option
from signalprep.cli._labels import as_labels
from signalprep.cli._limits import parse_limits
from signalprep.cli._models import build_model, check_model
from signalprep.cli._operating_map import operating_map, parse_regimes
from signalprep.cli._options import (
    ClassifyOption,
    CleanOption,
    DecideOption,
    ExcludeOption,
    FoldsOption,
    GroupsOption,
    InputsOption,
    JobsOption,
    JsonOption,
    LeakOption,
    LimitOption,
    LimitsOption,
    LogPath,
    ModelOption,
    OutputOption,
    PipelineOption,
    RegimesOption,
    SpansOption,
    StrictOption,
    TargetOption,
    VoteOption,
    WeightOption,
)
from signalprep.cli._pipeline_file import load_pipeline
from signalprep.cli._ranges import parse_ranges
from signalprep.cli._reading import Reading, read, with_reading_options
from signalprep.cli._say import say
from signalprep.cli._signals import check_names, choose_signals
from signalprep.cli._studies import STUDIES, options_of, run_studies, with_study_options
from signalprep.cli._task import check_task, task_of_options
from signalprep.errors import InvalidParameterError
from signalprep.metrics import TaskName, check_weight, task_of

if TYPE_CHECKING:
    from signalprep.results import Validation

FAILED, CANNOT_TELL = 1, 3
"""Exit codes; 2 is for errors."""


@with_reading_options
@with_study_options
def report(
    path: LogPath,
    target: TargetOption,
    inputs: InputsOption = None,
    exclude: ExcludeOption = None,
    groups: GroupsOption = None,
    regimes: RegimesOption = None,
    classify: ClassifyOption = False,
    model: ModelOption = "ridge",
    pipeline: PipelineOption = None,
    clean: CleanOption = None,
    ranges: LimitsOption = None,
    spans: SpansOption = "10s,1min,5min,20min",
    folds: FoldsOption = 5,
    decide: DecideOption = "row",
    vote: VoteOption = "mean",
    weight: WeightOption = "row",
    jobs: JobsOption = 1,
    output: OutputOption = Path("report.html"),
    json: JsonOption = None,
    limit: LimitOption = None,
    strict: StrictOption = False,
    studies: list[str] = [],  # noqa: B006
    allow_leak: LeakOption = False,
    *,
    reading: Reading,
) -> None:
    """Validate a model on unseen cycles and write the report of its errors.

    A target of numbers is predicted by a regressor; text, or numbers with --classify, are labels.

    Exit codes: 0; 1 when the model fails a --limit or --audit finds a leak; 3 when a --limit cannot
    be told (with --strict: 1); 2 for errors.
    """
    bins = parse_regimes(regimes or [])
    limits = parse_limits(limit or [])
    if strict and not limits:
        raise InvalidParameterError("--strict needs a --limit")
    if allow_leak and any(STUDIES[name].refuses_leaks for name in studies):
        refusing = options_of([name for name, study in STUDIES.items() if study.refuses_leaks])
        raise InvalidParameterError(
            f"--allow-leak goes without {' and '.join(refusing)}, which refuse a leak"
        )
    ways, stated = parse_ways(clean, pipeline is not None), parse_ranges(ranges or [])
    wanted, unwanted = split_all(inputs), split_all(exclude)
    _check_options(jobs, model, {"--output": output, "--json": json})
    check_weight(weight)
    estimator = load_pipeline(pipeline) if pipeline else None
    if task := task_of_options(estimator, classify):
        check_task(task, limits, studies)
    log = read(path, reading)
    check_names(log, [target, *bins, *wanted, *unwanted, *stated.by_hand])
    can_be = stated.of(log)
    task = task or task_of(None, log[target]) or TaskName.REGRESSION
    check_task(task, limits, studies)
    grouped = groups_of_option(log, groups, reading, [target, *wanted])
    unwanted += [groups] if groups else []
    X, y, context = choose_signals(log, target, list(bins), wanted, unwanted, reading)
    y = as_labels(y) if task is TaskName.CLASSIFICATION else y
    if estimator is None:
        first = cleaning_steps(ways, can_be, list(X))
        estimator = build_model(model, split(spans), task, first, grouped)
    options: dict[str, Any] = {"cv": folds, "n_jobs": jobs, "weight": weight, "groups": grouped}
    options |= operating_map(cleaned_map(context, ways, can_be), bins)
    if task is TaskName.REGRESSION and decide == "row":
        options["omit"] = doubtful_rows(y, ways, can_be)
    result = sp.validate(
        estimator, X, y, decide=decide, vote=vote, allow_leak=allow_leak, **options
    )
    known = run_studies(estimator, X, y, studies, options)
    verdict = result.verdict(limits, strict=strict) if limits else None
    _write(result, {"limits": verdict, **known} if verdict else known, output, json)
    if not all(getattr(each, "ok", True) for each in known.values()):
        raise typer.Exit(FAILED)
    if verdict is not None and not verdict.ok:
        cannot_tell = verdict.answer == "cannot tell" and not strict
        raise typer.Exit(CANNOT_TELL if cannot_tell else FAILED)


def _check_options(jobs: int, model: str, files: dict[str, Path | None]) -> None:
    """Refuse before the work begins what would fail after it."""
    check_model(model)
    if jobs == 0:
        raise InvalidParameterError("--jobs must be a number of processes, or -1; got 0")
    named = [file.resolve() for file in files.values() if file is not None]
    if len(set(named)) < len(named):
        raise InvalidParameterError(f"{' and '.join(files)} must name two files; got one twice")
    for option, file in files.items():
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            reason = "is a folder" if file.is_dir() else f"there is no folder {str(file.parent)!r}"
            raise InvalidParameterError(f"{option} must name a file; got {str(file)!r}: {reason}")


def _write(result: Validation, known: dict[str, Any], page: Path, tables: Path | None) -> None:
    """Page and tables, and the same in short on the terminal."""
    result.to_html(page, **known)
    if tables is not None:
        result.to_json(tables, **known)
    for each in (result, *known.values()):
        say(repr(each), lines=True)
    say(f"report: {page}")
