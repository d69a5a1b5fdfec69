"""The command line: signalprep report | check."""

from __future__ import annotations

import csv
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
import typer

from signalprep.errors import InvalidLogError, InvalidParameterError, SignalprepError

if TYPE_CHECKING:
    from signalprep.quality import LogCheck
    from signalprep.validation import Validation

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From the raw logs of an electric drive to a model error for every operating regime.",
    epilog="Errors take one line; with SIGNALPREP_TRACEBACK=1 they show where they come from.",
)

MODELS = ("ridge", "hgb", "mlp")
ERRORS = ("bias", "mae", "rmse", "p95", "max", "r2")
"""Metrics of a regressor that --limit takes."""
SCORES = ("accuracy", "balanced_accuracy", "f1", "log_loss")
"""And of a classifier."""

LogPath = Annotated[Path, typer.Argument(help="A log file, or a folder with one cycle a file.")]
CycleOption = Annotated[str | None, typer.Option("--cycle", help="Column of cycle ids.")]
TimeOption = Annotated[str | None, typer.Option("--time", help="Column of time stamps.")]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate", help="Sampling rate in Hz: needed without a time column, checked against one."
    ),
]
TargetOption = Annotated[str, typer.Option("--target", "-t", help="Signal to predict.")]
InputsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--inputs",
        "-i",
        help="Signals the model may see, separated by commas (quote a name that holds one); may be "
        "given more than once. Default: every other signal of numbers without a missing value.",
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option("--exclude", "-x", help="Signals to leave out of the default inputs."),
]
RegimesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--regimes",
        "-r",
        help="Operating map, such as 'speed=5,torque=0:50:150,coolant=q3': equal bins, edges, "
        "quantiles (qN), k-means (kN) or a tree on the target (tN).",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        help="ridge, hgb (boosted trees) or mlp (a small network); for labels the classifier of "
        "that kind, which for ridge is logistic regression with a ridge penalty.",
    ),
]
ClassifyOption = Annotated[
    bool,
    typer.Option(
        "--classify",
        help="Take the numbers of the target as labels of classes. Text is taken so anyway.",
    ),
]
PipelineOption = Annotated[
    str | None,
    typer.Option("--pipeline", help="file.py:build, a function that returns a pipeline."),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        "-l",
        help="Largest error allowed in every cell and over all rows, such as 'rmse=5,p95=10' in "
        "the unit of the error (of r2 the least): bias, mae, rmse, p95, max, r2. For labels the "
        "least score, such as 'accuracy=0.9' (of log_loss the most): accuracy, balanced_accuracy, "
        "f1, log_loss. The exit code is 1 when a cell or all rows fail.",
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="With --limit: exit code 1 also when a cell has too few cycles to tell, or all rows "
        "do not pass.",
    ),
]
PriceOption = Annotated[
    bool,
    typer.Option(
        "--price",
        help="Show what less honest tests would have said: random rows, steps fitted on "
        "everything, filters that look ahead. Takes about five times as long as the report, and "
        "as many fits as folds for each label of the first regime signal. Not for labels.",
    ),
]
AuditOption = Annotated[
    bool,
    typer.Option(
        "--audit",
        help="Look for leaks in log, split and pipeline (one more fit, and some 50 passes of three "
        "cycles through each step). The exit code is 1 when a leak is found. Labels are numbered "
        "for it, in sorted order.",
    ),
]
CurveOption = Annotated[
    bool,
    typer.Option(
        "--learning-curve",
        help="Show whether a simpler or more flexible model or more cycles would help. Takes 17 "
        "fits a fold. Not for labels.",
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        help="Processes that share out the folds, each with its own copy of the training rows; "
        "-1 is one a core.",
    ),
]


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from signalprep import __version__

        typer.echo(f"signalprep {__version__}")
        raise typer.Exit


