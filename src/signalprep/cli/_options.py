"""Arguments and options of the commands: their names and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signalprep.metrics import TaskName, metrics_of


def _limited(task: TaskName) -> str:
    return ", ".join(metric.name for metric in metrics_of(task, limited=True))


def loss_limited() -> str:
    """Names of what a loss can be limited by."""
    return f"{_limited(TaskName.REGRESSION)}; of labels {_limited(TaskName.CLASSIFICATION)}"


LogPath = Annotated[Path, typer.Argument(help="A log file, or a folder with one cycle a file.")]
TargetOption = Annotated[str, typer.Option("--target", "-t", help="Signal to predict.")]
InputsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--inputs",
        "-i",
        help="Signals the model may see, separated by commas (quote a name that holds one); may be "
        "given more than once. Default: every other signal of numbers without a missing value that "
        "does not merely count rows or time.",
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option("--exclude", "-x", help="Signals to leave out of the default inputs."),
]
GroupsOption = Annotated[
    str | None,
    typer.Option(
        "--groups",
        "-g",
        help="Column that names what cycles belong to (vehicle, day, session), or one of several "
        "columns of --cycle. Folds keep a group whole, intervals and evidence count groups; the "
        "column is no input.",
    ),
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
ClassifyOption = Annotated[
    bool,
    typer.Option(
        "--classify",
        help="Take the numbers of the target as labels of classes. Text is taken so anyway.",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        help="ridge (its penalty chosen on whole training cycles), hgb (boosted trees) or mlp (a "
        "small network); for labels the classifier of that kind, which for ridge is logistic "
        "regression with a ridge penalty.",
    ),
]
PipelineOption = Annotated[
    str | None,
    typer.Option("--pipeline", help="file.py:build, a function that returns a pipeline."),
]
SpansOption = Annotated[str, typer.Option("--spans", help="Spans of the exponential features.")]
FoldsOption = Annotated[int, typer.Option("--folds", help="Folds of whole cycles.")]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        help="Processes that share out the folds, each with its own copy of the training rows; "
        "-1 is one a core.",
    ),
]
DecideOption = Annotated[
    str,
    typer.Option(
        "--decide",
        help="What a prediction is about: row, or cycle for one decision about each recording, "
        "whose target must not change.",
    ),
]
VoteOption = Annotated[
    str,
    typer.Option(
        "--vote",
        help="With --decide cycle, how the predictions of its rows become one: mean (of numbers, "
        "or of the probabilities of classes) or majority.",
    ),
]
WeightOption = Annotated[
    str,
    typer.Option(
        "--weight",
        help="How errors are averaged: row counts every row the same, cycle every cycle, however "
        "many rows it has in the cell.",
    ),
]
CleanOption = Annotated[
    str | None,
    typer.Option(
        "--clean",
        help="What is cleaned: limits (inputs beyond --limits, or the ranges that the file states, "
        "hold their last good value), hampel (spikes of inputs become the median of their last "
        "samples), target (rows whose target is beyond its limits or a spike are left out of fits "
        "and of every score, never replaced); all or none. Default: all; with --pipeline none.",
    ),
]
LimitsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limits",
        help="What signals can be, such as 'coolant=-40:150,speed=:2000', in their units, or a DBC "
        "file that says so; what lies beyond is a fault of a sensor. (--limit is about errors.)",
    ),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Page to write.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Tables as JSON, too.")]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        "-l",
        help="Largest error allowed in every cell and over all rows, such as 'rmse=5,p95=10' in "
        f"the unit of the error (of r2 the least): {_limited(TaskName.REGRESSION)}. For labels the "
        "least score, such as 'accuracy=0.9' (of log_loss the most): "
        f"{_limited(TaskName.CLASSIFICATION)}. The exit code is 0 for pass, 1 when a cell or all "
        "rows fail, 3 when it cannot be told; max has no upper end and is never a pass.",
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="With --limit: exit code 1 unless all rows and every cell pass, those without "
        "evidence included.",
    ),
]
LeakOption = Annotated[
    bool,
    typer.Option(
        "--allow-leak",
        help="Study a leak: go on where rows of test cycles were seen in training or a step mixes "
        "cycles. The page says so.",
    ),
]
