"""How a result was computed, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd


def one_line(regimes: Any) -> str:
    if isinstance(regimes, (pd.Series, pd.DataFrame)):
        return "labels given"
    return " ".join(repr(regimes).split())