@app.callback()
def common(
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def main() -> None:
    """Run the command line: errors take one line and end with exit code 2."""
    usage_error: Any = typer.BadParameter.__bases__[0]  # typer exports no other name for it
    try:
        code = app(prog_name="signalprep", standalone_mode=False)
    except usage_error as error:
        _fail(error.format_message())  # empty after the help that a bare call shows
    except (SignalprepError, OSError) as error:
        _fail_or_raise(error, str(error))
    except (ValueError, TypeError, ImportError, MemoryError, RuntimeError) as error:
        _fail_or_raise(error, str(error) or type(error).__name__)
    except (ArithmeticError, AttributeError, LookupError) as error:  # of a user's own pipeline
        _fail_or_raise(error, f"{type(error).__name__}: {error}")
    else:
        sys.exit(code or 0)


@app.command()
def report(
    path: LogPath,
    target: TargetOption,
    inputs: InputsOption = None,
    exclude: ExcludeOption = None,
    regimes: RegimesOption = None,
    classify: ClassifyOption = False,
    model: ModelOption = "ridge",
    pipeline: PipelineOption = None,
    spans: Annotated[
        str, typer.Option("--spans", help="Spans of the exponential features.")
    ] = "10s,1min,5min,20min",
    cycle: CycleOption = None,
    time: TimeOption = None,
    rate: RateOption = None,
    folds: Annotated[int, typer.Option("--folds", help="Folds of whole cycles.")] = 5,
    jobs: JobsOption = 1,
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write.")] = Path(
        "report.html"
    ),
    json: Annotated[Path | None, typer.Option("--json", help="Tables as JSON, too.")] = None,
    limit: LimitOption = None,
    strict: StrictOption = False,
    price: PriceOption = False,
    audit: AuditOption = False,
    learning_curve: CurveOption = False,
) -> None:
    """Validate a model on unseen cycles and write the report of its errors.

    A target of numbers is predicted by a regressor; text, or numbers with --classify, are labels.

    Exit codes: 0; 1 when the model does not keep a --limit or --audit finds a leak; 2 for errors.
    """
    import signalprep as sp

    bins = parse_regimes(regimes or [])
    limits = parse_limits(limit or [])
    if strict and not limits:
        raise InvalidParameterError("--strict needs a --limit")
    wanted, unwanted = _split_all(inputs), _split_all(exclude)
    _check_options(jobs, model, {"--output": output, "--json": json})
    estimator = _load(pipeline) if pipeline else None
    studies = {"--price": price, "--audit": audit, "--learning-curve": learning_curve}
    asked = [option for option, given in studies.items() if given]
    if task := _task(estimator, classify):
        _check_task(task, limits, asked)
    log = _read(path, cycle, time, rate)
    _check_names(log, [target, *bins, *wanted, *unwanted])
    task = task or _task_of(log[target])
    _check_task(task, limits, asked)
    chosen = _chosen_inputs(log, target, wanted, unwanted)
    log = _signals(log, [*chosen, target, *bins])
    X, y = log[chosen], _labels(log[target]) if task == "classify" else log[target]
    if estimator is None:
        estimator = build_model(model, _split(spans), task)
    options: dict[str, Any] = {"cv": folds, "n_jobs": jobs, **_map(log, bins)}
    result = sp.validate(estimator, X, y, **options)
    known = _studies(estimator, X, y, task, asked, options)
    if limits:
        known = {"limits": result.verdict(limits, strict=strict), **known}
    _write(result, known, output, json)
    if any(not known[name].ok for name in ("limits", "audit") if name in known):
        raise typer.Exit(1)


@app.command()
def check(
    path: LogPath,
    cycle: CycleOption = None,
    time: TimeOption = None,
    rate: RateOption = None,
) -> None:
    """Print the data quality of a log; exit code 1 when it cannot be used."""
    from signalprep.quality import check_log

    try:
        log = _read(path, cycle, time, rate, check=False)
    except InvalidLogError as error:  # not even rows that belong to cycles
        typer.echo(f"cannot be used: {error}")
        raise typer.Exit(1) from error
    found = check_log(log, rate=rate)
    _print_files(log)
    _print_quality(found)
    if not found.usable:
        raise typer.Exit(1)


def _print_files(log: pd.DataFrame) -> None:
    """How the files are written and what was odd about some, one line for all that are alike."""
    from signalprep.io import reading_report

    files = reading_report(log)
    for words, names in _alike(files, _format_words):
        typer.echo(f"{len(names)} file{'s' * (len(names) > 1)}: {words}")
    for words, names in _alike(files, _odd_words):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        typer.echo(f"  {names[0]}{more}: {words}")
    typer.echo()


def _alike(files: pd.DataFrame, words: Callable[[pd.Series], str]) -> list[tuple[str, list[str]]]:
    """Files by the words said about them."""
    groups: dict[str, list[str]] = {}
    for name, file in files.iterrows():
        groups.setdefault(words(file), []).append(str(name))
    return [(text, names) for text, names in groups.items() if text]


