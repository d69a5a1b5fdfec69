"""Files as a logger writes them, and the command line run on them."""

import sys

import numpy as np
import pandas as pd
import pytest

from signalprep.cli import main


@pytest.fixture
def folder(tmp_path):
    """Four small drive cycles, one file each, as a logger writes them."""
    rng = np.random.default_rng(0)
    path = tmp_path / "trips"
    path.mkdir()
    for k, n in enumerate((150, 120, 180, 140)):
        speed = rng.normal(size=n).cumsum()
        table = pd.DataFrame({"Time [s]": np.arange(n) / 10, "Speed [km/h]": speed})
        table["Torque [Nm]"] = rng.normal(size=n)
        table["Current [A]"] = 2 * speed + table["Torque [Nm]"]
        table.to_csv(path / f"trip{k}.csv", sep=";", decimal=",", index=False, encoding="latin-1")
    return path


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line; give its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["signalprep", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture
def labelled(folder):
    """The same with a column that says in which state the drive is, in words and as a number."""
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        forward = table["Speed [km/h]"] + table["Torque [Nm]"] > 0
        table["state"] = np.where(forward, "forward", "back")
        table["code"] = forward.astype(int)
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    return folder
