"""What every reader of every format holds to: no future, no invention, no zone, no half sample."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matrix_times import OneOf
from reader_formats import FORMATS, recording
from table_matrix import tables

import signalprep as sp
from signalprep.errors import SignalprepError

ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai")
CLOCKS = ({"clock": "fast"}, {"clock": "half"}, {"rate": 10.0}, {"rate": 20.0}, {"rate": 12.5})
N_CUTS = 50

every_format = pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
several_rates = pytest.mark.parametrize("several", [False, True], ids=["one rate", "several rates"])


def clocks(number, several):
    return CLOCKS[number % len(CLOCKS)] if several else {}


def times_of(log):
    return log.index.get_level_values("time").to_numpy(dtype=np.float64)


def bits(log, n_rows):
    """The first rows, bit for bit."""
    return (
        log.columns.tolist(),
        times_of(log)[:n_rows].tobytes(),
        log.iloc[:n_rows].to_numpy().tobytes(),
    )


@every_format
@several_rates
def test_no_value_of_the_future(tmp_path, format, several):
    for seed in range(format.n_files if several else 10):
        rng = random.Random(seed)
        channels = recording(rng, several=several)
        asked = {**format.read, **clocks(seed, several)}
        log = sp.read_log(format.write(tmp_path, channels), **asked)
        until = rng.choice(times_of(log)[:-1])
        changed = []
        for channel in channels:
            later = channel.times > until + 1e-6
            changed.append(
                replace(channel, values=np.where(later, -channel.values, channel.values))
            )
        other = sp.read_log(format.write(tmp_path, changed), **asked)
        n_rows = int((times_of(log) <= until + 1e-6).sum())
        assert len(other) == len(log), f"seed {seed}, {asked}"
        assert bits(log, n_rows) == bits(other, n_rows), f"seed {seed}, {asked}, until {until} s"
        assert bits(log, len(log)) != bits(other, len(log)), "nothing was changed at all"


def last_valid(channel, time):
    """Value and age of the last valid sample at a time; NaN before the first."""
    valid = np.isfinite(channel.values)
    stamps, values = channel.times[valid], channel.values[valid]
    position = int(np.searchsorted(stamps, time + 1e-6)) - 1
    if position < 0:
        return np.nan, np.nan
    return values[position], time - stamps[position]


def freshness(channel, step):
    """How old a value may be: three median steps of its channel, a step of the clock at least."""
    stamps = channel.times[np.isfinite(channel.values)]
    return max(3.0 * float(np.median(np.diff(stamps))), step)


@every_format
@several_rates
def test_every_value_is_the_last_sample_while_it_is_fresh(tmp_path, format, several):
    for seed in range(10):
        channels = recording(random.Random(seed), several=several)
        asked = clocks(seed, several)
        log = sp.read_log(format.write(tmp_path, channels), **format.read, **asked)
        assert log.columns.tolist() == [channel.name for channel in channels]
        times, step = times_of(log), 1.0 / sp.rate(log)
        for channel in channels:
            limit = freshness(channel, step)
            for time, found in zip(times, log[channel.name], strict=True):
                value, age = last_valid(channel, time)
                where = (
                    f"seed {seed}, {asked}, {channel.name} at {time} s: age {age}, limit {limit}"
                )
                held = several and age <= 0.999 * limit  # a table of one rate may show its blanks
                if held or abs(age) < 1e-6:
                    assert found == value, where
                elif age <= 1.001 * limit:
                    assert np.isnan(found) or found == value, where
                else:
                    assert np.isnan(found), where


@every_format
@pytest.mark.parametrize("clock", ["fast", "half"])
def test_a_clock_is_the_valid_samples_of_its_channel(tmp_path, format, clock):
    channels = recording(random.Random(7), several=True)
    log = sp.read_log(format.write(tmp_path, channels), **format.read, clock=clock)
    own = next(channel for channel in channels if channel.name == clock)
    np.testing.assert_allclose(times_of(log), own.times[np.isfinite(own.values)], atol=1e-9)


@every_format
def test_several_rates_need_a_clock(tmp_path, format):
    channels = recording(random.Random(0), several=True)
    with pytest.raises(SignalprepError, match=r"10 Hz.*(clock|rate)="):
        sp.read_log(format.write(tmp_path, channels), **format.read)


def is_prefix(part, whole, channels):
    """Whether a log holds the first rows of another; a channel cut to a sample or two may lack."""
    n_rows = len(part)
    if part.columns.tolist() != whole.columns.tolist() or n_rows > len(whole):
        return False
    if not part.index.equals(whole.index[:n_rows]):
        return False
    for channel in channels:
        found, expected = part[channel.name].to_numpy(), whole[channel.name].to_numpy()[:n_rows]
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        recorded = channel.times[np.isfinite(channel.values)] <= times_of(part)[-1]
        if not (same | (np.isnan(found) & (recorded.sum() < 3))).all():
            return False
    return True


@every_format
@several_rates
@pytest.mark.parametrize("truncated", ["raise", "drop"])
def test_a_file_cut_anywhere_is_an_error_or_a_prefix(tmp_path, format, several, truncated):
    rng = random.Random(11)
    channels = [channel for channel in recording(rng, several=several) if channel.name != "sparse"]
    asked = {**format.read, **clocks(0, several), "truncated": truncated}
    path = format.write(tmp_path, channels)
    whole, content = sp.read_log(path, **asked), path.read_bytes()
    for length in rng.sample(range(len(content)), N_CUTS):
        path.write_bytes(content[:length])
        try:
            part = sp.read_log(path, **asked)
        except SignalprepError:
            continue
        assert is_prefix(part, whole, channels), f"cut to {length} of {len(content)} bytes"


def counts_of(log):
    """What became of the samples of each channel, by its bare name, where the report says so."""
    for source in log.attrs["sources"]:
        for value in source.values():
            if not isinstance(value, dict):
                continue
            counts = {str(name).partition("@")[0]: count for name, count in value.items()}
            if set(counts) == set(log.columns) and all(
                isinstance(count, dict) for count in counts.values()
            ):
                return counts
    return None


@every_format
@several_rates
def test_the_counts_of_the_report_add_up(tmp_path, format, several):
    for seed in range(5):
        channels = recording(random.Random(seed), several=several)
        asked = clocks(seed, several)
        log = sp.read_log(format.write(tmp_path, channels), **format.read, **asked)
        counts = counts_of(log)
        if counts is None:
            rows = len({stamp for channel in channels for stamp in channel.times.tolist()})
            assert log.attrs["sources"][0]["rows"] == rows == len(log)
            continue
        for channel in channels:
            own = dict(counts[channel.name])
            n_read = own.pop("read")
            total = sum(own.values()) + (0 if "used" in own else n_read)
            written = (len(channel.times), int(np.isfinite(channel.values).sum()))
            assert total in written, f"seed {seed}, {channel.name}: {counts[channel.name]}"
            assert "used" not in own or total == n_read, f"seed {seed}, {channel.name}: {own}"


CHILD = """
import hashlib, json, sys, warnings
import signalprep as sp
warnings.simplefilter("error")
found = []
for path, asked in json.loads(sys.stdin.read()):
    try:
        log = sp.read_log(path, **asked)
    except ValueError as error:
        found.append(f"{type(error).__name__}: {error}")
        continue
    parts = [log.columns.tolist(), log.index.tolist(), log.to_numpy().tolist(), log.attrs]
    found.append(hashlib.sha256(repr(parts).encode()).hexdigest())