def _format_words(file: pd.Series) -> str:
    words = [file[name] for name in ("format", "encoding", "compression") if file[name]]
    words += [f"{name} {file[name]!r}" for name in ("separator", "decimal") if file[name]]
    words.append(f"time in {file['time']!r}" if file["time"] else "no time column")
    return ", ".join([*words, *([] if file["header"] else ["no header line"])])


def _odd_words(file: pd.Series) -> str:
    words = {
        "renamed": file["renamed"],
        "cells without a number, taken as missing": file["coerced"],
    }
    said = [f"{name}: {text}" for name, text in words.items() if text]
    return "; ".join([*said, *([file["notes"]] if file["notes"] else [])])


def _print_quality(found: LogCheck) -> None:
    """Two tables, cycles and channels, then the findings."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for title, frame in (("Cycles", found.cycles), ("Channels", found.channels)):
        table = Table(title=title, title_justify="left", show_edge=False)
        table.add_column(str(frame.index.name))
        for name in frame.columns:
            table.add_column(name.replace("_", " "), justify="right")
        for label, row in zip(frame.index, frame.itertuples(index=False), strict=True):
            cells = (_cell(value, name) for value, name in zip(row, frame.columns, strict=True))
            table.add_row(Text(str(label)), *map(Text, cells))
        console.print(table)
        console.print()
    console.print(Text(found.to_text()))


def _cell(value: Any, column: str) -> str:
    """A number or word; what is missing, absent or counts nothing stays blank."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else ""
    if value is None or value == "" or pd.isna(value):
        return ""
    nothing = 1e-6 if column == "jitter" else 0  # time stamps are rounded
    if column not in ("min", "max") and not isinstance(value, str) and abs(value) <= nothing:
        return ""
    return f"{float(value):.4g}" if isinstance(value, (float, np.floating)) else str(value)


def _map(log: pd.DataFrame, bins: dict[Any, Any]) -> dict[str, Any]:
    """The operating map as the studies take it."""
    from signalprep.regimes import RegimeBinner

    return {"regimes": RegimeBinner(bins), "context": log[list(bins)]} if bins else {}


def _studies(
    estimator: Any, X: pd.DataFrame, y: pd.Series, task: str, asked: list[str], options: Any
) -> dict[str, Any]:
    """What the options ask for, under the names that page and tables take it by."""
    import signalprep as sp

    found: dict[str, Any] = {}
    if "--price" in asked:
        # The test in time takes a cycle more than it has folds.
        n_splits = max(2, min(options["cv"], len(sp.cycles(X)) - 1))
        found["prices"] = sp.price_of_leaks(estimator, X, y, n_splits=n_splits, **options)
    if "--audit" in asked:
        numbers = _numbered(y) if task == "classify" else y
        found["audit"] = sp.audit(estimator, X, numbers, **options)
    if "--learning-curve" in asked:
        mapless = {name: options[name] for name in ("cv", "n_jobs")}
        found["learning_curve"] = sp.cycle_learning_curve(estimator, X, y, **mapless)
    return found


def _write(result: Validation, known: dict[str, Any], page: Path, tables: Path | None) -> None:
    """Page and tables, and the same in short on the terminal."""
    result.to_html(page, **known)
    if tables is not None:
        result.to_json(tables, **known)
    for each in (result, *known.values()):
        typer.echo(repr(each))
    typer.echo(f"report: {page}")


def _task(estimator: Any, classify: bool) -> str:
    """What is asked for: "classify" or "regress"; "" where that is for the target to say."""
    from sklearn.base import is_classifier

    if estimator is None:
        return "classify" if classify else ""
    if is_classifier(estimator):
        return "classify"
    if classify:
        raise InvalidParameterError(
            "--classify needs a classifier; the pipeline of --pipeline does not end in one"
        )
    return "regress"


def _task_of(target: pd.Series) -> str:
    return "regress" if pd.api.types.is_numeric_dtype(target.dtype) else "classify"


def _check_task(task: str, limits: dict[str, float], studies: list[str]) -> None:
    """Refuse limits and studies that belong to the other kind of model."""
    from signalprep.validation import check_limits

    metrics, others = (SCORES, ERRORS) if task == "classify" else (ERRORS, SCORES)
    wrong = [name for name in limits if name in others]
    if wrong:
        why = (
            "the target holds labels"
            if task == "classify"
            else "the target holds numbers; --classify takes them as labels"
        )
        raise InvalidParameterError(
            f"--limit must name metrics of {', '.join(metrics)}; got {wrong[0]!r} ({why})"
        )
    if limits:
        check_limits(limits, metrics)
    refused = [option for option in studies if option != "--audit"]
    if task == "classify" and refused:
        raise InvalidParameterError(
            f"{', '.join(refused)}: for regressors only; a wrong class has no size"
        )


