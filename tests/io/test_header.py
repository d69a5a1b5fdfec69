"""Names and units out of headers."""

from __future__ import annotations

import pytest

from signalprep.io._files import cycle_name, natural_key
from signalprep.io._header import Header, split_unit


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Motor Torque [Nm]", ("Motor Torque", "Nm")),
        ("max. SoC [%)", ("max. SoC", "%")),
        ("Temperature Vent right [°C] ", ("Temperature Vent right", "°C")),
        ("Longitudinal Acceleration [m/s^2]", ("Longitudinal Acceleration", "m/s^2")),
        ("speed[rpm]", ("speed", "rpm")),
        ("Torque (Nm)", ("Torque", "Nm")),
        ("n (1/min)", ("n", "1/min")),
        ("u_d (mV)", ("u_d", "mV")),
        ("Flow (l/h)", ("Flow", "l/h")),
        ("a (m/s²)", ("a", "m/s²")),
        ("Torque (measured)", ("Torque (measured)", None)),
        ("Vent right (2)", ("Vent right (2)", None)),
        ("u[0]", ("u[0]", None)),
        ("slip [1]", ("slip", "1")),
        ("ratio [-]", ("ratio", "-")),
        ("ratio []", ("ratio", None)),
        ("[Nm]", ("[Nm]", None)),
        ("Regenerative Braking Signal ", ("Regenerative Braking Signal", None)),
        ("Coolant Volume Flow +500 [l/h]", ("Coolant Volume Flow +500", "l/h")),
    ],
)
def test_split_unit(header, expected):
    assert split_unit(header) == expected


def test_names_do_not_depend_on_what_a_suffix_collides_with():
    header = Header.from_raw(["a", "a (2)", "a", "", ""], split=True)
    assert header.names == ["a", "a (2)", "a (3)", "unnamed 4", "unnamed 5"]
    assert header.renamed == [["a", "a (3)"], ["", "unnamed 4"], ["", "unnamed 5"]]


def test_find_prefers_the_exact_name():
    header = Header.from_raw(["u [V]", "u [V] ", "U"], split=True)
    assert header.find("u", "columns", "f") == 0
    assert header.find("u [V] ", "columns", "f") == 1
    assert header.find("u (2)", "columns", "f") == 1
    assert header.find("U", "columns", "f") == 2


def test_cycle_names_and_order(tmp_path):
    names = ["trip10.csv.gz", "trip2.CSV", "trip.1.parquet", "gz.gz", ".csv"]
    known = (".csv", ".parquet")
    assert [cycle_name(tmp_path / name, known) for name in names] == [
        "trip10",
        "trip2",
        "trip.1",
        "gz",
        ".csv",
    ]
    assert sorted(["b1", "a10", "a9", "7"], key=natural_key) == ["7", "a9", "a10", "b1"]
