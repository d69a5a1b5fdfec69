"""MDF files piece by piece: conversions, names, places, blocks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from signalprep.errors import ReadError
from signalprep.io.formats._channels import _named, _notes, _told_apart
from signalprep.io.formats._mdf_conversion import (
    NotConvertedError,
    _check_formula,
    _text,
    convert,
    convert_texts,
)
from signalprep.io.formats._mdf_find import (
    Found,
    Place,
    _begins,
    _is_outside,
    _unreadable_group,
    check_size,
    choose,
)
from signalprep.io.formats._mdf_layout import DataGroup, Part, RecordGroup, stored_bytes
from signalprep.io.formats._mdf_samples import _decoded, _range, _unit, _valid
from signalprep.io.formats._mdf_walk import _leads_to_data, _refuse_circles, _version, read_layout
from signalprep.log import Channel


class Block(dict):
    """A block of asammdf: values by key and as attributes."""

    __getattr__ = dict.__getitem__


def table(kind, entries, default=None, generation=4, numbers=False):
    """A conversion of ranges or codes."""
    given, links = {"conversion_type": kind}, {}
    for k, (low, high, meaning) in enumerate(entries):
        given |= {f"val_{k}": low, f"lower_{k}": low, f"upper_{k}": high}
        given |= {f"phys_{k}": meaning, f"param_val_{k}": low}
        links[f"text_{k}"] = meaning
        if generation == 3:
            given[f"text_{k}"] = meaning
    n = len(entries)
    given["val_param_nr"] = 3 * n + 1 if numbers else (n if kind in (7, 11) else 2 * n)
    given["ref_param_nr"] = n + 1 if kind == 12 else n
    if numbers:
        given["default"] = default
    else:
        links["default_addr"] = default
    return Block(given | {"referenced_blocks": links})


@pytest.mark.parametrize(("kind", "generation"), [(7, 4), (11, 3)])
def test_words_by_code(kind, generation):
    gears = table(kind, [(0, 0, b"park"), (1, 1, b"drive\0x"), (7, 7, b"")], b"else", generation)
    found = convert(np.array([1, 0, 5, 1]), gears, generation)
    assert found.values.tolist() == [1, 0, 5, 1]
    assert found.labels == {0: "park", 1: "drive", 5: "else"}
    assert not found.changed
    assert found.is_text is None


@pytest.mark.parametrize(("kind", "generation"), [(8, 4), (12, 3)])
def test_words_by_range(kind, generation):
    entries = [(0, 10, b"low"), (10, 20, b"high"), (10, 10, b"ten")]
    ranges = table(kind, entries, b"out", generation)
    whole = convert(np.array([0, 9, 10, 20, 21]), ranges, generation)
    assert [whole.labels[k] for k in (0, 9, 20, 21)] == ["low", "low", "high", "out"]
    parts = convert(np.array([0.0, 9.9, 10.0, 19.9, 20.0, -0.1]), ranges, generation)
    labels = [parts.labels[k] for k in (0.0, 9.9, 19.9, 20.0, -0.1)]
    assert labels == ["low", "low", "high", "out", "out"]


def test_numbers_by_range():
    ranges = table(6, [(0, 10, 5.0), (10, 20, 7.0)], -1.0, numbers=True)
    found = convert(np.array([0, 9, 10, 30]), ranges, 4)
    assert found.values.tolist() == [5.0, 5.0, 7.0, -1.0]
    assert found.labels is None
    assert found.changed
    parts = convert(np.array([9.5, 10.0, 20.0]), ranges, 4)
    assert parts.values.tolist() == [5.0, 7.0, -1.0]


def test_words_among_numbers():
    line = Block(conversion_type=1, convert=lambda raw: 2.0 * raw)
    mixed = table(8, [(0, 10, line), (11, 11, b"broken")], b"out")
    found = convert(np.array([3, 11, 99]), mixed, 4)
    np.testing.assert_array_equal(found.values, [6.0, np.nan, np.nan])
    assert found.is_text.tolist() == [False, True, True]
    inner = table(8, [(0, 10, table(7, [(1, 1, b"one")], b"other")), (11, 11, b"x")], None)
    assert convert(np.array([1, 2, 11]), inner, 4).labels == {1: "one", 2: "other", 11: "x"}


def test_what_computes():
    assert convert(np.array([1, 2]), None, 4).changed is False
    line = Block(conversion_type=1, convert=lambda raw: 2.0 * raw)
    found = convert(np.array([1, 2], dtype=np.uint8), line, 4)
    assert (found.values.tolist(), found.values.dtype, found.changed) == ([2, 4], np.float64, True)
    same = Block(conversion_type=0, convert=lambda raw: raw)
    assert convert(np.array([1, 2]), same, 4).changed is False
    one = Block(conversion_type=3, formula="X * 0 + 5", convert=lambda raw: 5.0)
    assert convert(np.array([1, 2]), one, 4).values.tolist() == [5.0, 5.0]
    for conversion, message in [
        (Block(conversion_type=3, formula="open('x')", convert=None), "not plain arithmetic in X"),
        (Block(conversion_type=3, formula="X", convert=lambda raw: raw), "cannot be computed"),
        (Block(conversion_type=9, convert=None), "is from text, and its samples are numbers"),
        (Block(conversion_type=1, convert=lambda raw: raw.astype("S")), "type 1. gives no numbers"),
    ]:
        with pytest.raises(NotConvertedError, match=message):
            convert(np.array([1, 2]), conversion, 4)


def test_formulas_that_are_arithmetic():
    for formula in ("X", "2 * X1 + sin(X)", "-sqrt(X)**2 / 3\0"):
        _check_formula(formula)
    _check_formula("X" + " + 1" * 249)
    for formula in ("Y", "X.real", "eval(X)", "X if X else 1", "[X]", "X" + " + 1" * 250):
        with pytest.raises(NotConvertedError, match="is not plain arithmetic"):
            _check_formula(formula)
    with pytest.raises(NotConvertedError, match="is not understood"):
        _check_formula("X +")


def test_texts_of_texts():
    texts = np.array(["a", "b", "c"], dtype=object)
    links = {"input_0_addr": b"a", "output_0_addr": b"A", "input_1_addr": b"a"}
    links |= {"output_1_addr": b"second", "default_addr": None}
    pairs = Block(conversion_type=10, ref_param_nr=5, referenced_blocks=links)
    assert convert_texts(texts, pairs).tolist() == ["A", "b", "c"]
    links["default_addr"] = b"else"
    assert convert_texts(texts, pairs).tolist() == ["A", "else", "else"]
    numbers = Block(
        conversion_type=9,
        val_param_nr=3,
        val_0=5.0,
        val_1=6.0,
        val_default=-1.0,
        referenced_blocks={"text_0": b"a", "text_1": b"b"},
    )
    assert convert_texts(texts, numbers).tolist() == [5.0, 6.0, -1.0]
    assert convert_texts(texts, None) is texts
    assert [_text(one) for one in (b"x \0y", "word", None, "µ".encode("latin-1"))] == [
        "x",
        "word",
        "",
        "µ",
    ]


def test_places_within_records():
    def channel(**given):
        plain = {"channel_type": 0, "flags": 0, "byte_offset": 0, "bit_offset": 0, "bit_count": 8}
        return SimpleNamespace(**plain | given)

    group = SimpleNamespace(
        channel_group=SimpleNamespace(samples_byte_nr=4, invalidation_bytes_nr=1)
    )
    assert not _is_outside(group, channel(byte_offset=3), 4)
    assert _is_outside(group, channel(byte_offset=3, bit_offset=1), 4)
    assert _is_outside(group, channel(byte_offset=4), 4)
    assert not _is_outside(group, channel(byte_offset=9, channel_type=3), 4)
    assert not _is_outside(group, channel(flags=2, pos_invalidation_bit=7), 4)
    assert _is_outside(group, channel(flags=2, pos_invalidation_bit=8), 4)
    old = SimpleNamespace(start_offset=24, bit_count=8)
    assert not _is_outside(group, old, 3)
    old.start_offset = 25
    assert _is_outside(group, old, 3)
    old.start_offset, old.additional_byte_offset = 0, 4
    assert _is_outside(group, old, 3)


def test_channels_by_name():
    places = [Place(k, 0, name, f"group {k}, bus", None) for k, name in enumerate("aab")]
    found = Found(places, {"c@group 3": "is an array"}, set())
    assert choose(found, None, "f") is places
    assert choose(found, ("a",), "f") == places[:2]
    assert choose(found, ("b", "a@group 1"), "f") == places[1:]
    assert choose(found, ("a@group 0, bus",), "f") == places[:1]
    with pytest.raises(ReadError, match="columns: 'c' is an array"):
        choose(found, ("c",), "f")
    with pytest.raises(ReadError, match="no channel 'd'; found a, b$"):
        choose(found, ("d",), "f")
    many = Found([Place(0, k, f"x{k}", "", None) for k in range(21)])
    with pytest.raises(ReadError, match=r"x19, \.\.\.$"):
        choose(many, ("d",), "f")
    assert _begins("a@group 0, bus", "a@group 0")
    assert not _begins("a@group 01, bus", "a@group 0")
    assert not _begins("a, b", "a")
    recording = SimpleNamespace(
        groups=[SimpleNamespace(channel_group=SimpleNamespace(cycles_nr=n)) for n in (10, 5, 2)]
    )
    check_size(recording, [*places[:2], places[0]], "f", 8 * (25 + 15))
    with pytest.raises(ReadError, match="states 25 samples in 3 channels, which need 320 bytes"):
        check_size(recording, [*places[:2], places[0]], "f", 8 * (25 + 15) - 1)


def channels(*names):
    return [Channel(name, np.empty(0), np.empty(0), source=source) for name, source in names]


def test_channels_of_one_name():
    told = _told_apart(channels(("a", "p"), ("b", "p"), ("a", "q"), ("c", "p"), ("c", "p")))
    assert [one.name for one in told] == ["a@p", "b", "a@q", "c@p (1)", "c@p (2)"]
    assert _named("f", told, "b", "columns").name == "b"
    assert _named("f", told, "b@p", "columns").name == "b"
    with pytest.raises(ReadError, match="'a' names 2 channels; name one of them: 'a@p', 'a@q'"):
        _named("f", told, "a", "columns")
    with pytest.raises(ReadError, match="cycle='d' is not a channel of this file"):
        _named("f", told, "d", "cycle")


def test_notes():
    facts = {"version": "4.10", "notes": ["n"], "truncated": {"kept": 5, "stated": 9}}
    facts["left_out"] = {"a": "is an array", "b": "is an array", "c": "has no name"}
    assert _notes(SimpleNamespace(facts=facts)) == [
        "version 4.10",
        "n",
        "cut off: 5 of 9 samples are whole and kept",
        "channels left out: 3 (is an array: 2; has no name: 1)",
    ]
    assert _notes(SimpleNamespace(facts={})) == []


def test_what_a_channel_states():
    stated = Block(flags=2, range_flag=1, min_phy_value=-1, max_phy_value=5, unit=b"V\0")
    assert _range(stated, 4) == _range(stated, 3) == (-1.0, 5.0)
    assert _range(None, 4) is None
    assert _range(Block(stated | {"flags": 1}), 4) is None
    assert _range(Block(stated | {"range_flag": 0}), 3) is None
    assert _range(Block(stated | {"max_phy_value": -1}), 4) is None
    assert _unit(SimpleNamespace(unit=" A\0", conversion=stated), 4) == "A"
    assert _unit(SimpleNamespace(unit="", conversion=stated), 4) == "V"
    assert _unit(SimpleNamespace(unit="A", conversion=stated), 3) == "V"
    assert _unit(SimpleNamespace(unit="", conversion=None), 4) == ""
    assert _decoded(np.array([b"a \0b", b"c"]), "utf-8").tolist() == ["a", "c"]
    assert _decoded(np.array(["ab".encode("utf-16-le")[:-1]]), "utf-16-le").tolist() == ["ab"]

    def place(flags):
        return Place(0, 0, "x", "", SimpleNamespace(flags=flags))

    signal = SimpleNamespace(invalidation_bits=np.array([1, 0]))
    assert _valid(place(2), signal, 2, 4).tolist() == [False, True]
    assert _valid(place(2), SimpleNamespace(invalidation_bits=None), 2, 4) is None
    assert _valid(place(1), signal, 2, 4).tolist() == [False, False]
    assert _valid(place(0), signal, 2, 4) is None
    assert _valid(place(2), signal, 2, 3) is None


def test_blocks():
    assert _leads_to_data(b"##DL", 1)
    assert not _leads_to_data(b"##DL", 0)
    assert _leads_to_data(b"##LD", 2)
    assert [_leads_to_data(b"##DG", k) for k in (1, 2, 3)] == [False, True, False]
    assert [_leads_to_data(b"##CN", k) for k in (4, 5)] == [False, True]
    assert not _leads_to_data(b"##CG", 2)
    _refuse_circles({1: 2, 2: 3, 4: 2}, "f")
    with pytest.raises(ReadError, match="the blocks at byte 1 follow each other in a circle"):
        _refuse_circles({1: 2, 2: 1}, "f")
    head = bytearray(64)
    for text, number in [(b"4.10", 410), (b"3.30", 330), (b"2.14", 214)]:
        head[8:12] = text
        assert _version(head, "f") == number
    for text in (b"5.00", b"4x10", b"4.1x"):
        head[8:12] = text
        with pytest.raises(ReadError, match="versions 2 to 4 can be read"):
            _version(head, "f")
    with pytest.raises(ReadError, match="not an MDF file: it begins with b'PK"):
        read_layout(b"PK" + bytes(80), "f")
    with pytest.raises(ReadError, match="63 bytes are less than its head"):
        read_layout(b"MDF" + bytes(60), "f")


def test_bytes_up_to_the_first_block_that_is_not_whole():
    parts = [Part(0, 0, 4, 4), Part(10, 0, 4, 3), Part(20, 0, 4, 4)]
    data = DataGroup(0, [RecordGroup(2, 0, 0, 3), RecordGroup(1, 0, 0, 2)], parts)
    assert (data.held, data.needed) == (7, 8)
    content = bytes(range(40))
    assert stored_bytes(content, parts, 2, "f") == bytes([2, 3, 4, 5, 12, 13, 14])
    with pytest.raises(ReadError, match="compressed by method 7, which is not known here"):
        stored_bytes(content, [Part(0, 0, 4, 4, packed=True, method=7)], 2, "f")
    assert stored_bytes(content, [Part(0, 0, 4, 0, packed=True, method=7)], 2, "f") == b""


def test_groups_without_stamps_or_over_something_else():
    def group(flags=0, master=0, kind=1, bits=8):
        channel = SimpleNamespace(
            sync_type=kind, channel_type=2, flags=0, byte_offset=0, bit_offset=0, bit_count=bits
        )
        head = SimpleNamespace(
            flags=flags, cg_master_index=master, samples_byte_nr=1, invalidation_bytes_nr=0
        )
        return SimpleNamespace(channel_group=head, channels=[channel])

    def why(groups, masters, generation=4):
        recording = SimpleNamespace(groups=groups, masters_db=masters)
        return _unreadable_group(recording, len(groups) - 1, generation)

    assert why([group()], {0: 0}) == ""
    assert why([group()], {}) == "has no stamps: its group has no master channel"
    assert why([group(), group(flags=8)], {0: 0}) == ""
    assert why([group(), group()], {0: 0}) == "has no stamps: its group has no master channel"
    assert why([group(flags=2)], {0: 0}) == "holds raw frames of a bus, not signals"
    assert why([group(bits=9)], {0: 0}).startswith(
        "has no stamps: those of its group stand outside"
    )
    assert why([group(kind=2)], {0: 0}) == "is recorded over angle, not over time"
    assert why([group(kind=9)], {0: 0}) == "is recorded over something, not over time"
    old = group(kind=2, flags=2 | 8)
    old.channels[0].start_offset = 0
    assert why([old], {0: 0}, generation=3) == ""
