"""What every lowered step must do: C, integers and streams agree; how far it is from the float."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import signalprep as sp
from random_programs import c_outputs, python_outputs
from signalprep.embedded import Format, IntegerModel, lower
from signalprep.embedded.lowering import encoded
from signalprep.embedded.program import run

UNDEFINED = ("-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all")
BOUNDS = (0, 1, 2, 45, 700, 1303, 2000)


def rough(
    rng: np.random.Generator, n_channels: int = 2, bits: int = 16, n: int = 2000
) -> np.ndarray:
    """Codes of signals with noise, jumps, spikes and the ends of their range."""
    top = 1 << (bits - 1)
    size = 2.0 ** rng.uniform(0, bits - 4, (1, n_channels))
    codes = np.cumsum(rng.normal(size=(n, n_channels)) * size / 8, axis=0)
    codes += rng.normal(size=(n, n_channels)) * np.abs(np.sin(np.arange(n) / 97))[:, None] * size
    jumps = rng.random((n, n_channels)) < 0.03
    codes[jumps] += rng.normal(size=jumps.sum()) * top / 4
    codes[200:260] = codes[200]
    codes[300:400] = np.where(rng.random((100, n_channels)) < 0.5, -top, top - 1)
    return np.clip(np.round(codes), -top, top - 1).astype(np.int64)


def log_of(codes: np.ndarray, rate: float = 100.0, lsb: float = 1.0) -> pd.DataFrame:
    """A log of codes, in several cycles."""
    cycle = np.searchsorted(BOUNDS[1:-1], np.arange(len(codes)), side="right")
    frame = pd.DataFrame(codes * lsb, columns=[f"x{k}" for k in range(codes.shape[1])])
    return sp.as_log(frame, cycle=cycle, rate=rate)


def formats(log: pd.DataFrame, bits: int = 16, lsb: float = 1.0) -> dict[str, Format]:
    return {str(name): Format(lsb, bits=bits) for name in log.columns}


def integer(step: Any, log: pd.DataFrame, bits: int = 16, lsb: float = 1.0) -> IntegerModel:
    return lower(step, formats(log, bits, lsb))


def agrees(folder: Path | None, *cases: tuple[IntegerModel, pd.DataFrame]) -> None:
    """Assert that C, where there is a folder for it, and streams give what integers give."""
    programs = []
    for model, log in cases:
        codes, bounds = encoded(model.formats, log)
        programs.append((model.program, codes, bounds))
        stream = model.stream()
        whole = model.predict(log)
        for begin, end in ((2, 45), (45, 200)):
            stream.reset()
            rows = range(begin, end)
            found = np.concatenate([stream.push(log.iloc[[i]]) for i in rows])
            np.testing.assert_array_equal(found, whole[begin:end])
    if folder is None:
        return
    for (program, codes, bounds), found in zip(
        programs, c_outputs(folder, programs, *UNDEFINED), strict=True
    ):
        np.testing.assert_array_equal(found, python_outputs(run(program, codes, bounds), program))
