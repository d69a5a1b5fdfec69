"""A pipeline from a user's own file."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from signalprep.errors import InvalidParameterError, SignalprepError


def load_pipeline(pipeline: str) -> Any:
    """Call the function that "file.py:build" names; what it raises becomes one error."""
    file, colon, name = pipeline.rpartition(":")
    if not (colon and file and name):
        raise InvalidParameterError(f"--pipeline must be file.py:build; got {pipeline!r}")
    if not Path(file).is_file():
        raise InvalidParameterError(f"--pipeline: no such file {file!r}")
    try:
        build = runpy.run_path(file).get(name)
        if not callable(build):
            raise InvalidParameterError(f"--pipeline: {file} must define a function {name!r}")
        estimator = build()
        if not hasattr(estimator, "fit") or isinstance(estimator, type):
            raise InvalidParameterError(
                f"--pipeline: {name} of {file} must return an estimator; it returned {estimator!r}"
            )
        return estimator
    except SignalprepError:
        raise
    except Exception as error:  # the user's own code may raise anything
        raise InvalidParameterError(
            f"--pipeline: {pipeline} failed: {type(error).__name__}: {error}"
        ) from error
