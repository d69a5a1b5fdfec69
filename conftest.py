"""Run tests the right way, however pytest is called: threads, plots, and a cache of kernels.

One thread of linear algebra a process: more would wait for each other where tests run in parallel.
SCIPY_ARRAY_API lets scikit-learn's estimator checks run that would else be skipped. Plots need no
screen. All three must be said before the libraries are imported. And compiled kernels have a cache
that belongs to their source:

numba compiles a function anew when its own file has changed, but not when a kernel that it calls
from another file has: it would go on with the old one. And it names the new code in its index
before it has written it, so that a process which starts in between runs the old code under the new
name. So the cache is a folder named after the source of all kernels. ``python conftest.py`` prints
it, for make.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent
KERNELS = Path("src", "signalprep", "_kernels")
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "SCIPY_ARRAY_API": "1",
    "MPLBACKEND": "Agg",
}
for name, value in ENVIRONMENT.items():
    os.environ.setdefault(name, value)

OUTDATED = 24 * 3600.0  # seconds after which the cache of another source is removed

# Doctests that need an extra.
SOURCE = "src/signalprep"
NEEDS = {
    "neural": "torch",
    "persistence": "skops",
    "model_selection/_bayesian_search_cv.py": "optuna",
}
collect_ignore = [
    f"{SOURCE}/{path}" for path, extra in NEEDS.items() if not importlib.util.find_spec(extra)
]


def kernel_cache(repository: Path) -> Path:
    """The cache for the kernels as they are now."""
    digest = hashlib.sha256()
    for path in sorted((repository / KERNELS).glob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.name} {len(source)}\n".encode() + source)
    return repository / ".numba_cache" / digest.hexdigest()[:16]


def remove_outdated(current: Path, before: float) -> None:
    """Remove caches of other sources that were made before a time (seconds since 1970)."""
    for folder in current.parent.glob("*"):
        if folder != current and folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)  # another run may be at it, too


def pytest_configure() -> None:
    if "NUMBA_CACHE_DIR" not in os.environ:
        current = kernel_cache(REPOSITORY)
        remove_outdated(current, time.time() - OUTDATED)
        os.environ["NUMBA_CACHE_DIR"] = str(current)


if __name__ == "__main__":
    print(kernel_cache(REPOSITORY))
