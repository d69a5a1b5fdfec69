"""The command that makes a function of C of a model: signalprep export."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signalprep.cli._formats import read_formats
from signalprep.cli._reading import Reading, read, with_reading_options
from signalprep.cli._say import say
from signalprep.cli._signals import check_names
from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    import pandas as pd

FAILED = 1

ModelPath = Annotated[Path, typer.Argument(help="A fitted model, as save_model wrote it.")]
FormatsOption = Annotated[
    Path,
    typer.Option(
        "--formats",
        help="JSON file of the raw codes of each channel: "
        '{"speed": {"lsb": 0.5, "offset": 0, "bits": 16, "signed": true, "not_available": null}}.',
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
        "--log", help="Log to compare on. Default: 100,000 seeded adversarial rows of codes."
    ),
]


@with_reading_options
def export(
    path: ModelPath,
    formats: FormatsOption,
    output: FolderOption,
    name: NameOption = None,
    calibration: CalibrationOption = None,
    weight_bits: WeightBitsOption = 8,
    activation_bits: ActivationBitsOption = 16,
    state_bits: StateBitsOption = 16,
    warm_up: WarmUpOption = None,
    verify: VerifyOption = False,
    log: LogOption = None,
    *,
    reading: Reading,
) -> None:
    """Write a fitted pipeline as one integer function of C.

    Exit codes: 0; 1 when --verify finds a difference or a warning; 2 for errors.
    """
    if log is not None and not verify:
        raise InvalidParameterError("--log needs --verify")
    from signalprep.embedded import export_c, lower
    from signalprep.persistence import load_model

    known = read_formats(formats)
    model = load_model(path)
    rows = None if calibration is None else _log(calibration, list(known), reading)
    integer = lower(
        model, known, calibration=rows, weight_bits=weight_bits, activation_bits=activation_bits,
        state_bits=state_bits, warm_up=_whole(warm_up),
    )  # fmt: skip
    X = None if log is None else _log(log, list(known), reading)
    exported = export_c(integer, output, name or _name(path))
    say(repr(integer), lines=True)
    say(f"export: {', '.join(exported.files)} in {output}")
    if not verify:
        return
    if X is None:
        say("compared on seeded adversarial rows of codes; --log PATH takes those of a log")
    found = exported.verify(X)
    say(repr(found), lines=True)
    if not found.ok:
        raise typer.Exit(FAILED)


def _log(path: Path, channels: list[str], reading: Reading) -> pd.DataFrame:
    """The channels of a log."""
    log = read(path, reading)
    check_names(log, channels, where=repr(str(path)))
    return log[channels]


def _whole(warm_up: str | None) -> int | str | None:
    """A number of rows as one."""
    return int(warm_up) if warm_up is not None and warm_up.isdecimal() else warm_up


def _name(path: Path) -> str:
    """A name for C from that of a file."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", path.stem)[:24]
    return plain if plain[:1].isalpha() else "model"
