"""The options that tell how a log is to be read: both commands have them, and they arrive."""

import inspect
from dataclasses import fields

import pandas as pd
import pytest
import typer

import signalprep.io
from signalprep.cli import app
from signalprep.cli._reading import Reading, option_of

OWN = {"path", "check", "n_jobs", "progress"}
"""Parameters of read_log that a command sets itself."""
ARRIVES = [
    ("--cycle trip", "cycle", "trip"),
    ("--cycle reset", "cycle", "reset"),
    ("--cycle vehicle,trip", "cycle", ["vehicle", "trip"]),
    ("--cycle vehicle --cycle trip", "cycle", ["vehicle", "trip"]),
    ("--cycle trip,trip", "cycle", ["trip", "trip"]),
    ('--cycle "a,b"', "cycle", "a,b"),
    ('--cycle "a,b",c', "cycle", ["a,b", "c"]),
    ("--time t", "time", "t"),
    ("--time none", "time", False),
    ("--time date,clock", "time", ["date", "clock"]),
    ("--rate 9.9", "rate", 9.9),
    ("--clock speed", "clock", "speed"),
    ("--columns a,b --columns c", "columns", ["a", "b", "c"]),
    ("--names b,a", "names", ["b", "a"]),
    ("--pattern **/*.csv", "pattern", "**/*.csv"),
    ("--sep tab", "sep", "\t"),
    ("--sep \\t", "sep", "\t"),
    ("--sep blank", "sep", " "),
    ("--sep semicolon", "sep", ";"),
    ("--sep |", "sep", "|"),
    ("--decimal ,", "decimal", ","),
    ("--decimal point", "decimal", "."),
    ("--thousands apostrophe", "thousands", "'"),
    ("--encoding utf-16", "encoding", "utf-16"),
    ("--skip 0", "skip", 0),
    ("--skip 7", "skip", 7),
    ("--header", "header", True),
    ("--no-header", "header", False),
    ("--units omega_m=rad/s,T=degC", "units", {"omega_m": "rad/s", "T": "degC"}),
    ("--units none", "units", False),
    ("--na ---,n.a. --na ?", "na_values", ["---", "n.a.", "?"]),
    ("--long-form signal,value", "long_form", {"name": "signal", "value": "value"}),
    ("--long-form s,v,u", "long_form", {"name": "s", "value": "v", "unit": "u"}),
    ("--time-unit ms", "time_unit", "ms"),
    ("--time-format %d.%m.%Y", "time_format", "%d.%m.%Y"),
    ("--coerce", "coerce", True),
    ("--truncated drop", "truncated", "drop"),
    ("--duplicates last", "duplicates", "last"),
    ("--jitter 0", "jitter", 0.0),
    ("--interpolate linear", "interpolate", "linear"),
    ("--interpolate a,b", "interpolate", ["a", "b"]),
    ("--hold 5s", "hold", "5s"),
    ("--hold 0.5", "hold", 0.5),
    ("--hold none", "hold", None),
    ("--hold T=5s,speed=none", "hold", {"T": "5s", "speed": None}),
    ("--start first", "start", "first"),
    ("--ages", "ages", True),
    ("--reduce mean", "reduce", "mean"),
    ("--max-bytes 8e9", "max_bytes", 8_000_000_000),
]


@pytest.fixture
def given(run, monkeypatch):
    """Run a command; give what it hands to read_log."""

    def call(command, *options):
        seen = {}

        def read_log(path, start="first", **arguments):
            seen.update(arguments, path=path, start=start)
            raise signalprep.errors.ReadError("seen")

        monkeypatch.setattr(signalprep.io, "read_log", read_log)
        target = ("--target", "a") if command == "report" else ()
        code, _, err = run(command, "trips", *target, *options)
        assert (code, err) == (2, "signalprep: seen\n"), err
        return seen

    return call


@pytest.mark.parametrize(("words", "parameter", "value"), ARRIVES)
def test_an_option_arrives(given, words, parameter, value):
    options = words.split()
    seen = given("check", *options)
    assert seen[parameter] == value
    assert type(seen[parameter]) is type(value)
    assert set(seen) - {"path", "check", "progress", "start"} <= {parameter}
    assert given("report", *options)[parameter] == value


def test_every_option_is_tried():
    assert {parameter for _, parameter, _ in ARRIVES} == {field.name for field in fields(Reading)}


@pytest.mark.parametrize("command", ["check", "report"])
def test_nothing_is_handed_over_that_was_not_given(given, command):
    seen = given(command)
    assert set(seen) == {"path", "check", "progress", "start"}
    assert seen["start"] == "common"


@pytest.mark.parametrize("command", ["check", "report"])
def test_all_that_read_log_takes_has_an_option(command):
    parameters = set(inspect.signature(signalprep.io.read_log).parameters) - OWN
    assert parameters <= {field.name for field in fields(Reading)}
    known = typer.main.get_command(app).commands[command].params
    options = {word for each in known for word in (*each.opts, *each.secondary_opts)}
    for field in fields(Reading):
        assert set(option_of(field.name).split("/")) <= options


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hold", "T=5s,T=6s"), "--hold must name a channel once; 'T' is twice"),
        (("--hold", "=5s"), "--hold must look like"),
        (("--units", "rad/s"), "--units must look like 'omega_m=rad/s,T=degC'; got 'rad/s'"),
        (("--long-form", "a"), "--long-form must be two or three columns"),
        (("--max-bytes", "much"), "--max-bytes must be a number of bytes"),
        (("--columns", ","), "names must stand between the commas"),
        (("--na", ","), "stand between the commas"),
        (("--truncated", "maybe"), "--truncated must be 'raise', 'drop' or 'keep'; got 'maybe'"),
        (("--decimal", ";"), "--decimal must be '.' or ','; got ';'"),
        (("--sep", "ab"), "--sep must be one character; got 'ab'"),
        (("--skip", "x"), "skip"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(run, folder, words, message):
    for command in (("check", folder), ("report", folder, "--target", "Current")):
        code, _, err = run(*command, *words)
        assert code == 2
        assert message in err
        assert len(err.strip().splitlines()) == 1


def test_a_file_that_was_cut_off_is_read_as_its_error_says(run, folder):
    with (folder / "trip1.csv").open("a", encoding="latin-1") as file:
        file.write("12,0;2")
    for command in (("check", folder), ("report", folder, "--target", "Current", "--folds", 2)):
        code, _, err = run(*command)
        assert code == 2
        assert "--truncated drop leaves it out" in err
        code, _, err = run(*command, "--truncated", "drop")
        assert code == 0, err


def test_a_table_without_header_or_time_is_read_with_options(run, folder, tmp_path):
    table = pd.read_csv(folder / "trip0.csv", sep=";", decimal=",", encoding="latin-1")
    table.iloc[:, 1:].to_csv("a.txt", sep="\t", decimal=",", index=False, header=False)
    options = ("--names", "v,M,I", "--sep", "tab", "--decimal", "comma", "--rate", 10)
    code, out, err = run("check", "a.txt", *options)
    assert code == 0, err
    assert "1 cycles, 150 rows, 3 channels, 10 Hz: usable" in out
