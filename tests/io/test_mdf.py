"""MDF files: every channel as it was recorded, and nothing that was not."""

from __future__ import annotations

import builtins
import pickle
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from mdf_files import GEARS, assert_prefix, by_key, drive, read, write
from signalprep.errors import ReadError

asammdf = pytest.importorskip("asammdf", reason="MDF is an extra: pip install 'signalprep[mdf]'")

Signal = asammdf.Signal
STAMPS = np.array([0.0, 0.1, 0.25, 0.3])


def only(content):
    (channel,) = content.channels
    return channel


def channel_of(path, raw, conversion=None, **options):
    """Write one channel and read it."""
    raw = np.asarray(raw)
    signal = Signal(raw, np.arange(len(raw)) / 10, name="x", conversion=conversion, **options)
    return only(read(write(path, [signal])))


@pytest.mark.parametrize("version", ["2.14", "3.30", "4.10", "4.20"])
def test_each_channel_has_its_own_samples_and_stamps(tmp_path, version):
    i_a, T_m = np.array([1.5, -2.0, 0.25, 8.0]), np.float32([20.5, 21.0])
    groups = [
        [
            Signal(i_a, STAMPS, unit="A", name="i_a"),
            Signal(np.int16([3, -4, 5, 6]), STAMPS, name="n"),
        ],
        [Signal(T_m, np.array([0.05, 1.05]), unit="degC", name="T_m")],
    ]
    content = read(write(tmp_path / "a.mf4", *groups, version=version))
    channels = {channel.name: channel for channel in content.channels}
    assert list(channels) == ["i_a", "n", "T_m"]
    np.testing.assert_array_equal(channels["i_a"].times, STAMPS)
    np.testing.assert_array_equal(channels["i_a"].values, i_a)
    assert channels["i_a"].unit == "A"
    assert channels["i_a"].valid is None
    np.testing.assert_array_equal(channels["n"].values, [3, -4, 5, 6])
    assert (channels["n"].values.dtype, channels["n"].kind) == (np.int16, "number")
    np.testing.assert_array_equal(channels["T_m"].times, [0.05, 1.05])
    assert (channels["T_m"].values.dtype, channels["T_m"].unit) == (np.float32, "degC")
    assert content.facts["version"] == version
    assert [count["read"] for count in content.facts["counts"].values()] == [4, 4, 2]


@pytest.mark.parametrize("options", [{}, {"compression": 1}, {"compression": 2}])
def test_compression_changes_nothing(tmp_path, options):
    plain = read(write(tmp_path / "plain.mf4", *drive()))
    packed = read(write(tmp_path / "packed.mf4", *drive(), fragment=4096, **options))
    assert not assert_prefix(packed, plain)
    assert len(packed.channels) == 5


def test_invalid_samples_are_kept_and_marked(tmp_path):
    bits = np.array([False, True, False, True])
    signals = [
        Signal(np.arange(4.0), STAMPS, name="marked", invalidation_bits=bits),
        Signal(np.arange(4.0), STAMPS, name="free"),
    ]
    content = read(write(tmp_path / "a.mf4", signals))
    marked, free = content.channels
    np.testing.assert_array_equal(marked.valid, ~bits)
    np.testing.assert_array_equal(marked.values, np.arange(4.0))
    assert free.valid is None, "the bits of one channel say nothing about another"
    invalid = [count["invalid"] for count in content.facts["counts"].values()]
    assert invalid == [2, 0]


def test_linear_and_rational_conversions(tmp_path):
    twice = channel_of(tmp_path / "a.mf4", np.uint8([100, 200, 255]), {"a": 2.0, "b": -1.0})
    np.testing.assert_array_equal(twice.values, [199.0, 399.0, 509.0])
    assert twice.kind == "number"
    rational = {f"P{k}": p for k, p in enumerate((0, 1, 0, 0, 0, 10), start=1)}
    tenth = channel_of(tmp_path / "b.mf4", np.float32([1, 2, 3]), rational)
    np.testing.assert_array_equal(tenth.values, np.array([1, 2, 3]) * 0.1, err_msg="in float64")


