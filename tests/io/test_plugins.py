"""Readers of other packages: found by suffix, and blamed by name."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from signalprep.errors import ReadError
from signalprep.io.formats._plugins import plugin_for, read_plugin
from signalprep.log import Channel

READER = """
import numpy as np
from signalprep.log import Channel

def read(path):
    values = np.loadtxt(path)
    yield Channel("i_a", np.arange(len(values)) / 10, values, valid=values > 0, unit="A")

def fail(path):
    raise KeyError("no such block")

def give_numbers(path):
    return [1.0, 2.0]

def give_nothing(path):
    return []

not_a_function = 3
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package with an entry point, without pip."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(suffix, function, package="xyz_reader"):
        (tmp_path / f"{package}.py").write_text(READER)
        folder = tmp_path / f"{package}_{suffix}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {package}_{suffix}\nVersion: 1.0\n")
        points = f"[signalprep.readers]\n{suffix} = {package}:{function}\n"
        (folder / "entry_points.txt").write_text(points)
        importlib.invalidate_caches()

    return make


def test_a_plugin_is_found_when_it_is_there(install, tmp_path):
    path = tmp_path / "trip.XYZ"
    path.write_text("1.5\n-2.0\n")
    assert plugin_for(path) is None
    install("xyz", "read")
    content = read_plugin(path, plugin_for(path))
    (channel,) = content.channels
    np.testing.assert_array_equal(channel.values, [1.5, -2.0])
    assert content.facts["format"] == "plug-in xyz_reader.read"
    assert content.facts["counts"] == {"i_a@": {"read": 2, "invalid": 1, "text": 0}}
    assert plugin_for(tmp_path / "trip.csv") is None
    assert plugin_for(tmp_path / "trip") is None


def test_two_plugins_for_one_suffix(install, tmp_path):
    install("xyz", "read", "one_reader")
    install("xyz", "read", "other_reader")
    with pytest.raises(
        ReadError, match=r"a\.xyz: more than one plug-in reads \.xyz: one_reader:read"
    ):
        plugin_for(tmp_path / "a.xyz")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("fail", r"the plug-in xyz_reader\.fail failed \(KeyError: 'no such block'\)"),
        ("give_numbers", r"must give channels .*; item 0 is of type float"),
        ("give_nothing", r"xyz_reader\.give_nothing gave no channel"),
        ("not_a_function", r"xyz_reader:not_a_function for \.xyz must be a function.*type int"),
        ("missing", r"xyz_reader:missing for \.xyz cannot be imported \(AttributeError"),
    ],
)
def test_what_goes_wrong_in_a_plugin_names_it(install, tmp_path, function, words):
    install("xyz", function)
    with pytest.raises(ReadError, match=rf"^a\.xyz: .*{words}"):
        read_plugin(Path("a.xyz"), plugin_for(tmp_path / "a.xyz"))


def test_channels_pass_through_as_they_are():
    channel = Channel("x", np.arange(3.0), np.arange(3), kind="state", labels={0: "off"})
    content = read_plugin(Path("a.xyz"), lambda path: (c for c in [channel]))
    assert content.channels[0] is channel
    assert (content.start, content.zone) == (None, "unknown")
