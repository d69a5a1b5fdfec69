from __future__ import annotations

import os
import subprocess
import sys
import threading
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


def run_writer(path: Path, at_fsync: str) -> subprocess.Popen[str]:
    """Write in another process, with something else in place of the first flush."""
    script = (
        "import os, sys\n"
        "from signalprep._atomic import write_atomic\n"
        f"os.fsync = lambda handle: {at_fsync}\n"
        "write_atomic(sys.argv[1], 'new' * 100000)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_what_a_killed_writer_leaves_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with run_writer(path, "os._exit(9)") as writer:
        assert writer.wait() == 9
    assert path.read_text() == "old"
    assert len(os.listdir(tmp_path)) == 2
    write_atomic(tmp_path / "another.txt", "")
    assert sorted(os.listdir(tmp_path)) == ["another.txt", "out.txt"]


def test_what_a_living_writer_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with run_writer(path, "print('here', flush=True) or input()") as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "here\n"
        write_atomic(path, "of another")
        assert path.read_text() == "of another"
        writer.communicate("\n\n")
    assert writer.returncode == 0
    assert path.read_text() == "new" * 100000
    assert os.listdir(tmp_path) == ["out.txt"]


def test_only_own_temporary_files_are_removed(tmp_path: Path) -> None:
    others = [".signalprep-notes.tmp", ".x.csv-0123456789ab.tmp", "signalprep-0123456789ab.tmp"]
    for name in others:
        (tmp_path / name).write_text("")
    (tmp_path / ".signalprep-0123456789ab.tmp").symlink_to(tmp_path / others[0])
    (tmp_path / ".signalprep-ba9876543210.tmp").mkdir()
    before = sorted(os.listdir(tmp_path))
    write_atomic(tmp_path / "out.txt", "")
    assert sorted(os.listdir(tmp_path)) == sorted([*before, "out.txt"])


def test_writers_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    failed: list[OSError] = []

    def write(name: str) -> None:
        try:
            for k in range(50):
                write_atomic(tmp_path / name, name * k)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "aabb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_mode_of_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("")
    write_atomic(tmp_path / "atomic.txt", "")
    assert (tmp_path / "atomic.txt").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444, 0o755])
def test_a_replaced_file_keeps_its_mode(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    path.write_text("private")
    path.chmod(mode)
    seen, replace = [], os.replace

    def note(source: Path, target: Path) -> None:
        seen.append(source.stat().st_mode & 0o7777)
        replace(source, target)

    monkeypatch.setattr(os, "replace", note)
    write_atomic(path, "private, too")
    assert seen == [mode], "before others can open it by its name"
    assert path.stat().st_mode & 0o7777 == mode
    assert path.read_text() == "private, too"


def test_owner_and_group_are_kept_where_that_is_permitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    path.write_text("")
    path.chmod(0o2750)
    asked = []

    def refuse(_: int, owner: int, group: int) -> None:
        asked.append((owner, group))
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    old = path.stat()
    write_atomic(path, "new")
    assert asked == [(old.st_uid, -1), (-1, old.st_gid)]
    assert path.stat().st_mode == old.st_mode


@pytest.mark.parametrize("letter", ["a", "ä", "電", "🚗"])
def test_names_may_be_as_long_as_the_folder_allows(letter: str, tmp_path: Path) -> None:
    most = os.pathconf(tmp_path, "PC_NAME_MAX") // len(letter.encode())
    for name in (letter * most, letter * (most - 5) + ".html"):
        write_atomic(tmp_path / name, "one")
        write_atomic(tmp_path / name, "two")
        assert (tmp_path / name).read_text() == "two"
    with pytest.raises(OSError, match="too long"):
        write_atomic(tmp_path / (letter * (most + 1)), "")
    assert len(os.listdir(tmp_path)) == 2


def test_impossible_paths_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="existing folder; got .*nowhere"):
        write_atomic(tmp_path / "nowhere" / "out.txt", "")
    with pytest.raises(InvalidParameterError, match="path must be a file"):
        write_atomic(tmp_path, "")


def test_text_that_utf8_cannot_hold_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_atomic(path, "trip\udce4")
    assert path.read_bytes() == b"trip\\udce4"