def test_formulas_are_arithmetic_or_left_out(tmp_path):
    square = channel_of(tmp_path / "a.mf4", np.uint8([1, 20]), {"formula": "2*X**2 + sqrt(X)"})
    np.testing.assert_allclose(square.values, [3, 800 + np.sqrt(20)])
    for formula in ("__import__('os')", "X^2", "X.real", "(X for X in 1)", "Y + 1", "X +"):
        with pytest.raises(ReadError, match="no channel can be read: x@group 0 its formula"):
            channel_of(tmp_path / "b.mf4", np.uint8([1, 2]), {"formula": formula})


def test_words_are_states_with_their_codes(tmp_path):
    gear = channel_of(tmp_path / "a.mf4", np.uint8([0, 1, 1, 3]), dict(GEARS))
    assert gear.kind == "state"
    np.testing.assert_array_equal(gear.values, [0, 1, 1, 3])
    assert gear.labels == {0: "park", 1: "drive", 7: "limp"}, "3 has no word"
    ranges = {"lower_0": 0, "upper_0": 9, "text_0": "low", "lower_1": 10, "upper_1": 20}
    level = channel_of(tmp_path / "b.mf4", np.uint8([4, 15, 99]), ranges | {"text_1": "high"})
    assert level.labels == {4: "low", 15: "high"}


def test_words_of_mdf_3(tmp_path):
    signal = Signal(np.uint8([0, 1, 3]), STAMPS[:3], name="gear", conversion=dict(GEARS))
    gear = only(read(write(tmp_path / "a.mdf", [signal], version="3.30")))
    assert (gear.kind, gear.labels) == ("state", {0: "park", 1: "drive", 7: "limp"})


@pytest.mark.parametrize("n", [10, 1000])
def test_words_among_numbers_are_missing(tmp_path, n):
    mixed = {"val_0": 255, "text_0": "error", "default_addr": {"a": 0.5, "b": -40.0}}
    raw = np.resize(np.uint8([0, 100, 255, 80, 254]), n)
    signal = Signal(raw, np.arange(n) / 10, name="T_m", unit="degC", conversion=mixed)
    content = read(write(tmp_path / "a.mf4", [signal]))
    T_m = only(content)
    assert T_m.kind == "number"
    np.testing.assert_array_equal(T_m.valid, raw != 255)
    np.testing.assert_array_equal(T_m.values[raw != 255], raw[raw != 255] / 2 - 40.0)
    assert np.isnan(T_m.values[raw == 255]).all()
    assert content.facts["counts"]["T_m@group 0"]["text"] == n // 5


@pytest.mark.parametrize("n", [10, 1000])
def test_borders_of_ranges(tmp_path, n):
    borders = {"lower_0": 0.0, "upper_0": 0.5, "text_0": "low"}
    borders |= {"lower_1": 0.5, "upper_1": 2.5, "text_1": "high"}
    raw = np.resize([0.25, 0.5, 2.25, 2.75], n)
    level = channel_of(tmp_path / "a.mf4", raw, borders)
    assert level.labels == {0.25: "low", 0.5: "high", 2.25: "high"}
    whole = {"lower_0": 0, "upper_0": 9, "phys_0": 1.5, "lower_1": 10, "upper_1": 19}
    whole |= {"phys_1": 2.5, "default": -1.0}
    step = channel_of(tmp_path / "b.mf4", np.resize(np.uint8([0, 5, 9, 10, 15, 19, 20]), n), whole)
    expected = np.resize([1.5, 1.5, 1.5, 2.5, 2.5, 2.5, -1.0], n)
    np.testing.assert_array_equal(step.values, expected)


def test_later_samples_change_nothing_before_them(tmp_path):
    short = read(write(tmp_path / "short.mf4", *[s[:2] for s in drive(n=90)]))
    groups = drive(n=90)
    for group in groups:
        for k, signal in enumerate(group):
            later = np.concatenate([signal.samples, signal.samples[::-1]])
            stamps = np.concatenate([signal.timestamps, 1 + signal.timestamps])
            bits = signal.invalidation_bits
            group[k] = Signal(later, stamps, signal.unit, signal.name, signal.conversion)
            group[k].encoding = signal.encoding
            if bits is not None:
                group[k].invalidation_bits = np.concatenate([bits, ~bits])
    assert assert_prefix(short, read(write(tmp_path / "long.mf4", *groups)))


