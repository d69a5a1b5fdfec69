"""Emulated controllers give what Python gives; what is missing is named with its package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exported_pipelines import linear
from signalprep.embedded import export_c
from signalprep.embedded.export._settings import ALLOWED
from signalprep.embedded.export._targets import TARGETS, expected_hash, run_on
from signalprep.errors import ToolError


@pytest.mark.tools
@pytest.mark.parametrize("name", TARGETS)
def test_the_same_hash_everywhere(tmp_path: Path, name: str) -> None:
    target = TARGETS[name]
    if target.missing:
        pytest.skip(target.missing)
    export = export_c(linear(), tmp_path / "out", "winding")
    found = run_on(target, linear().program, export.folder, "winding", tmp_path)
    assert found.hash == expected_hash(linear().program)
    if name in ("host", "Cortex-M4"):
        assert set(found.calls) <= ALLOWED
    if target.counts:
        costs = linear().cost_.loc["all"]
        assert 0 < found.most <= costs["instructions"]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc, of the package of that name")
def test_the_benchmark_says_what_it_has_and_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_c(linear(), tmp_path, "winding")
    found = shutil.which
    absent = {"arm-none-eabi-gcc", "qemu-system-arm", "simavr", "qemu-ppc"}
    monkeypatch.setattr(shutil, "which", lambda name: None if name in absent else found(name))
    result = export.benchmark()
    assert result.ok
    assert result.targets.loc["host", "hash_ok"]
    words = "arm-none-eabi-gcc, qemu-system-arm are not installed; in Debian: apt-get install "
    assert result.targets.loc["Cortex-M4", "none"].startswith(words + "gcc-arm-none-eabi")
    assert 0 < result.host["p50"] <= result.host["p90"] <= result.host["max"]
    assert "a row takes p50" in repr(result)


def test_without_a_compiler_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_c(linear(), tmp_path, "winding")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ToolError, match="gcc is not installed; in Debian: apt-get install gcc"):
        export.verify(n_rows=10)
    with pytest.raises(ToolError, match="apt-get install frama-c-base"):
        export.prove()