print(json.dumps(found))
"""


def in_zone(zone, files):
    environment = os.environ | {
        "TZ": zone,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout)


SUMMER = [  # the hour that local clocks leave out or repeat
    ("%Y-%m-%d %H:%M:%S", ("2024-03-31 01:59:{:02d}", "2024-03-31 02:00:{:02d}")),
    ("%d.%m.%Y %H:%M:%S", ("31.03.2024 01:59:{:02d}", "31.03.2024 02:00:{:02d}")),
    ("%Y-%m-%dT%H:%M:%S", ("2024-10-27T02:59:{:02d}", "2024-10-27T03:00:{:02d}")),
]


def zoned_files(folder):
    """Files of every format, tables with every form of time, and clocks at the change of hour."""
    files = []
    for format in FORMATS:
        own = folder / format.name
        own.mkdir()
        path = format.write(own, recording(random.Random(3), several=True))
        files.append([str(path), {**format.read, "clock": "fast"}])
    for table in tables(120, 5):
        path = folder / f"{table.title}.csv"
        path.write_bytes(table.content)
        asked = {name: value for name, value in table.facts.items() if not isinstance(value, OneOf)}
        files.append([str(path), asked])
    for number, (pattern, minutes) in enumerate(SUMMER):
        stamps = [minute.format(second) for minute in minutes for second in range(60)]
        path = folder / f"summer {number}.csv"
        rows = "".join(f"{stamp},{k % 7}.5\n" for k, stamp in enumerate(stamps))
        path.write_text(f"time,speed\n{rows}")
        files.append([str(path), {"time_format": pattern}])
    return files


def test_the_zone_of_the_machine_changes_nothing(tmp_path):
    files = zoned_files(tmp_path)
    found = {zone: in_zone(zone, files) for zone in ZONES}
    for (path, asked), *digests in zip(files, *found.values(), strict=True):
        assert len(set(digests)) == 1, f"{Path(path).name} with {asked}: {digests}"


@pytest.mark.parametrize(("pattern", "minutes"), SUMMER)
def test_no_hour_is_left_out_or_repeated(tmp_path, pattern, minutes):
    stamps = [minute.format(second) for minute in minutes for second in range(60)]
    path = tmp_path / "a.csv"
    path.write_text("time,speed\n" + "".join(f"{s},{k % 7}.5\n" for k, s in enumerate(stamps)))
    log = sp.read_log(path, time_format=pattern)
    assert sp.rate(log) == 1.0
    assert len(sp.segments(log)) == 2
