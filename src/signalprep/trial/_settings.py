"""How a result was computed, in words."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import pandas as pd


def one_line(regimes: Any) -> str:
    if isinstance(regimes, (pd.Series, pd.DataFrame)):
        return "labels given"
    return " ".join(repr(regimes).split())


def versions() -> dict[str, str]:
    packages = ("signalprep", "scikit-learn", "numpy", "pandas", "scipy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