def test_flags_are_states_and_counts_are_numbers(tmp_path):
    def narrow(recording):
        recording.groups[0].channels[1].bit_count = 1

    signals = [
        Signal(np.uint8([0, 1, 1, 0]), STAMPS, name="on"),
        Signal(np.uint8([9, 8, 7, 6]), STAMPS, name="count"),
    ]
    on, count = read(write(tmp_path / "a.mf4", signals, change=narrow)).channels
    assert (on.kind, count.kind) == ("state", "number")
    np.testing.assert_array_equal(on.values, [0, 1, 1, 0])


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "utf-16-be"])
def test_texts(tmp_path, encoding):
    words = ["an", "größer", "", "aus Ā" if encoding != "latin-1" else "aus"]
    stored = np.array([word.encode(encoding) for word in words])
    channel = channel_of(tmp_path / "a.mf4", stored, encoding=encoding)
    assert (channel.kind, channel.values.tolist()) == ("label", words)


def test_names_that_occur_twice(tmp_path):
    groups = [[Signal(np.arange(4.0) + k, STAMPS, name="i_a")] for k in range(2)]
    groups[1].append(Signal(np.arange(4.0) + 2, STAMPS, name="i_a"))
    path = write(tmp_path / "a.mf4", *groups)
    found = by_key(read(path))
    assert [channel.name for channel in found.values()] == ["i_a"] * 3
    assert [channel.values[0] for channel in found.values()] == [0, 1, 2]
    assert len(read(path, columns=["i_a"]).channels) == 3
    for key, channel in found.items():
        np.testing.assert_array_equal(only(read(path, columns=[key])).values, channel.values)


def test_chosen_columns(tmp_path):
    path = write(tmp_path / "a.mf4", *drive())
    assert [c.name for c in read(path, columns=["gear", "i_a"]).channels] == ["i_a", "gear"]
    with pytest.raises(
        ReadError, match=r"a\.mf4: columns: no channel 'i_b'; found i_a, u_dc, gear"
    ):
        read(path, columns=["i_b"])


def test_what_is_no_signal_over_time_is_left_out_with_a_reason(tmp_path):
    angle = Signal(np.arange(4.0), STAMPS, name="p_cyl", master_metadata=("phi", 2))
    table = np.rec.fromarrays([np.arange(8).reshape(4, 2)], dtype=[("map", "<i4", (2,))])
    groups = [
        [angle],
        [Signal(table, STAMPS, name="map"), Signal(np.arange(4.0), STAMPS, name="i_a")],
        [Signal(np.zeros((4, 3), dtype="u1"), STAMPS, name="frame")],
    ]
    content = read(write(tmp_path / "a.mf4", *groups))
    assert [channel.name for channel in content.channels] == ["i_a"]
    left_out = {key.split("@")[0]: reason for key, reason in content.facts["left_out"].items()}
    assert left_out["p_cyl"] == "is recorded over angle, not over time"
    assert left_out["map"] == "is an array or a structure (bytes)"
    assert "bytes" in left_out["frame"]
    with pytest.raises(ReadError, match=r"columns: 'p_cyl' is recorded over angle"):
        read(tmp_path / "a.mf4", columns=["p_cyl"])


def test_stamps_in_another_unit(tmp_path):
    def in_milliseconds(recording):
        recording.groups[0].channels[0].unit = "ms"

    signals = [Signal(np.arange(4.0), 1000 * STAMPS, name="x")]
    content = read(write(tmp_path / "a.mf4", signals, change=in_milliseconds))
    np.testing.assert_array_equal(only(content).times, 1000 * STAMPS / 1000)
    assert content.facts["notes"] == ["stamps of group 0 are stated in ms"]


