"""Frames of other packages (polars, pyarrow, ...) as frames of pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._lookalike import called

__all__ = ["as_pandas"]


def as_pandas(frame: Any) -> pd.DataFrame:
    """The columns of a frame that narwhals knows, each as numpy has it."""
    refused = f"frame must be a DataFrame or a 2-D array; got {called(frame)}"
    try:
        import narwhals.stable.v1 as narwhals
    except ImportError as error:
        raise InvalidLogError(
            f"{refused}, which takes the extra polars (pip install 'signalprep[polars]'): "
            "as_log takes frame.to_pandas() without it"
        ) from error
    try:
        known = narwhals.from_native(frame, eager_only=True)
    except TypeError as error:
        lazy = "collect" if hasattr(frame, "collect") else "to_pandas"
        raise InvalidLogError(f"{refused}: as_log takes frame.{lazy}()") from error
    return pd.DataFrame({name: known[name].to_numpy() for name in known.columns})
