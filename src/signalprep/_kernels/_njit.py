"""numba's njit that also compiles where nothing can be written: then it keeps nothing."""

import multiprocessing
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numba

__all__ = ["njit"]


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function; with ``cache=True`` keep it on disk, if any place allows that.

    numba raises where neither NUMBA_CACHE_DIR nor the folder of the source nor that of the user can
    be written, such as in a container with a read-only file system.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(**options)(function)
        except RuntimeError as error:
            if not options.get("cache") or "cannot cache function" not in str(error):
                raise
            _tell_once()
            return numba.njit(**options | {"cache": False})(function)

    return compiled


@cache
def _tell_once() -> None:
    if multiprocessing.parent_process() is not None:
        return  # of several processes the first has said it
    warnings.warn(
        "compiled kernels cannot be kept, as neither the package's folder nor the user's can be "
        "written: each process compiles anew those that it uses, which takes seconds. "
        "NUMBA_CACHE_DIR names another folder",
        stacklevel=4,
    )
