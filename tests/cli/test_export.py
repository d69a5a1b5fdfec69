"""signalprep export: from a stored model to C, and what it says on the way."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.embedded import QuantizedRegressor

pytest.importorskip("skops")
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
ON_LOG = ("--log", "log.csv", "--target", "speed")
FORMATS = {"speed": {"lsb": 0.01}, "torque": {"lsb": 0.002, "bits": 14}}


@pytest.fixture
def stored(tmp_path):
    """A model, the formats of its channels, and a log."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(200, 2)).cumsum(axis=0), columns=list(FORMATS))
    log = sp.as_log(table, rate=10.0)
    model = sp.make_pipeline(sp.Scaler(), Ridge()).fit(log, log["speed"])
    sp.persistence.save_model(model, tmp_path / "winding-1.skops")
    (tmp_path / "f.json").write_text(json.dumps(FORMATS), encoding="utf-8")
    table.assign(time=np.arange(200) / 10).to_csv(tmp_path / "log.csv", index=False)
    return ("winding-1.skops", "--formats", "f.json", "--output", "out")


@needs_gcc
def test_exports_and_verifies(run, stored, tmp_path):
    code, out, err = run("export", *stored, "--verify")
    assert (code, err) == (0, "")
    assert "Verification: pass, 100,000 rows" in out
    assert "adversarial" in out
    assert (tmp_path / "out" / "winding_1.c").is_file()
    other = ("--output", "other", "--name", "w")
    code, out, err = run("export", *stored, *other, "--verify", "--log", "log.csv")
    assert (code, err) == (0, "")
    assert "pass, 200 rows in 1 segments (of X)" in out


def test_a_difference_ends_with_1(run, stored, monkeypatch):
    from signalprep import embedded

    class Found:
        ok = False

    monkeypatch.setattr(embedded.Export, "verify", lambda self, X: Found())
    code, out, _ = run("export", *stored, "--verify")
    assert code == 1
    assert "Found" in out


def test_what_is_missing_is_named_with_its_package(run, stored, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    code, _, err = run("export", *stored, "--verify")
    assert code == 2
    assert err == "signalprep: gcc is not installed; in Debian: apt-get install gcc\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON"), ("[]", "must hold an object"), ('{"speed": 1}', "must be an object"),
        ('{"speed": {"lsb": 0}, "torque": {"lsb": 1}}', "lsb must be a number above 0"),
        ('{"speed": {"lsb": 1, "bit": 8}}', "offset, bits, signed, not_available"),
        ('{"speed": {"lsb": 1}}', "it has none for 'torque'"),
        ('{"speed": {"lsb": 1}, "speed": {"lsb": 1}}', "there twice"),
    ],
)  # fmt: skip
def test_formats_that_cannot_be_take_one_line(run, stored, tmp_path, text, words):
    (tmp_path / "f.json").write_text(text, encoding="utf-8")
    code, _, err = run("export", *stored)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--log", "log.csv"), "--log needs --verify or --target"),
        (("--name", "9"), "identifier of C"),
        (("--weight-bits", "99"), "--weight-bits must be an int from 2 to 16"),
        (("--calibration", "nix.csv"), "nix.csv: no such file"),
        (("--limit", "rmse=1"), "--limit needs --log"),
        (("--log", "log.csv", "--regimes", "speed=2"), "--regimes needs --target"),
        (("--target", "speed"), "--target needs --log"),
        ((*ON_LOG, "--strict"), "--strict needs a --limit"),
        ((*ON_LOG, "--limit", "rmse=5x"), "--limit must look like 'rmse=5%,p95=0.2'"),
        ((*ON_LOG, "--limit", "r2=5%"), "limit of r2 must be a number"),
        (("--log", "log.csv", "--target", "sped"), "no signal named 'sped' in the log"),
    ],
)
def test_other_errors_take_one_line(run, stored, options, words):
    code, _, err = run("export", *stored, *options)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_a_log_without_a_channel_is_named(run, stored, tmp_path):
    (tmp_path / "few.csv").write_text("time,speed\n0.0,1\n0.1,2\n", encoding="utf-8")
    for option in (("--verify", "--log"), ("--calibration",)):
        code, _, err = run("export", *stored, *option, "few.csv")
        assert code == 2
        assert "no signal named 'torque' in 'few.csv'" in err