def _labels(target: pd.Series) -> pd.Series:
    """The target as labels: whole numbers, which tables give as real ones, are ints again."""
    if not pd.api.types.is_float_dtype(target.dtype):
        return target
    values = target.to_numpy(dtype=np.float64)
    whole = values == np.round(values)
    if not np.isfinite(values).all():  # validate names the row
        return target
    if not whole.all():
        raise InvalidParameterError(
            f"--classify: {target.name!r} must hold labels; it holds real numbers such as "
            f"{values[np.argmin(whole)]:g}"
        )
    return target.astype(np.int64)


def _numbered(labels: pd.Series) -> pd.Series:
    """Labels as numbers of classes, which is what an audit compares."""
    codes, _ = pd.factorize(labels, sort=True)
    return pd.Series(codes, labels.index, name=labels.name)


def parse_regimes(texts: list[str]) -> dict[Any, Any]:
    """Read "a=5,b=0:50:150,c=q3" into the bins of a RegimeBinner.

    Examples
    --------
    >>> parse_regimes(["speed=5,torque=0:50:150,coolant=q3"])
    {'speed': 5, 'torque': [0.0, 50.0, 150.0], 'coolant': 'q3'}
    """
    bins: dict[Any, Any] = {}
    for part in _split_all(texts):
        name, equals, value = part.rpartition("=")
        name, value = name.strip(), value.strip()
        if not (equals and name and value):
            raise InvalidParameterError(
                f"--regimes must look like 'speed=5,torque=0:50:150,coolant=q3'; got {part!r}"
            )
        if name in bins:
            raise InvalidParameterError(f"--regimes must name a signal once; {name!r} is twice")
        bins[name] = _bins(name, value)
    return bins


def parse_limits(texts: list[str]) -> dict[str, float]:
    """Read "rmse=5,p95=10" or "accuracy=0.9" into the limits of a verdict.

    Examples
    --------
    >>> parse_limits(["rmse=5, p95=10", "bias=1.5"])
    {'rmse': 5.0, 'p95': 10.0, 'bias': 1.5}
    """
    from signalprep.validation import check_limits

    limits: dict[str, float] = {}
    for part in _split_all(texts):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            number = float(value)
        except ValueError as error:
            raise InvalidParameterError(
                f"--limit must look like 'rmse=5,p95=10'; got {part!r}"
            ) from error
        if name in limits:
            raise InvalidParameterError(f"--limit must name a metric once; {name!r} is twice")
        limits[name] = number
    if limits:
        check_limits(limits, (*ERRORS, *SCORES))
    return limits


def build_model(model: str, spans: list[str], task: str = "regress") -> Any:
    """Build the pipeline of a model's name: exponential features, scaler, model.

    Parameters
    ----------
    model : {"ridge", "hgb", "mlp"}
        Of trees, which need no scaler, there is none.
    spans : list of str
        Of the exponential features.
    task : {"regress", "classify"}, default="regress"
        Classifiers are of the same kind, "ridge" is logistic regression with a ridge penalty, and
        all give probabilities.
    """
    import signalprep as sp

    _check_model(model)
    last = _classifier(model) if task == "classify" else _regressor(model)
    scaler = [] if model == "hgb" else [sp.Scaler()]
    return sp.make_pipeline(sp.ExponentialFeatures(spans=spans), *scaler, last)


def _regressor(model: str) -> Any:
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingRegressor

        # Early stopping would hold out random rows, which are no unseen cycle.
        return HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    if model == "mlp":
        from sklearn.neural_network import MLPRegressor

        return MLPRegressor(hidden_layer_sizes=(32,), max_iter=50, random_state=0)
    from sklearn.linear_model import Ridge

    return Ridge()


def _classifier(model: str) -> Any:
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    if model == "mlp":
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(hidden_layer_sizes=(32,), max_iter=50, random_state=0)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def _check_model(model: str) -> None:
    if model not in MODELS:
        raise InvalidParameterError(f"--model must be one of {', '.join(MODELS)}; got {model!r}")


