"""What integers lose against the model that was lowered, on a log: for signalprep export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pandas as pd
import typer

from signalprep.cli._groups import groups_of_option
from signalprep.cli._limits import parse_loss_limits
from signalprep.cli._missing import with_known_target
from signalprep.cli._operating_map import operating_map, parse_regimes
from signalprep.cli._options import loss_limited
from signalprep.cli._reading import Reading
from signalprep.cli._signals import check_names
from signalprep.errors import InvalidParameterError
from signalprep.metrics import check_weight

if TYPE_CHECKING:
    from signalprep.results import RegimeLoss

LossTargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        help="Signal of --log that the model predicts: the errors of model and integers are "
        "compared on it before anything is written.",
    ),
]
LossLimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        "-l",
        help="With --target: the most that integers may lose against the model in every cell and "
        "over all rows, such as 'rmse=5%,p95=0.2': a share of the error of the model, or in the "
        f"unit of the error: {loss_limited()}. Where it is exceeded nothing is written and the "
        "exit code is 1; it is 3 when it cannot be told.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Write it in spite of a --limit that fails; the files say so."),
]


class Asked(NamedTuple):
    """What the options ask about the loss, checked before a file is opened."""

    target: str
    bins: dict[Any, Any]
    limits: dict[str, Any]
    strict: bool
    groups: str | None
    weight: str


def asked_of_options(
    target: str | None,
    log: Any,
    regimes: list[str] | None,
    limit: list[str] | None,
    strict: bool,
    force: bool,
    groups: str | None,
    weight: str,
) -> Asked | None:
    """What is asked; None where nothing is."""
    needs = {
        "--regimes": regimes,
        "--limit": limit,
        "--groups": groups,
        "--weight": weight != "row",
        "--target": target,
    }
    for option, given in needs.items():
        if given and (target is None or log is None):
            lacking = "--log" if log is None else "--target"
            raise InvalidParameterError(f"{option} needs {lacking}")
    for option, flag in (("--strict", strict), ("--force", force)):
        if flag and not limit:
            raise InvalidParameterError(f"{option} needs a --limit")
    if target is None:
        return None
    check_weight(weight)
    bins = parse_regimes(regimes or [])
    return Asked(target, bins, parse_loss_limits(limit or []), strict, groups, weight)


def loss_on(
    model: Any, integer: Any, log: pd.DataFrame, asked: Asked, reading: Reading
) -> RegimeLoss:
    """What the integers lose on a log."""
    from signalprep.validation import regime_loss

    channels = list(integer.formats)
    check_names(log, [asked.target, *asked.bins])
    log = with_known_target(log, asked.target, reading)
    return regime_loss(
        model,
        integer,
        log[channels],
        log[asked.target],
        limits=asked.limits or None,
        strict=asked.strict,
        groups=groups_of_option(log, asked.groups, reading, [asked.target, *channels]),
        weight=asked.weight,
        **operating_map(log, asked.bins),
    )