@pytest.mark.parametrize(("warm_up", "rows"), [("7", 7), ("2s", 20)])
def test_a_warm_up_is_rows_or_a_duration(run, stored, tmp_path, warm_up, rows):
    code, out, err = run("export", *stored, "--warm-up", warm_up)
    assert (code, err) == (0, "")
    assert "at most" in out.splitlines()[3]  # what it costs, on lines of its own
    text = (tmp_path / "out" / "winding_1.c").read_text(encoding="utf-8")
    assert f"< (int32_t){rows + 1})" in text


@pytest.fixture
def drives(stored, tmp_path):
    """Eight cycles of another log; high speeds are beyond what the 16 bits of the format hold."""
    rng = np.random.default_rng(1)
    for k in range(8):
        speed = np.tile([2.0, 400.0], 30) + rng.normal(size=60)
        table = pd.DataFrame({"time": np.arange(60) / 10, "speed": speed, "torque": speed % 7})
        (tmp_path / "drives").mkdir(exist_ok=True)
        table.to_csv(tmp_path / "drives" / f"{k}.csv", index=False)
    return (*stored, "--log", "drives", "--target", "speed", "--regimes", "speed=-9:9:500")


def test_a_loss_beyond_its_limit_is_not_exported_unless_forced(run, drives, tmp_path):
    code, out, err = run("export", *drives, "--limit", "rmse=0.001,p95=5%")
    assert code == 1
    assert err == "not exported: a limit fails (--force writes it all the same)\n"
    assert "speed in input: 100 % at speed [9, 500]" in out
    assert "fail: speed [9, 500]: RMSE" in out
    assert not (tmp_path / "out").exists()
    code, out, err = run("export", *drives, "--limit", "rmse=0.001", "--force")
    assert (code, err) == (1, "")
    assert "export: winding_1.c" in out
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert '**Forced: the evidence given said "fail"' in readme
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["evidence"] == {"answer": "fail", "forced": True}


@pytest.mark.parametrize(
    ("options", "code", "evidence"),
    [
        ((), 0, None),
        (("--limit", "rmse=1000"), 0, {"answer": "pass", "forced": False}),
        (("--limit", "max=1000"), 3, {"answer": "cannot tell", "forced": False}),
        (("--limit", "max=1000", "--strict"), 1, {"answer": "cannot tell", "forced": False}),
    ],
)
def test_a_loss_is_told_and_written_down(run, drives, tmp_path, options, code, evidence):
    found, out, err = run("export", *drives, *options)
    assert (found, err) == (code, "")
    assert "quantized minus reference, 8 cycles, 480 rows" in out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["evidence"] == evidence


def test_a_model_that_is_quantized_needs_no_formats(run, drives, tmp_path):
    log = sp.read_log(tmp_path / "drives")
    model = sp.make_pipeline(sp.Scaler(), Ridge())
    model = QuantizedRegressor(model).fit(log[list(FORMATS)], log["speed"])
    sp.persistence.save_model(model, tmp_path / "q.skops")
    given = ("q.skops", "--output", "out", "--log", "drives", "--target", "speed")
    code, out, err = run("export", *given, "--limit", "rmse=1")
    assert (code, err) == (0, "")
    assert "8 cycles were trained on" in out
    code, _, err = run("export", *given, "--formats", "f.json")
    assert code == 2
    assert "this QuantizedRegressor has been fitted with its own" in err
    code, _, err = run("export", "winding-1.skops", "--output", "out")
    assert code == 2
    assert "--formats is needed, as the model is in float" in err