def _bins(name: str, value: str) -> Any:
    try:
        if ":" in value:
            return [float(edge) for edge in value.split(":")]
        if value.lstrip("-").isdigit():
            return int(value)
    except ValueError as error:
        raise InvalidParameterError(
            f"--regimes: the edges of {name!r} must be numbers; got {value!r}"
        ) from error
    return value


def _load(pipeline: str) -> Any:
    file, colon, name = pipeline.rpartition(":")
    if not (colon and file and name):
        raise InvalidParameterError(f"--pipeline must be file.py:build; got {pipeline!r}")
    if not Path(file).is_file():
        raise InvalidParameterError(f"--pipeline: no such file {file!r}")
    try:
        build = runpy.run_path(file).get(name)
        if not callable(build):
            raise InvalidParameterError(f"--pipeline: {file} must define a function {name!r}")
        return build()
    except SignalprepError:
        raise
    except Exception as error:  # the user's own code may raise anything
        raise InvalidParameterError(
            f"--pipeline: {pipeline} failed: {type(error).__name__}: {error}"
        ) from error


def _read(
    path: Path, cycle: str | None, time: str | None, rate: float | None, check: bool = True
) -> pd.DataFrame:
    """Read the log; cells that are no numbers are missing for now, see `_signals`."""
    from signalprep.io import read_log

    return read_log(
        path,
        cycle=cycle,
        time=time,
        rate=rate,
        check=check,
        coerce=True,
        progress=sys.stderr.isatty(),
    )


def _signals(log: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The signals in use, without those whose cells had to be coerced to numbers."""
    for source in log.attrs["sources"]:
        for name, count in source.get("coerced", {}).items():
            if name in names:
                raise InvalidLogError(
                    f"{source['file']}: signal {name!r} must hold numbers; {count} of its cells "
                    "hold something else"
                )
    return log[list(dict.fromkeys(names))]


def _check_options(jobs: int, model: str, files: dict[str, Path | None]) -> None:
    """Refuse before the work begins what would fail after it."""
    _check_model(model)
    if jobs == 0:
        raise InvalidParameterError("--jobs must be a number of processes, or -1; got 0")
    for option, file in files.items():
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            reason = "is a folder" if file.is_dir() else f"there is no folder {str(file.parent)!r}"
            raise InvalidParameterError(f"{option} must name a file; got {str(file)!r}: {reason}")


def _check_names(log: pd.DataFrame, names: list[str]) -> None:
    import difflib

    for name in names:
        if name not in log.columns:
            close = difflib.get_close_matches(name, [str(c) for c in log.columns], n=3, cutoff=0.4)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise InvalidParameterError(f"no signal named {name!r} in the log{hint}")


def _chosen_inputs(
    log: pd.DataFrame, target: str, wanted: list[str], unwanted: list[str]
) -> list[str]:
    chosen = wanted or _usable_inputs(log, target, unwanted)
    if target in chosen:
        raise InvalidParameterError(f"--inputs must not hold the target {target!r}")
    return chosen


def _usable_inputs(log: pd.DataFrame, target: str, exclude: list[str]) -> list[str]:
    others = [name for name in log.columns if name != target and name not in exclude]
    text = [name for name in others if not pd.api.types.is_numeric_dtype(log[name].dtype)]
    missing = [name for name in others if name not in text and log[name].isna().any()]
    for reason, left_out in (("text", text), ("missing values", missing)):
        if left_out:
            typer.echo(
                f"left out for {reason}: {', '.join(left_out)} (name them in --inputs to insist)",
                err=True,
            )
    chosen = [name for name in others if name not in text and name not in missing]
    if not chosen:
        raise InvalidParameterError("no signal of numbers without missing values is left")
    return chosen


def _split(text: str) -> list[str]:
    """Parts between commas; quotes protect a comma."""
    parts = next(csv.reader([text], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def _split_all(texts: list[str] | None) -> list[str]:
    names = [part for text in texts or [] for part in _split(text)]
    if texts and not names:
        raise InvalidParameterError(f"names must stand between the commas; got {texts[0]!r}")
    return list(dict.fromkeys(names))


def _fail_or_raise(error: Exception, message: str) -> None:
    if os.environ.get("SIGNALPREP_TRACEBACK"):
        raise error
    _fail(message)


def _fail(message: str) -> None:
    if message:
        typer.echo(f"signalprep: {' '.join(message.split())}", err=True)
    sys.exit(2)
