"""Exported files: what is in them, that they compile and give what Python gives."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from exported_pipelines import FORMATS, a_log, linear, slow_network
from json_schema_subset import violations
from signalprep.embedded import export_c, manifest_schema
from signalprep.errors import InvalidParameterError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)


@pytest.fixture
def export(tmp_path):
    return export_c(linear(), tmp_path / "out", "winding")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_model_gives_the_same_files(export, tmp_path):
    first = contents(export.folder)
    assert sorted(first) == sorted(export.files)
    again = export_c(linear(), tmp_path / "elsewhere" / "deep", "winding")
    assert contents(again.folder) == first
    for text in first.values():
        assert str(tmp_path).encode() not in text


def test_the_manifest_follows_its_schema_and_knows_the_files(export):
    found = json.loads((export.folder / "manifest.json").read_text(encoding="utf-8"))
    schema = manifest_schema()
    assert violations(found, schema, schema) == []
    assert [entry.pop("channel") for entry in found["inputs"]] == list(FORMATS)
    assert found["inputs"][2] == {
        "lsb": 0.1, "offset": -40.0, "bits": 12, "signed": False, "not_available": 4095,
    }  # fmt: skip
    assert found["training_cycles"] == ["a", "b", "c"]
    assert found["sample_time"] == 0.1
    files = contents(export.folder)
    assert sorted(found["sha256"]) == sorted(set(files) - {"manifest.json"})
    for name, digest in found["sha256"].items():
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_the_vectors_are_what_the_model_gives(export):
    path = export.folder / "winding_vectors.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64)
    borders = np.flatnonzero(np.diff(table[:, 0])) + 1
    for rows in np.split(table, borders):
        found = export.model.predict_codes(rows[:, 1:4], codes=True)
        np.testing.assert_array_equal(found, rows[:, 4:6])
        np.testing.assert_array_equal(export.model.status(rows[:, 1:4], codes=True), rows[:, 6])
    assert set(np.bitwise_or.reduce(table[:, 6:7])) == {15}  # every bit of the status is tried


def test_nothing_of_a_channel_name_reaches_the_c(export):
    text = (export.folder / "winding_example.c").read_text(encoding="ascii")
    assert " * raw[1]: <U+00B5><U+002A>/ <U+00FC>ber\n" in text


@needs_gcc
def test_every_output_is_that_of_python(export):
    seeded = export.verify(n_rows=5000)
    assert (seeded.ok, seeded.answer, seeded.n_rows) == (True, "pass", 5000), repr(seeded)
    assert list(seeded.table.index) == ["-O0", "-O2", "UBSan", "bytes of 16 bits"]
    own = export.verify(a_log())
    assert own.ok, repr(own)
    assert (own.n_rows, own.n_segments) == (600, 3)
    assert "pass, 600 rows in 3 segments (of X)" in repr(own)


@needs_gcc
@pytest.mark.parametrize("asked", [{"n_rows": 0}, {"n_rows": 1.5}, {"seed": -1}], ids=str)
def test_rows_that_cannot_be_made_are_refused(export, asked):
    with pytest.raises(InvalidParameterError, match=f"{next(iter(asked))} must be an int"):
        export.verify(**asked)


def test_parts_that_run_at_times_are_those_of_python_too(tmp_path):
    found = export_c(slow_network(), tmp_path, "other").verify(n_rows=3000)
    assert found.ok, repr(found)


@needs_gcc
def test_the_example_runs(export, tmp_path):
    files = [export.folder / name for name in ("winding.c", "winding_example.c")]
    built = tmp_path / "example"
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Werror", "-o", built, *files], check=True)
    done = subprocess.run([built], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n0 not as expected\n")


@needs_gcc
def test_what_is_changed_by_hand_is_found(export):
    path = export.folder / "winding.c"
    text = path.read_text(encoding="ascii")
    dropped = text.replace("return (above > high) ? high : above;", "(void)high; return above;")
    assert dropped != text
    path.write_text(dropped, encoding="ascii")
    found = export.verify(n_rows=500)
    assert (found.ok, found.answer) == (False, "fail")
    assert (found.table["outputs"] > 0).all()
    assert found.messages[0].startswith("-O0: row ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2nd", "identifier"), ("a b", "identifier"), ("_a", "identifier"), ("ü", "identifier"),
        ("a" * 25, "at most 24"), ("while", "keyword"), (7, "identifier"),
    ],
)  # fmt: skip
def test_a_name_that_c_does_not_take_is_refused(tmp_path, name, words):
    with pytest.raises(InvalidParameterError, match=words):
        export_c(linear(), tmp_path, name)


def test_another_export_is_not_mixed_with_this_one(export):
    before = contents(export.folder)
    with pytest.raises(InvalidParameterError, match=r"'winding': remove that, or"):
        export_c(linear(), export.folder, "other")
    assert contents(export.folder) == before
    export_c(linear(), export.folder, "winding")


def test_what_fails_is_not_exported_unless_forced(tmp_path):
    fails = SimpleNamespace(answer="fail")
    with pytest.raises(InvalidParameterError, match="force=True"):
        export_c(linear(), tmp_path / "a", "m", evidence=fails)
    assert not (tmp_path / "a").exists()
    export_c(linear(), tmp_path / "a", "m", evidence=fails, force=True)
    told = export_c(linear(), tmp_path / "b", "m", evidence=SimpleNamespace(answer="cannot tell"))
    found = json.loads((told.folder / "manifest.json").read_text(encoding="utf-8"))
    assert violations(found, manifest_schema(), manifest_schema()) == []
    assert found["evidence"] == {"answer": "cannot tell", "forced": False}
    assert 'said "cannot tell"' in (told.folder / "README.md").read_text(encoding="utf-8")
    with pytest.raises(InvalidParameterError, match="evidence must have an answer.*got dict"):
        export_c(linear(), tmp_path / "c", "m", evidence={})
    with pytest.raises(InvalidParameterError, match="must be an IntegerModel"):
        export_c(a_log(), tmp_path, "m")
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidParameterError, match="must be a folder"):
        export_c(linear(), tmp_path / "file", "m")
