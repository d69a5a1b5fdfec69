"""Fixtures for all tests: where the real logs are, and small logs made by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Folder of a set of real logs; the test is skipped where they are not at hand."""

    def find(name: str) -> Path:
        root = Path(os.environ.get("SIGNALPREP_DATA", REPOSITORY.parent / "shared" / "data"))
        folder = root / name
        if not folder.exists():
            pytest.skip(f"no real logs {name!r} here (set SIGNALPREP_DATA to their folder)")
        return folder

    return find


@pytest.fixture
def make_log() -> Callable[..., pd.DataFrame]:
    """Make a random log: cycles of given lengths, channels, rate."""

    def make(
        lengths: tuple[int, ...] = (60, 45, 80),
        n_channels: int = 2,
        rate: float = 10.0,
        seed: int = 0,
        dtype: type = np.float64,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        n = sum(lengths)
        cycle = np.repeat(np.arange(len(lengths)), lengths)
        time = np.concatenate([np.arange(length) / rate for length in lengths])
        values = rng.normal(size=(n, n_channels)).astype(dtype)
        index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
        return pd.DataFrame(values, index=index, columns=[f"c{k}" for k in range(n_channels)])

    return make
