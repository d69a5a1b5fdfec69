"""The committed sample data is what its script makes."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from signalprep.datasets._sensors import SENSORS

SAMPLE_DATA = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folders = [tmp_path_factory.mktemp("sample_data") for _ in range(2)]
    main = runpy.run_path(str(SAMPLE_DATA / "make_sample_data.py"))["main"]
    for folder in folders:
        main(folder)
    return folders


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.csv.gz"))


def test_the_script_gives_the_same_bytes_twice(made):
    one, two = made
    assert names(one) == names(two)
    for name in names(one):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_committed_files_hold_what_the_script_gives(made):
    assert names(SAMPLE_DATA) == names(made[0])
    for name in names(SAMPLE_DATA):
        committed, fresh = (pd.read_csv(folder / name) for folder in (SAMPLE_DATA, made[0]))
        assert list(committed.columns) == list(fresh.columns)
        assert len(committed) == len(fresh)
        for column in committed:
            sensor = SENSORS.get(column.split(" ")[0])
            step = 0.0 if column.startswith("time") else 0.25 if sensor is None else sensor.step
            np.testing.assert_allclose(committed[column], fresh[column], rtol=0, atol=1.01 * step)


def test_twenty_four_small_drive_cycles_with_a_gap_and_an_early_stop():
    files = sorted((SAMPLE_DATA / "drive_cycles").glob("*.csv.gz"))
    assert len(files) == 24
    assert sum(file.stat().st_size for file in files) <= 6e6
    tables = {file.name: pd.read_csv(file) for file in files}
    gaps = {name: t["time [s]"].diff().max() for name, t in tables.items()}
    assert {name for name, gap in gaps.items() if gap > 1.0} == {"cycle_09_city.csv.gz"}
    lasts = {name: t["time [s]"].iloc[-1] for name, t in tables.items()}
    assert min(lasts, key=lasts.__getitem__) == "cycle_17_city.csv.gz"


def test_phase_currents_are_two_seconds_at_ten_kilohertz():
    (file,) = (SAMPLE_DATA / "phase_currents").glob("*.csv.gz")
    table = pd.read_csv(file)
    assert list(table.columns) == ["time [s]", "i_a [A]", "i_b [A]", "i_c [A]", "theta [rad]"]
    np.testing.assert_allclose(table["time [s]"], np.arange(20_000) / 1e4, rtol=0, atol=1e-9)
    assert table["theta [rad]"].between(0.0, 2.0 * np.pi, inclusive="left").all()
