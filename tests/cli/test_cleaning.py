"""The default job cleans: limits, spikes of inputs, target samples that are not to be believed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import signalprep as sp

OPTIONS = ("--target", "Temp", "--spans", "1s", "--folds", "3")


@pytest.fixture
def spiky(tmp_path):
    """Six slow drives; each with a spike in speed and in the target, one beyond what can be."""
    rng = np.random.default_rng(0)
    path = tmp_path / "drives"
    path.mkdir()
    for k in range(6):
        n = 120
        speed = 50 + 20 * np.sin(np.arange(n) / 20 + k) + 0.1 * rng.normal(size=n)
        load = np.sin(np.arange(n) / 30 + 2 * k) + 0.01 * rng.normal(size=n)
        temperature = 40 + 0.2 * speed + 5 * load + 0.05 * rng.normal(size=n)
        speed[60] += 900.0
        temperature[40 + k] += 30.0
        temperature[80:83] = 999.0  # a broken wire, longer than a spike
        table = {"Time [s]": np.arange(n) / 10, "Speed": speed, "Load": load, "Temp": temperature}
        pd.DataFrame(table).to_csv(path / f"d{k}.csv", index=False)
    return path


def tables_of(run, *words):
    code, out, err = run("report", *words, "--json", "tables.json")
    assert code == 0, err
    with open("tables.json", encoding="utf-8") as file:
        return json.load(file), out


def test_the_command_is_the_library(run, spiky):
    tables, _ = tables_of(run, spiky, *OPTIONS, "--limits", "Speed=0:300,Temp=:200")
    log = sp.read_log(spiky)
    target = log[["Temp"]]
    beyond = target > 200.0
    believed = target.mask(beyond)
    spikes = (
        sp.HampelFilter(7, 20.0, min_scale="typical", nan_policy="omit")
        .fit(believed)
        .flag(believed)
    )
    omit = (beyond | spikes)["Temp"]
    model = sp.make_pipeline(
        sp.PhysicalLimits({"Speed": (0, 300)}),
        sp.HampelFilter(7, 10.0, min_scale="typical"),
        sp.ExponentialFeatures(spans=["1s"]),
        sp.Scaler(),
        sp.CycleRidgeCV(),
    )
    found = sp.validate(model, log[["Speed", "Load"]], log["Temp"], cv=3, omit=omit)
    assert tables["overall"]["rmse"] == pytest.approx(found.overall["rmse"], rel=1e-9)
    cleaning = tables["cleaning"]
    assert cleaning["omitted"]["n"] == omit.sum() == 6 * 4
    assert cleaning["omitted"]["rmse_all"] > 10 * cleaning["omitted"]["rmse"]
    assert cleaning["touched"][0] == {
        "step": "physicallimits", "channel": "Speed", "n": 6, "share": 6 / 720,
    }  # fmt: skip


def test_it_can_be_switched(run, spiky):
    whole, _ = tables_of(run, spiky, *OPTIONS, "--clean", "none")
    assert whole["cleaning"] is None
    assert whole["overall"]["n"] == 720
    part, _ = tables_of(run, spiky, *OPTIONS, "--clean", "target", "--limits", "Temp=:200")
    assert part["cleaning"]["touched"] == []
    assert part["overall"]["n"] == 720 - 24
    both, _ = tables_of(run, spiky, *OPTIONS, "--clean", "hampel,target")
    assert {each["step"] for each in both["cleaning"]["touched"]} == {"hampelfilter"}
    page = Path("report.html").read_text(encoding="utf-8")
    assert "left out of fits and scores" in page


def test_no_cell_is_of_spikes_alone(run, spiky):
    cells = {}
    for way in ("all", "none"):
        tables, _ = tables_of(
            run, spiky, *OPTIONS, "--clean", way, "--regimes", "Speed=0:40:60:100:2000"
        )
        cells[way] = {cell["regime"]["Speed"] for cell in tables["by_regime"] if cell["n"]}
    assert cells["none"] - cells["all"] == {"[100, 2000]"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--clean", "spikes"), "--clean must be all, none, or some of limits, hampel, target"),
        (("--limits", "Speed"), "--limits must look like 'coolant=-40:150,speed=:2000'"),
        (("--limits", "Speed=:"), "--limits must look like"),
        (("--limits", "Speed=a:b"), "--limits must look like"),
        (("--limits", "Speed=0:nan"), "--limits must look like"),
        (("--limits", "Speed=0:1,Speed=0:2"), "'Speed' is twice"),
        (("--limits", "Sped=0:1"), "did you mean 'Speed'?"),
        (("--limits", "Speed=9:1"), "low <= high"),
        (("--output", "a.html", "--json", "./a.html"), "must name two files"),
    ],
)
def test_refusals(run, spiky, words, told):
    code, _, err = run("report", spiky, *OPTIONS, *words)
    assert code == 2
    assert told in err


def test_a_pipeline_cleans_by_its_own_steps(run, spiky, tmp_path):
    file = tmp_path / "pl.py"
    file.write_text(
        "from sklearn.linear_model import Ridge\n"
        "def build(): return Ridge()\n"
        "def none(): Ridge()\n"
        "def kind(): return Ridge\n"
    )
    own = ("--target", "Temp", "--folds", "3", "--pipeline", f"{file}:build")
    tables, _ = tables_of(run, spiky, *own)
    assert tables["cleaning"] is None
    tables, _ = tables_of(run, spiky, *own, "--clean", "all", "--limits", "Temp=:200")
    assert tables["cleaning"]["omitted"]["n"] == 24
    code, _, err = run("report", spiky, *own, "--clean", "hampel")
    assert code == 2
    assert "--clean target cleans the target" in err
    for name in ("none", "kind"):
        code, _, err = run("report", spiky, "--target", "Temp", "--pipeline", f"{file}:{name}")
        assert code == 2
        assert f"{name} of {file} must return an estimator" in err
