"""From files as they come to a report, by the options that the messages name and no others."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pandas as pd
import pytest

N = 150
N_FILES = 4
OPTION = re.compile(r"--[a-z][a-z-]*")


@pytest.fixture
def drives(tmp_path):
    """Write some drives: a function of the table of each, and how it is written."""

    def write(change=None, **options):
        folder = tmp_path / "drives"
        folder.mkdir()
        for k in range(N_FILES):
            rng = np.random.default_rng(k)
            speed = rng.normal(size=N).cumsum().round(3) + 200.5
            frame = pd.DataFrame({"time": np.arange(N) / 10, "speed": speed})
            frame["torque"] = rng.normal(size=N).round(3)
            frame["temp"] = (30.5 + speed / 50 + 0.1 * frame["torque"]).round(3)
            frame = frame if change is None else change(frame)
            text = frame if isinstance(frame, str) else frame.to_csv(index=False, **options)
            (folder / f"run{k}.csv").write_text(text, encoding="utf-8")
        return folder

    return write


def report(run, folder, *options):
    return run("report", folder, "--target", "temp", "--folds", 2, *options)


COUNTERS = {
    "Record": (lambda n: np.arange(n) + 7, "counts rows"),
    "No.": (lambda n: np.arange(n)[::-1], "counts rows"),
    "Every ten": (lambda n: 10.0 * np.arange(n), "counts rows"),
    "Step Time": (lambda n: np.arange(n) % 50 / 10, "time"),
    "Uptime": (lambda n: 100 * np.arange(n) + 12_345, "ms"),
    "Minutes": (lambda n: (np.arange(n) / 600).round(6), "min"),
    "Test Days": (lambda n: 45_413 + np.arange(n) / 864_000, "days"),
    "MsgCounter": (lambda n: np.arange(n) % 16, "counts rows and begins anew"),
    "seconds as whole": (lambda n: np.arange(n) // 10, "s"),
}


@pytest.mark.parametrize("name", COUNTERS)
def test_what_counts_is_no_input_unless_named(run, drives, name):
    values, words = COUNTERS[name]
    folder = drives(lambda frame: frame.assign(**{name: values(N)}))
    code, _, err = report(run, folder)
    assert code == 0, err
    assert re.search(rf"left out because it only [^\n]*{words}[^\n]*: {name!r}", err), err
    code, _, err = report(run, folder, "--inputs", f"speed,torque,{name}")
    assert code == 0
    assert "left out" not in err


@pytest.mark.parametrize("name", ["", "Index", "Unnamed: 0"])
def test_the_index_of_a_frame_is_no_input_whatever_its_name(run, drives, name):
    folder = drives(lambda frame: frame.rename_axis(name).reset_index())
    code, _, err = report(run, folder)
    assert code == 0, err
    assert "counts rows" in err


def test_a_ramp_and_a_warming_motor_are_no_counters(run, drives):
    ramps = {"ramp": np.minimum(np.arange(N) * 2.0, 200.0), "warm": 30 + np.sqrt(np.arange(N))}
    code, _, err = report(run, drives(lambda frame: frame.assign(**ramps)))
    assert code == 0
    assert "left out" not in err


SPARSE = {
    "torque every 5th, temp every 10th": {"torque": 5, "temp": 10},
    "temp every 2nd": {"temp": 2},
    "speed every 3rd": {"speed": 3},
    "all but torque": {"speed": 4, "temp": 25},
}


@pytest.mark.parametrize("case", SPARSE)
def test_channels_at_several_rates_go_on_as_the_message_says(run, drives, case):
    def blanks(frame):
        for name, every in SPARSE[case].items():
            frame[name] = frame[name].where(frame.index % every == 0)
        return frame

    folder = drives(blanks, sep=";")
    code, _, err = report(run, folder)
    assert code == 2
    for name, every in SPARSE[case].items():
        assert f"{name} {10 / every:.4g} Hz" in err
    advised = re.findall(r"--(?:clock|rate) \S+", err)
    assert len(advised) == 2, err
    for way in advised:
        code, _, err = report(run, folder, *shlex.split(way))
        assert code == 0, err
        assert "left out for missing values" not in err


@pytest.mark.parametrize(
    ("word", "column"),
    [*((word, "temp") for word in ("---", "#NV", "-", "")), ("n.a.", "torque"), ("?", "torque")],
)
def test_words_for_no_value_need_no_option(run, drives, word, column):
    def marked(frame):
        frame[column] = frame[column].astype(object).mask(frame.index.isin([18, 19]), word)
        return frame

    code, _, err = report(run, drives(marked))
    assert code == 0, err
    assert column in err
    assert "left out" in err


def edited(line, text):
    """Another text of a line (from 1) of each file."""

    def edit(frame):
        lines = frame.to_csv(index=False).splitlines()
        lines[line - 1] = text
        return "\n".join([*lines, ""])

    return edit


def with_times(times):
    return lambda frame: frame.assign(time=times)


def polled(frame):
    steps = np.random.default_rng(1).choice([0.09, 0.12], N)
    return frame.assign(time=np.round(np.cumsum(steps), 2))


def below_settings(frame):
    settings = "".join(f"key {k},{k}\n" for k in range(2 * N))
    return settings + frame.to_csv(index=False)


def in_thousands(frame):
    frame["speed"] = [f"{1000 + k:,}".replace(",", ".") for k in frame.index]
    return frame.astype(str).apply(lambda c: c if c.name == "speed" else c.str.replace(".", ","))


def repeated(frame):
    return frame.assign(time=frame["time"].mask(frame.index == 9, 0.8))


def dated(frame):
    stamps = pd.Timestamp("2024-03-05 10:00") + pd.to_timedelta(frame["time"] * 10, unit="s")
    return frame.assign(time=stamps.dt.strftime("%m/%d/%Y %H:%M:%S"))


REFUSED = {
    "a row cut off": (lambda f: f.to_csv(index=False) + "15.0,20", "--truncated"),
    "a word of the bench": (edited(19, "1.7,200.5,defekt,31"), "--na"),
    "a typing error": (edited(19, "1.7,200.5,0.1l,31"), "--coerce"),
    "epoch ms": (with_times([1_726_650_000_123 + 100 * k for k in range(N)]), "--time-unit"),
    "ms of the day": (with_times([36_000_000 + 100 * k for k in range(N)]), "--time-unit"),
    "digits": (with_times([20_240_501_120_000 + k for k in range(60)] + [
        20_240_501_120_100 + k for k in range(60)] + [20_240_501_120_200 + k for k in range(30)],
    ), "--time-format"),
    "day or month": (dated, "--time-format"),
    "uneven steps": (polled, "--rate"),
    "stamps twice": (repeated, "--duplicates"),
    "more settings than rows": (below_settings, "--skip"),
    "no time": (lambda f: f.drop(columns="time"), "--rate"),
    "a clock of another name": (lambda f: f.rename(columns={"time": "stamp"}), "--time"),
}  # fmt: skip
LACKING = {"--rate": "10", "--time": "stamp"}
"""Values that only a person knows, where the message names an option without one."""


def advised_options(err, option):
    """Words of an option as a message gives them."""
    said = re.search(rf"{option} (?P<value>'[^']*'|\"[^\"]*\"|[^\s,;)]+)", err)
    if option == "--coerce":
        return [option]
    known = said is not None and said["value"] not in ("or", "and", "resamples")
    return [option, shlex.split(said["value"])[0] if known else LACKING[option]]


@pytest.mark.parametrize("command", ["check", "report"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_a_refusal_advises_can_be_typed_and_works(run, drives, case, command):
    change, option = REFUSED[case]
    folder = drives(change)
    target = ("--target", "temp", "--folds", 2) if command == "report" else ()
    code, out, err = run(command, folder, *target)
    assert code != 0
    said = out + err
    assert option in said, said
    assert not re.search(r"\b(truncated|sep|decimal|skip|time_unit|na_values|rate|coerce)=", said)
    typed = advised_options(" ".join(said.split()), option)
    code, out, err = run(command, folder, *target, *typed)
    assert code == 0, (typed, said, out + err)


def test_thousands_and_decimals_are_typed_as_the_message_says(run, drives):
    folder = drives(in_thousands, sep=";")
    code, out, err = run("check", folder)
    assert code != 0
    said = " ".join((out + err).split())
    typed = [word for pair in re.findall(r"(--thousands|--decimal) ([.,])", said) for word in pair]
    assert dict(zip(typed[::2], typed[1::2], strict=True)) == {"--thousands": ".", "--decimal": ","}
    code, out, err = run("check", folder, *typed)
    assert code == 0, out + err
    assert "1e+03" in out or "1000" in out.replace(",", "")


MISREAD = {
    "German": lambda f: f.assign(
        speed=[f"1.{k:03d}" for k in f.index], temp=[f"3{k % 10},{k % 7}" for k in f.index]
    ),
    "one column with commas": lambda f: f.assign(temp=[f"3{k % 10},{k % 7}" for k in f.index]),
    "mostly thousands": lambda f: f.assign(torque=[f"{900 + 10 * k:,}" for k in f.index]),
    "apostrophes": lambda f: f.assign(torque=[f"1'{k:03d}" for k in f.index]),
}


@pytest.mark.parametrize("case", MISREAD)
@pytest.mark.parametrize("options", [(), ("--coerce",)])
def test_a_misread_notation_is_never_called_usable(run, drives, case, options):
    folder = drives(MISREAD[case], sep=";")
    code, out, err = run("check", folder, *options)
    assert code != 0
    assert "usable (" not in out
    assert "run0.csv: " in out + err
    code, _, err = report(run, folder, *options)
    assert code == 2
    assert "run0.csv: " in err


STEERING = "\x1b[2J\x1b]0;PWNED\x07\x1b]52;c;cHduZWQ=\x1b\\\x9b31m\u202egnp\b\b"
"""Clears the screen, sets the title and the clipboard, colours, turns text round, goes back."""


@pytest.mark.parametrize("place", ["header", "label", "unit", "cell", "file"])
def test_nothing_that_a_file_says_reaches_the_terminal_raw(run, drives, place):
    def poisoned(frame):
        if place == "header":
            return frame.rename(columns={"torque": f"tor{STEERING}que"})
        if place == "unit":
            return frame.rename(columns={"torque": f"torque [{STEERING}]"})
        if place == "label":
            return frame.assign(mode=f"D{STEERING}")
        if place == "cell":
            return frame.assign(
                torque=frame["torque"].astype(object).mask(frame.index == 7, STEERING)
            )
        return frame

    folder = drives(poisoned)
    if place == "file":
        (folder / "run1.csv").rename(folder / f"run{STEERING}1.csv")
    for _, out, err in (run("check", folder), report(run, folder)):
        steering = set(out + err) & set("\x1b\x07\x08\x9b\u202e")
        assert not steering, (out, err)
