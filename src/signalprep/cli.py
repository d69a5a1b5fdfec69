"""The command line: signalprep report | check."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
import typer

from signalprep.errors import InvalidLogError, InvalidParameterError, SignalprepError

if TYPE_CHECKING:
    from signalprep.quality import LogCheck

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="From the raw logs of an electric drive to a model error for every operating regime.",
)

MODELS = ("ridge", "hgb", "mlp")

LogPath = Annotated[Path, typer.Argument(help="A log file, or a folder with one cycle a file.")]
CycleOption = Annotated[str | None, typer.Option("--cycle", help="Column of cycle ids.")]
TimeOption = Annotated[str | None, typer.Option("--time", help="Column of time stamps.")]
RateOption = Annotated[
    float | None, typer.Option("--rate", help="Sampling rate in Hz, when there is no time column.")
]


def main() -> None:
    """Run the command line: errors take one line and end with exit code 2."""
    usage_error: Any = typer.BadParameter.__bases__[0]  # typer exports no other name for it
    try:
        code = app(standalone_mode=False)
    except usage_error as error:
        _fail(error.format_message())
    except (SignalprepError, ValueError, TypeError, OSError, MemoryError) as error:
        if os.environ.get("SIGNALPREP_TRACEBACK"):
            raise
        _fail(" ".join(str(error).split()) or type(error).__name__)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted")
    else:
        sys.exit(code or 0)


@app.command()
def report(
    path: LogPath,
    target: Annotated[str, typer.Option("--target", "-t", help="Signal to predict.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--inputs",
            "-i",
            help="Signals the model may see, separated by commas; may be given more than once. "
            "Default: every other signal that has no missing value.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", "-x", help="Signals to leave out of the default inputs."),
    ] = None,
    regimes: Annotated[
        list[str] | None,
        typer.Option(
            "--regimes",
            "-r",
            help="Operating map, such as 'speed=5,torque=0:50:150,coolant=q3': equal bins, edges, "
            "quantiles (qN), k-means (kN) or a tree on the target (tN).",
        ),
    ] = None,
    model: Annotated[str, typer.Option("--model", help="ridge, hgb or mlp.")] = "ridge",
    pipeline: Annotated[
        str | None,
        typer.Option("--pipeline", help="file.py:build, a function that returns a pipeline."),
    ] = None,
    spans: Annotated[
        str, typer.Option("--spans", help="Spans of the exponential features.")
    ] = "10s,1min,5min,20min",
    cycle: CycleOption = None,
    time: TimeOption = None,
    rate: RateOption = None,
    folds: Annotated[int, typer.Option("--folds", help="Folds of whole cycles.")] = 5,
    jobs: Annotated[int, typer.Option("--jobs", help="Processes; -1 is one a core.")] = -1,
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write.")] = Path(
        "report.html"
    ),
    json: Annotated[Path | None, typer.Option("--json", help="Tables as JSON, too.")] = None,
) -> None:
    """Validate a model on unseen cycles and write the error report."""
    from signalprep.regimes import RegimeBinner
    from signalprep.validation import validate

    bins = parse_regimes(regimes or [])
    estimator = _load(pipeline) if pipeline else build_model(model, _split(spans))
    log = _read(path, cycle, time, rate)
    _check_names(log, [target, *bins, *_split_all(inputs), *_split_all(exclude)])
    chosen = _split_all(inputs) or _usable_inputs(log, target, _split_all(exclude))
    if target in chosen:
        raise InvalidParameterError(f"--inputs must not hold the target {target!r}")
    result = validate(
        estimator,
        log[chosen],
        log[target],
        cv=folds,
        regimes=RegimeBinner(bins) if bins else None,
        context=log[list(bins)] if bins else None,
        n_jobs=jobs,
    )
    result.to_html(output)
    if json is not None:
        result.to_json(json)
    typer.echo(repr(result))
    typer.echo(f"report: {output}")


@app.command()
def check(
    path: LogPath,
    cycle: CycleOption = None,
    time: TimeOption = None,
    rate: RateOption = None,
) -> None:
    """Print the data quality of a log; exit code 1 when it cannot be used."""
    from signalprep.io import read_log
    from signalprep.quality import check_log

    try:
        frame = read_log(
            path,
            cycle=cycle,
            time=time,
            rate=rate,
            check=False,
            coerce=True,
            progress=sys.stderr.isatty(),
        )
    except InvalidLogError as error:  # not even rows that belong to cycles
        typer.echo(f"cannot be used: {error}")
        raise typer.Exit(1) from error
    found = check_log(frame)
    _print_quality(found)
    if not found.usable:
        raise typer.Exit(1)


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
            table.add_row(Text(str(label)), *(Text(_cell(value)) for value in row))
        console.print(table)
        console.print()
    console.print(Text(found.to_text()))


def _cell(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return f"{number:.4g}" if abs(number) >= 1e-6 else ""
    return "" if value is None or value == 0 else str(value)


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


def build_model(model: str, spans: list[str]) -> Any:
    """Build the pipeline of a model's name: exponential features, scaler, model."""
    import signalprep as sp

    if model not in MODELS:
        raise InvalidParameterError(f"--model must be one of {', '.join(MODELS)}; got {model!r}")
    features = sp.ExponentialFeatures(spans=spans)
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingRegressor

        # Early stopping would hold out random rows, which are no unseen cycle.
        return sp.make_pipeline(
            features, HistGradientBoostingRegressor(early_stopping=False, random_state=0)
        )
    if model == "mlp":
        from sklearn.neural_network import MLPRegressor

        network = MLPRegressor(hidden_layer_sizes=(32,), max_iter=50, random_state=0)
        return sp.make_pipeline(features, sp.Scaler(), network)
    from sklearn.linear_model import Ridge

    return sp.make_pipeline(features, sp.Scaler(), Ridge())


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


def _read(path: Path, cycle: str | None, time: str | None, rate: float | None) -> pd.DataFrame:
    from signalprep.io import read_log

    return read_log(path, cycle=cycle, time=time, rate=rate, progress=sys.stderr.isatty())


def _check_names(log: pd.DataFrame, names: list[str]) -> None:
    import difflib

    for name in names:
        if name not in log.columns:
            close = difflib.get_close_matches(name, [str(c) for c in log.columns], n=3, cutoff=0.4)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise InvalidParameterError(f"no signal named {name!r} in the log{hint}")


def _usable_inputs(log: pd.DataFrame, target: str, exclude: list[str]) -> list[str]:
    others = [name for name in log.columns if name != target and name not in exclude]
    missing = log[others].isna().any()
    left_out = [name for name in others if missing[name]]
    if left_out:
        typer.echo(
            f"left out for missing values: {', '.join(left_out)} (name them in --inputs to insist)",
            err=True,
        )
    chosen = [name for name in others if not missing[name]]
    if not chosen:
        raise InvalidParameterError("no signal without missing values is left for --inputs")
    return chosen


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _split_all(texts: list[str] | None) -> list[str]:
    return [part for text in texts or [] for part in _split(text)]


def _fail(message: str) -> None:
    typer.echo(f"signalprep: {message}", err=True)
    sys.exit(2)
