"""Tests run the right way: kernels compiled from their source as it is, threads as given."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def conftest():
    spec = importlib.util.spec_from_file_location("root_conftest", REPOSITORY / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_kernels_are_compiled_anew_when_one_that_they_call_changes(conftest, tmp_path):
    kernels = tmp_path / conftest.KERNELS
    kernels.mkdir(parents=True)
    (kernels / "_inner.py").write_text(
        "from numba import njit\n\n@njit(cache=True)\ndef inner():\n    return 1\n"
    )
    (kernels / "_outer.py").write_text(
        "from numba import njit\nfrom _inner import inner\n\n"
        "@njit(cache=True)\ndef outer():\n    return inner()\n"
    )

    def run() -> str:
        cache = str(conftest.kernel_cache(tmp_path))
        environment = os.environ | {"PYTHONPATH": str(kernels), "NUMBA_CACHE_DIR": cache}
        command = [sys.executable, "-c", "import _outer; print(_outer.outer())"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert run() == "1"
    source = (kernels / "_inner.py").read_text()
    (kernels / "_inner.py").write_text(source.replace("return 1", "return 22"))
    assert run() == "22", "of another length: bytecode goes by that and whole seconds"


def test_pytest_and_make_share_the_cache(conftest):
    command = [sys.executable, "conftest.py"]
    printed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == str(conftest.kernel_cache(REPOSITORY))


def test_caches_of_other_sources_go_when_they_are_old(conftest, tmp_path):
    current, old, new = (tmp_path / name for name in ("current", "old", "new"))
    for folder in (current, old, new):
        folder.mkdir()
    os.utime(current, (0.0, 0.0))
    os.utime(old, (0.0, 0.0))
    conftest.remove_outdated(current, before=1000.0)
    assert sorted(tmp_path.iterdir()) == [current, new]
    shutil.rmtree(current)
    conftest.remove_outdated(current, before=1000.0)
    assert list(tmp_path.iterdir()) == [new]


def test_linear_algebra_has_the_threads_that_it_was_given():
    pools = [pool for pool in threadpool_info() if pool["internal_api"] == "openblas"]
    given = int(os.environ["OPENBLAS_NUM_THREADS"])
    assert {pool["num_threads"] for pool in pools} <= {given}
