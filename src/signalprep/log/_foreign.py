"""Frames of other packages (polars, pyarrow, ...) as frames of pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._no_log import as_it_is_called

__all__ = ["as_pandas"]


def as_pandas(frame: Any) -> pd.DataFrame:
    """The columns of a frame that narwhals knows, each as numpy has it."""
    called = as_it_is_called(frame)
    try:
        import narwhals.stable.v1 as narwhals
    except ImportError as error:
        raise InvalidLogError(
            f"frame is a {called}, which takes the extra polars "
            "(pip install 'signalprep[polars]') to read; or give frame.to_pandas()"
        ) from error
    try:
        known = narwhals.from_native(frame, eager_only=True)
    except TypeError as error:
        raise InvalidLogError(
            f"frame must be a DataFrame or a 2-D array; got a {called} (collect() one that is lazy)"
        ) from error
    return pd.DataFrame({name: known[name].to_numpy() for name in known.columns})
