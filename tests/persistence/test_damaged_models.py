"""A few damaged model files and killed writers; `make damage` tries many more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import signalprep as sp
from damaged_models import OF_BYTES, TRUSTED, damage, kill, models, odd_places
from signalprep.errors import ReadError

pytest.importorskip("skops.io", reason="model files need skops, which is an extra")


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    ends = list(damage(150, 0, tmp_path / "model"))
    wrong = [f"{one.number} {one.damage}: {one.words}" for _, _, one in ends if one]
    assert not wrong
    assert any(ended == "read" for _, ended, _ in ends), "parts that were changed with sense"


def test_whole_files_are_read(tmp_path: Path) -> None:
    for content in models():
        (tmp_path / "model").write_bytes(content)
        sp.load_model(tmp_path / "model", trusted=TRUSTED)


@pytest.mark.parametrize("change", OF_BYTES, ids=lambda change: change.__name__)
def test_every_damage_is_seen(change, tmp_path: Path) -> None:
    content = change(random.Random(0), models()[0])
    assert content != models()[0]
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(ReadError):
        sp.load_model(tmp_path / "model")


def test_a_changed_time_of_a_part_is_seen(tmp_path: Path) -> None:
    content = bytearray(models()[0])
    content[10] ^= 1  # of the first part, which no reader looks at
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(ReadError, match=r"is damaged: it is not as it was written"):
        sp.load_model(tmp_path / "model")


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    told = {"folder": "is a folder", "pipe": "is no regular file", "nothing": "no such file"}
    for name, file in odd_places(tmp_path).items():
        with pytest.raises(ReadError) as raised:
            sp.load_model(file)
        assert told.get(name, "") in str(raised.value)


def test_killed_writers_leave_a_whole_file_and_nothing_else(tmp_path: Path) -> None:
    assert {wrong for _, wrong in kill(5, 0, tmp_path)} == {""}