def test_start(tmp_path):
    def start_of(start, **options):
        content = read(write(tmp_path / "a.mf4", *drive(n=20), start=start, **options))
        return content.start, content.zone

    noon = datetime(2024, 7, 1, 12)
    assert start_of(noon) == ("2024-07-01T12:00:00", "unknown")
    there = noon.replace(tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert start_of(there) == ("2024-07-01T12:00:00-03:30", "offset")
    assert start_of(there, version="3.30") == ("2024-07-01T12:00:00", "unknown")

    def without_zone(recording):
        recording.header.time_flags = 0
        recording.header.abs_time += 905_877_201

    world = start_of(noon.replace(tzinfo=UTC), change=without_zone)
    assert world == ("2024-07-01T12:00:00.905877201Z", "utc")


@pytest.mark.parametrize("version", ["2.14", "3.30", "4.10"])
def test_the_zone_of_the_machine_changes_nothing(tmp_path, monkeypatch, version):
    start = datetime(2024, 7, 1, 12, 0, 0, tzinfo=timezone(timedelta(hours=8)))
    path = write(tmp_path / "a.mf4", *drive(version, n=40), version=version, start=start)
    seen = set()
    for zone in ("UTC", "Europe/Berlin", "Asia/Shanghai"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            content = read(path)
            seen.add(pickle.dumps((content.channels, content.start, content.zone, content.facts)))
    time.tzset()
    assert len(seen) == 1


def test_too_large(tmp_path):
    path = write(tmp_path / "a.mf4", *drive(n=2000))
    with pytest.raises(ReadError, match=r"a\.mf4: states 6400 samples in 5 channels.*columns="):
        read(path, max_bytes=8 * 8599)
    assert read(path, max_bytes=8 * 8600)
    assert read(path, columns=["i_a"], max_bytes=8 * 4000)


def test_raw_frames_of_a_bus(tmp_path, real_data):
    def mark(recording):
        recording.groups[0].channel_group.flags |= 0x6

    groups = [Signal(np.arange(4.0), STAMPS, name="CAN_DataFrame")], drive(n=20)[0]
    both = read(write(tmp_path / "a.mf4", *groups, change=mark))
    assert [channel.name for channel in both.channels] == ["i_a", "u_dc", "gear"]
    assert "raw frames" in both.facts["left_out"]["CAN_DataFrame@group 0"]
    with pytest.raises(ReadError, match=r"b\.mf4: it holds raw frames of a bus.*database"):
        read(write(tmp_path / "b.mf4", groups[0], change=mark))
    for path in (real_data("formats") / "mdf" / "css").iterdir():
        with pytest.raises(ReadError, match="raw frames of a bus"):
            read(path)


def test_without_asammdf(tmp_path, monkeypatch):
    path = write(tmp_path / "a.mf4", *drive(n=20))
    importing = builtins.__import__

    def refuse(name, *rest):
        if name == "asammdf":
            raise ImportError(name)
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"a\.mf4: reading MDF needs asammdf.*signalprep\[mdf\]"):
        read(path)


def test_reading_says_nothing_and_asammdf_is_imported_late(tmp_path):
    path = write(tmp_path / "a.mf4", *drive(n=20))
    code = (
        "import sys, pathlib; from signalprep.io.formats._mdf import read_mdf; "
        "assert 'asammdf' not in sys.modules; "
        f"read_mdf(pathlib.Path({str(path)!r}), columns=None, truncated='raise', max_bytes=1 << 31)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_one_recording_in_all_versions_gives_the_same_channels(real_data):
    """MDF 2.00 cuts names after 31 characters; some copies cut stamps after the nanoseconds."""
    folder = real_data("formats") / "mdf" / "asammdf" / "demo"
    newest = read(folder / "ASAP2_Demo_V161_4.10.mf4").channels
    paths = sorted(folder.iterdir())
    assert len(paths) == 10
    for path in paths:
        content = read(path)
        assert content.facts["left_out"] == {}
        assert len(content.channels) == len(newest) == 25
        for channel in content.channels:
            matching = [other for other in newest if _is_same(channel, other, path.name)]
            assert len(matching) == 1, f"{path.name}: {channel.name}"


def _is_same(channel, other, file):
    name = other.name[:31] if "2.00" in file else other.name
    return (
        channel.name == name
        and channel.values.dtype == other.values.dtype
        and np.array_equal(channel.values, other.values)
        and len(channel.times) == len(other.times)
        and np.allclose(channel.times, other.times, rtol=0, atol=1e-9)
        and (channel.unit, channel.kind) == (other.unit, other.kind)
        and channel.labels == other.labels
    )
