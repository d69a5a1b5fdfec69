"""signalprep report --groups: what cycles belong to, from a column or a part of the cycle ids."""

import json

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.cli._groups import groups_of_option
from signalprep.cli._reading import Reading
from signalprep.errors import InvalidLogError, InvalidParameterError

VEHICLES, TRIPS = ["bus", "bus", "van", "van", "car"], ["1", "2", "1", "2", "1"]


@pytest.fixture
def frame():
    """Five trips of three vehicles, whose current is off by what the vehicle is."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"vehicle": VEHICLES, "trip": TRIPS}).loc[np.repeat(np.arange(5), 60)]
    table["Time [s]"] = np.tile(np.arange(60) / 10, 5)
    table["speed"] = rng.normal(size=300)
    table["current"] = 2 * table["speed"] + table["vehicle"].map({"bus": 1, "van": 2, "car": 3})
    return table.assign(run=table["vehicle"] + table["trip"])


def log_of(frame, cycle):
    frame = frame.drop(columns="trip" if cycle == "run" else "run")
    return sp.as_log(frame, cycle=cycle, time="Time [s]")


def test_groups_are_those_of_a_column_or_of_a_part_of_the_ids(run, frame, tmp_path):
    frame.to_csv(tmp_path / "log.csv", index=False)
    found = []
    for cycle, options in (("vehicle,trip", ("--audit",)), ("run", ("--exclude", "trip"))):
        code, out, err = run(
            "report", "log.csv", "--cycle", cycle, "--groups", "vehicle", "-t", "current",
            "-i", "speed", "--folds", 3, "--json", "tables.json", *options,
        )  # fmt: skip
        assert code in (0, 1), err
        assert "5 cycles, 300 rows, 3 folds, 3 groups kept whole" in out
        found.append(json.loads((tmp_path / "tables.json").read_text(encoding="utf-8")))
    assert found[0]["overall"] == found[1]["overall"]
    assert "together=<Series" in found[0]["audit"]["settings"]["cv"]


def test_a_group_is_what_is_known_of_it_in_a_cycle(frame):
    log = log_of(frame, "run")
    log["vehicle"] = log["vehicle"].where(np.arange(300) % 60 > 5)
    groups = groups_of_option(log, "vehicle", Reading(cycle=["run"]), ["current"])
    assert groups.to_dict() == dict(zip(sp.cycles(log), VEHICLES, strict=True))
    assert groups_of_option(log, None, Reading(cycle=["run"]), ["current"]) is None


def test_any_part_of_the_ids_may_be_the_group(frame):
    log = log_of(frame, ["vehicle", "trip"])
    for name, expected in (("vehicle", VEHICLES), ("trip", TRIPS)):
        groups = groups_of_option(log, name, Reading(cycle=["vehicle,trip"]), ["current"])
        assert groups.to_dict() == dict(zip(sp.cycles(log), expected, strict=True))


@pytest.mark.parametrize(
    ("column", "error", "words"),
    [
        ("run", InvalidParameterError, "'run' of --cycle is another in each"),
        ("current", InvalidParameterError, "neither the target nor an input; got 'current'"),
        ("vehicles", InvalidParameterError, "no signal named 'vehicles'.*did you mean 'vehicle'"),
        ("speed", InvalidLogError, "one value in each cycle; 'speed' has 60 in cycle 'bus1'"),
        ("empty", InvalidLogError, "one value in each cycle; 'empty' has none in cycle 'bus1'"),
    ],
)
def test_columns_that_name_no_groups(frame, column, error, words):
    log = log_of(frame.assign(empty=np.nan), "run")
    with pytest.raises(error, match=words):
        groups_of_option(log, column, Reading(cycle=["run"]), ["current"])


def test_parts_that_cannot_be_told_apart_again(frame):
    log = log_of(frame.assign(vehicle=frame["vehicle"] + "/x"), ["vehicle", "trip"])
    with pytest.raises(InvalidLogError, match=r"'bus/x/1' cannot be taken apart into 2 columns"):
        groups_of_option(log, "vehicle", Reading(cycle=["vehicle", "trip"]), ["current"])
