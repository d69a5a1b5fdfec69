"""The command that makes a function of C of a model: signalprep export."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signalprep.cli._formats import read_formats
from signalprep.cli._loss import (
    ForceOption,
    LossLimitOption,
    LossTargetOption,
    asked_of_options,
    loss_on,
)
from signalprep.cli._options import GroupsOption, RegimesOption, StrictOption, WeightOption
from signalprep.cli._reading import Reading, read, with_reading_options
from signalprep.cli._say import say
from signalprep.cli._signals import check_names
from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    import pandas as pd

    from signalprep.embedded import Export, IntegerModel

FAILED, CANNOT_TELL = 1, 3
"""Exit codes; 2 is for errors."""
BITS = {"weight_bits": 8, "activation_bits": 16, "state_bits": 16}

ModelPath = Annotated[Path, typer.Argument(help="A fitted model, as save_model wrote it.")]
FormatsOption = Annotated[
    Path | None,
    typer.Option(
        "--formats",
        help="JSON file of the raw codes of each channel: "
        '{"speed": {"lsb": 0.5, "offset": 0, "bits": 16, "signed": true, "not_available": null}}. '
        "Needed unless the model is quantized already.",
    ),
]
FolderOption = Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")]
NameOption = Annotated[
    str | None,
    typer.Option("--name", help="Name of the files and functions. Default: that of the model."),
]
CalibrationOption = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        help="Log of training cycles: what passes between the layers of a network gets the range "
        "that it has there. Default: the range that it is proven never to leave.",
    ),
]
WeightBitsOption = Annotated[int, typer.Option("--weight-bits", help="Of networks, 2 to 16.")]
ActivationBitsOption = Annotated[
    int, typer.Option("--activation-bits", help="Between layers of networks, 4 to 16.")
]
StateBitsOption = Annotated[
    int, typer.Option("--state-bits", help="Of recurrent networks, 8 to 24.")
]
WarmUpOption = Annotated[
    str | None,
    typer.Option(
        "--warm-up",
        help='Rows, or how long ("10min"), for which the status says that the model is warming up '
        "after a reset. Default: as many rows as its filters remember.",
    ),
]
VerifyOption = Annotated[
    bool,
    typer.Option(
        "--verify", help="Compile it with gcc and compare every output and status with Python."
    ),
]
LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        help="Log to compare on, by --verify with the C (default: 100,000 seeded adversarial rows "
        "of codes), by --target with the model.",
    ),
]


@with_reading_options
def export(
    path: ModelPath,
    output: FolderOption,
    formats: FormatsOption = None,
    name: NameOption = None,
    calibration: CalibrationOption = None,
    weight_bits: WeightBitsOption = BITS["weight_bits"],
    activation_bits: ActivationBitsOption = BITS["activation_bits"],
    state_bits: StateBitsOption = BITS["state_bits"],
    warm_up: WarmUpOption = None,
    verify: VerifyOption = False,
    log: LogOption = None,
    target: LossTargetOption = None,
    regimes: RegimesOption = None,
    limit: LossLimitOption = None,
    strict: StrictOption = False,
    groups: GroupsOption = None,
    weight: WeightOption = "row",
    force: ForceOption = False,
    *,
    reading: Reading,
) -> None:
    """Write a fitted pipeline as one integer function of C.

    With --log and --target it first says what integers lose against the model, cell by cell.

    Exit codes: 0; 1 when a --limit fails (forced or not), or --verify finds a difference or a
    warning; 3 when a --limit cannot be told (with --strict: 1); 2 for errors.
    """
    asked = asked_of_options(target, log, regimes, limit, strict, force, groups, weight)
    if log is not None and not verify and asked is None:
        raise InvalidParameterError("--log needs --verify or --target")
    from signalprep.embedded import export_c
    from signalprep.persistence import load_model

    bits: dict[str, Any] = {
        "weight_bits": weight_bits, "activation_bits": activation_bits, "state_bits": state_bits,
    }  # fmt: skip
    model, integer = _lowered(load_model(path), formats, calibration, bits, warm_up, reading)
    known = list(integer.formats)
    tried = None if log is None else _log(log, known, reading)
    say(repr(integer), lines=True)
    loss = None
    if asked is not None and tried is not None:
        loss = loss_on(model, integer, tried, asked, reading)
        say(repr(loss), lines=True)
        if loss.answer == "fail" and not force:
            say("not exported: a limit fails (--force writes it all the same)", err=True)
            raise typer.Exit(FAILED)
    evidence = None if asked is None or not asked.limits else loss
    exported = export_c(integer, output, name or _name(path), evidence=evidence, force=force)
    say(f"export: {', '.join(exported.files)} in {output}")
    if verify:
        _verify(exported, None if tried is None else tried[known])
    if evidence is not None and not evidence.ok:
        cannot_tell = evidence.answer == "cannot tell" and not strict
        raise typer.Exit(CANNOT_TELL if cannot_tell else FAILED)


def _lowered(
    model: Any,
    formats: Path | None,
    calibration: Path | None,
    bits: dict[str, Any],
    warm_up: str | None,
    reading: Reading,
) -> tuple[Any, IntegerModel]:
    """The model in float, and as integers; what is quantized already holds both."""
    from signalprep.embedded import lower

    if hasattr(model, "integer_"):
        if any((formats, calibration, warm_up)) or bits != BITS:
            raise InvalidParameterError(
                "--formats, --calibration, --warm-up and bits are for a model in float; this "
                f"{type(model).__name__} has been fitted with its own"
            )
        return model.estimator_, model.integer_
    if formats is None:
        raise InvalidParameterError(
            "--formats is needed, as the model is in float: a JSON file of the raw codes of each "
            "channel"
        )
    known = read_formats(formats)
    rows = None if calibration is None else _log(calibration, list(known), reading)[list(known)]
    return model, lower(model, known, calibration=rows, warm_up=_whole(warm_up), **bits)


def _verify(exported: Export, X: pd.DataFrame | None) -> None:
    """Compare with Python; a difference ends the command."""
    if X is None:
        say("compared on seeded adversarial rows of codes; --log PATH takes those of a log")
    found = exported.verify(X)
    say(repr(found), lines=True)
    if not found.ok:
        raise typer.Exit(FAILED)


def _log(path: Path, channels: list[str], reading: Reading) -> pd.DataFrame:
    """A log that has the channels."""
    log = read(path, reading)
    check_names(log, channels, where=repr(str(path)))
    return log


def _whole(warm_up: str | None) -> int | str | None:
    """A number of rows as one."""
    return int(warm_up) if warm_up is not None and warm_up.isdecimal() else warm_up


def _name(path: Path) -> str:
    """A name for C from that of a file."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", path.stem)[:24]
    return plain if plain[:1].isalpha() else "model"
