from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from signalprep._atomic import write_atomic
from signalprep.errors import InvalidParameterError


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_atomic(path, "one")
    write_atomic(str(path), "zwei °C")
    assert path.read_text(encoding="utf-8") == "zwei °C"
    assert os.listdir(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_an_interrupt_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_killed_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    script = (
        "import os, sys\n"
        "from signalprep._atomic import write_atomic\n"
        "os.fsync = lambda handle: os._exit(9)\n"
        "write_atomic(sys.argv[1], 'new' * 100000)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=False)
    assert done.returncode == 9
    assert path.read_text() == "old"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_mode_follows_the_umask(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("")
    write_atomic(tmp_path / "atomic.txt", "")
    assert (tmp_path / "atomic.txt").stat().st_mode == plain.stat().st_mode


def test_impossible_paths_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="existing folder; got .*nowhere"):
        write_atomic(tmp_path / "nowhere" / "out.txt", "")
    with pytest.raises(InvalidParameterError, match="path must be a file"):
        write_atomic(tmp_path, "")


def test_text_that_utf8_cannot_hold_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_atomic(path, "trip\udce4")
    assert path.read_bytes() == b"trip\\udce4"
