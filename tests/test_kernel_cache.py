"""Tests run the right way: kernels compiled from their source as it is, threads as given."""

from __future__ import annotations

import importlib.util
import os
import re
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


def test_kernels_run_where_nothing_can_be_written_and_that_is_said_once(tmp_path):
    package = tmp_path / "signalprep"
    shutil.copytree(REPOSITORY / "src/signalprep", package, ignore=lambda *_: ["__pycache__"])
    for home in {path.parent for path in kernel_users(package)}:
        (home / "__pycache__").write_text("a file, so no folder can be made here")
    code = (
        "import importlib, pkgutil, numpy as np, signalprep as sp, signalprep._kernels as kernels\n"
        "for module in pkgutil.iter_modules(kernels.__path__, kernels.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "sp.datasets.simulate_pmsm\n"
        "seconds = np.arange(3.0)\n"
        "print(kernels.__file__, kernels._spacing._is_even(seconds, 1.0, 0.0))\n"
    )
    environment = {"PYTHONPATH": str(tmp_path), "HOME": os.devnull, "PATH": os.defpath}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{package / '_kernels/__init__.py'} True\n"
    assert done.stderr.count("UserWarning: compiled kernels cannot be kept") == 1
    assert "NUMBA_CACHE_DIR names another folder" in done.stderr
    program = "import sys; from signalprep.cli import main; sys.argv[1:] = ['--version']; main()"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr.startswith("signalprep: warning: compiled kernels cannot be kept")
    assert done.stderr.count("\n") == 1
    started = "import multiprocessing as m; m.parent_process = lambda: m"
    command = [sys.executable, "-c", f"{started}; import signalprep._kernels._spacing"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert not done.stderr, "a process that another has started leaves it to that one"


def kernel_users(package: Path) -> list[Path]:
    return [path for path in package.rglob("*.py") if "@njit" in path.read_text(encoding="utf-8")]


def test_every_kernel_is_compiled_by_the_njit_that_may_do_without_a_cache():
    package = REPOSITORY / "src/signalprep"
    numba = re.compile(r"^ *(import numba|from numba)", re.MULTILINE)
    found = [path for path in package.rglob("*.py") if numba.search(path.read_text("utf-8"))]
    assert found == [package / "_kernels/_njit.py"]


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
