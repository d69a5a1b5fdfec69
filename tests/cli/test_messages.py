"""Messages of the library name the options of the command line."""

import ast
import inspect
import re
from pathlib import Path

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

import signalprep
from signalprep.cli import app
from signalprep.cli._messages import with_options
from signalprep.io import read_log

SOURCE = Path(signalprep.__file__).parent
SAID = [
    ("truncated='drop' leaves it out", "--truncated drop leaves it out"),
    ("give sep= and decimal=", "give --sep and --decimal"),
    ("name it with time=, or give rate=", "name it with --time, or give --rate"),
    ('time_unit="ms" says so', "--time-unit ms says so"),
    ("as_log(..., time=, rate=9.9) resamples", "--rate 9.9 resamples"),
    ("as_log(..., time='t', rate=9.9)", "--time t --rate 9.9"),
    ("or read_log(..., coerce=True))", "or --coerce)"),
    ('clock="speed", rate=10.', "--clock speed, --rate 10."),
    ('clock="motor speed"', "--clock 'motor speed'"),
    ("or allow_leak=True to study", "or --allow-leak to study"),
    ("read with units=False to keep", "read with --units none to keep"),
    ("header=False, time=False, hold=None", "--no-header, --time none, --hold none"),
    ('hold={"T_coolant": "5s"}', "--hold T_coolant=5s"),
    ("na_values=['---', '?']", "--na '---,?'"),
    ("na_values=['a]b', \"it's}\"]", "--na 'a]b,it'\"'\"'s}'"),
    ("columns=['a, b', 'c']", "--columns '\"a, b\",c'"),
    ("sep='\\t' or sep=' '", "--sep tab or --sep blank"),
    (
        "max_bytes=2.15e+09 allows; raise max_bytes",
        "--max-bytes 2.15e+09 allows; raise --max-bytes",
    ),
    ("a.csv: sep must be one character", "a.csv: --sep must be one character"),
    ("columns= can leave it out", "--columns can leave it out"),
    ("got n_splits=9 and 4 cycles", "got --folds 9 and 4 cycles"),
]
MENTIONED = re.compile(r"\b([a-z][a-z_]*)=(?!=)")
FILES = sorted(
    [
        *SOURCE.glob("io/*.py"),
        *SOURCE.glob("log/*.py"),
        SOURCE / "trial" / "_guards.py",
        SOURCE / "model_selection" / "_folds.py",
    ]
)


@pytest.mark.parametrize(("message", "said"), SAID)
def test_parameters_become_options(message, said):
    assert with_options(message) == said
    assert with_options(said) == said


@pytest.mark.parametrize(
    "message",
    [
        "signal 'rate=5' of \"time=\" in the file's own words",
        "window_length=4 must be odd",
        "resample_rate=4, x.rate=3 and --rate 5",
        "the time of a row, the rate, the units and names must agree",
        "time_unit.csv: no such file",
        "a.csv: time must increase; row 3 goes back",
        "names must stand between the commas",
    ],
)
def test_all_else_stays(message):
    assert with_options(message) == message


@given(st.text(alphabet="=_'\"\\\\[]{}(), .;:-ratemu1\n"), st.sampled_from(SAID))
@example("{:}", SAID[0])
def test_no_message_is_too_odd(noise, said):
    with_options(noise + said[0] + noise)


def messages(file):
    """Give the texts of a module that are no docstrings; what is put into them is a 1."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        if isinstance(parts[0], ast.Constant | ast.FormattedValue):
            text = "".join(
                part.value
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
                else "1"
                for part in parts
            )
            if "\n    " not in text:
                yield text


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
@pytest.mark.parametrize("command", ["check", "report"])
def test_every_parameter_that_a_message_names_has_an_option(file, command):
    known = {*inspect.signature(read_log).parameters, "allow_leak"} - {"check", "progress", "path"}
    options = {
        word
        for each in typer.main.get_command(app).commands[command].params
        for word in (*each.opts, *each.secondary_opts)
    }
    for text in messages(file):
        for name in set(MENTIONED.findall(text)) & known:
            if (name, command) == ("allow_leak", "check"):
                continue  # validates nothing
            said = with_options(text)
            assert not re.search(rf"\b{name}=", said), text
            assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", said)) <= options, said


def test_messages_are_found_to_be_judged():
    found = {name for file in FILES for text in messages(file) for name in MENTIONED.findall(text)}
    assert {"truncated", "sep", "decimal", "columns", "rate", "allow_leak"} <= found
