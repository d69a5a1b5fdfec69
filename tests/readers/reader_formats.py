"""Recordings with known samples, and the formats that write them: what the contract runs over.

A format joins the contract by one entry in `FORMATS`.
"""

from __future__ import annotations

import gzip
import importlib.util
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from signalprep.log import Channel

LATTICE = 0.02  # seconds: stamps are equal or far enough apart for any tolerance of rounding
DIGITS = 4


@dataclass(frozen=True)
class Format:
    """A way to write a recording.

    Attributes
    ----------
    name : str
    write : callable
        Writes channels into a new file of the folder and returns its path.
    read : mapping
        Parameters that `read_log` needs for it, beside clock or rate.
    n_files : int
        Random recordings a test.
    """

    name: str
    write: Callable[[Path, Sequence[Channel]], Path]
    read: Mapping[str, Any] = field(default_factory=dict)
    n_files: int = 20


def recording(rng: random.Random, *, several: bool) -> list[Channel]:
    """Channels with values of which none occurs twice: of one rate, or each with its own.

    Some samples are invalid (NaN), with `several` there is a stretch without any, now and then.
    """
    n_steps = rng.randint(60, 140)  # of 0.1 s
    gap = rng.randint(20, 40) if several and rng.random() < 0.3 else 0
    at = rng.randint(20, n_steps - 20)
    values = rng.sample(range(-900_000, 900_000), 6 * n_steps)
    channels = []
    for name, unit, steps in _stamps(rng, n_steps, several):
        times = np.array([(step + 5 * gap * (step >= 5 * at)) * LATTICE for step in steps])
        own = np.array([values.pop() / 10**DIGITS for _ in steps])
        own[rng.sample(range(1, len(own) - 1), len(own) // 12)] = np.nan
        channels.append(Channel(name, np.round(times, 2), own, unit=unit))
    return channels


def _stamps(rng: random.Random, n_steps: int, several: bool) -> list[tuple[str, str, list[int]]]:
    """Names, units and stamps in steps of the lattice."""
    last = 5 * n_steps
    every = list(range(0, last, 5))
    if not several:
        return [(name, unit, every) for name, unit in (("fast", "rpm"), ("torque", "Nm"))]
    irregular, now = [], rng.randrange(10)
    while now < last:
        irregular.append(now)
        now += rng.randint(8, 60)
    return [
        ("fast", "rpm", every),
        ("half", "Nm", list(range(rng.randrange(5), last, 10))),
        ("slow", "degC", list(range(rng.randrange(50), last, rng.choice((25, 50))))),
        ("sparse", "bar", irregular),
    ]


def rows_of(channels: Sequence[Channel]) -> tuple[np.ndarray, np.ndarray]:
    """All stamps, and the samples on them, of shape (n_stamps, n_channels); NaN elsewhere."""
    stamps = np.unique(np.concatenate([channel.times for channel in channels]))
    cells = np.full((len(stamps), len(channels)), np.nan)
    for column, channel in enumerate(channels):
        cells[np.searchsorted(stamps, channel.times), column] = channel.values
    return stamps, cells


def _text(channels: Sequence[Channel], mark: str, decimal: str) -> str:
    """A table with a blank where a channel has no sample; an invalid one is written as NaN."""
    stamps, cells = rows_of(channels)
    known = [set(channel.times.tolist()) for channel in channels]
    lines = [mark.join(["time [s]", *(f"{channel.name} [{channel.unit}]" for channel in channels)])]
    for stamp, row in zip(stamps.tolist(), cells.tolist(), strict=True):
        fields = [f"{stamp:.2f}"]
        for value, own in zip(row, known, strict=True):
            text = "NaN" if math.isnan(value) else f"{value:.{DIGITS}f}"
            fields.append(text if stamp in own else "")
        lines.append(mark.join(fields).replace(".", decimal))
    return "\n".join(lines) + "\n"


def write_csv(folder: Path, channels: Sequence[Channel]) -> Path:
    """Commas and decimal points."""
    path = folder / "trip.csv"
    path.write_text(_text(channels, ",", "."))
    return path


def write_semicolons(folder: Path, channels: Sequence[Channel]) -> Path:
    """Semicolons, decimal commas, latin-1, Windows line ends, all packed."""
    path = folder / "trip.csv.gz"
    text = _text(channels, ";", ",").replace("degC", "°C").replace("\n", "\r\n")
    path.write_bytes(gzip.compress(text.encode("latin-1"), mtime=0))
    return path


def write_parquet(folder: Path, channels: Sequence[Channel]) -> Path:
    """A table with nulls where a channel has no sample."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stamps, cells = rows_of(channels)
    columns = {
        f"{channel.name} [{channel.unit}]": pa.array(cells[:, k], mask=np.isnan(cells[:, k]))
        for k, channel in enumerate(channels)
    }
    path = folder / "trip.parquet"
    pq.write_table(pa.table({"time": stamps, **columns}), path)
    return path


def write_mdf(folder: Path, channels: Sequence[Channel]) -> Path:
    """A group for each set of stamps; invalid samples hold a number and are marked."""
    from asammdf import MDF, Signal

    groups: dict[bytes, list[Any]] = {}
    for channel in channels:
        invalid = np.isnan(channel.values)
        signal = Signal(
            np.where(invalid, 1e6, channel.values),
            channel.times,
            unit=channel.unit,
            name=channel.name,
            invalidation_bits=invalid,
        )
        groups.setdefault(channel.times.tobytes(), []).append(signal)
    with MDF(version="4.10") as recording:
        for signals in groups.values():
            recording.append(signals)
        return Path(recording.save(folder / "trip.mf4", overwrite=True))


FORMATS = [
    Format("csv", write_csv, n_files=200),
    Format("csv.gz", write_semicolons),
]
if importlib.util.find_spec("pyarrow"):
    FORMATS.append(Format("parquet", write_parquet))
if importlib.util.find_spec("asammdf"):
    FORMATS.append(Format("mdf", write_mdf, n_files=60))
