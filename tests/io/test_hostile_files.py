"""Files that are too large, from other centuries, very wide, or damaged: our own errors only."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, ReadError, SignalprepError
from signalprep.io import read_log
from signalprep.log import rate

POOLS = []  # of pyarrow: what they gave is given back to them when nobody knows
needs_pyarrow = pytest.mark.skipif(not find_spec("pyarrow"), reason="Parquet is an extra")
ROWS = "".join(f"{k / 10:.1f},{k * k % 7}\n" for k in range(5))


def read_or_refusal(path, **options):
    """The log, or what is said of the file in an error of our own; any other error goes on."""
    try:
        return read_log(path, **options), ""
    except SignalprepError as error:
        return None, f"{type(error).__name__}: {error}"


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


class TestBombsOfText:
    """A few KiB on disk that are 60 MB in memory."""

    N, SIZE, MOST = 1000, 60_000, 1_000_000

    @pytest.fixture
    def pa(self):
        return pytest.importorskip("pyarrow", reason="Parquet is an extra")

    @pytest.fixture
    def grown(self, pa):
        """Tell the peak of what pyarrow takes while a function runs."""

        def measure(call):
            pool, before = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
            pa.set_memory_pool(pool)
            try:
                POOLS.append(pool)
                call()
            finally:
                pa.set_memory_pool(before)
            return pool.max_memory()

        return measure

    def bomb(self, pa, path, kind, how):
        import pyarrow.parquet as pq

        word = "x" * self.SIZE
        text = {
            "text": lambda: pa.array([word] * self.N, kind),
            "dictionary": lambda: pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(self.N, dtype=np.int32)), pa.array([word], kind)
            ),
            "two words": lambda: pa.array([word, word[1:]] * (self.N // 2), kind),
            "list": lambda: pa.array([[word]] * self.N, pa.list_(kind)),
            "struct": lambda: pa.array([{"a": word, "b": 1}] * self.N),
            "bytes": lambda: pa.array([word.encode()] * self.N, pa.binary()),
            "fixed bytes": lambda: pa.array([word.encode()] * self.N, pa.binary(self.SIZE)),
        }[how]()
        columns = {"time": np.arange(self.N) / 10, "a": np.ones(self.N), "s": text}
        encoded = how not in ("bytes", "fixed bytes") and how != "two words"
        pq.write_table(pa.table(columns), path, compression="zstd", use_dictionary=encoded)
        assert path.stat().st_size < 300_000
        return path

    @pytest.mark.parametrize(
        ("kind", "how"),
        [
            ("string", "text"),
            ("large_string", "text"),
            ("string", "two words"),
            ("string", "dictionary"),
            ("large_string", "dictionary"),
            ("string", "list"),
            ("large_string", "list"),
            ("string", "struct"),
            ("binary", "bytes"),
            ("binary", "fixed bytes"),
        ],
    )
    @pytest.mark.parametrize("use", ["channel", "cycle", "time"])
    def test_it_is_refused_before_memory_is_taken(self, tmp_path, pa, grown, kind, how, use):
        path = self.bomb(pa, tmp_path / "a.parquet", getattr(pa, kind)(), how)
        options = {use: "s", "rate": 10.0} if use != "channel" else {}

        def refused():
            with pytest.raises((ReadError, InvalidLogError), match=r"a\.parquet: "):
                read_log(path, max_bytes=self.MOST, **options)

        assert grown(refused) < 10 * self.MOST

    def test_other_columns_of_such_a_file_can_be_read(self, tmp_path, pa, grown):
        path = self.bomb(pa, tmp_path / "a.parquet", pa.string(), "text")
        found = []
        peak = grown(lambda: found.append(read_log(path, columns=["a"], max_bytes=self.MOST)))
        assert found[0].shape == (self.N, 1)
        assert peak < self.MOST

    def test_text_that_fits_is_read(self, tmp_path, pa):
        import pyarrow.parquet as pq

        for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
            words = pa.array(["park", "drive", None, "drive"] * 5).cast(kind)
            columns = {"time": np.arange(20) / 10, "mode": words}
            pq.write_table(pa.table(columns), tmp_path / "a.parquet")
            log = read_log(tmp_path / "a.parquet", max_bytes=2000)
            assert log["mode"].tolist()[:2] == ["park", "drive"]
            assert log["mode"].isna().sum() == 5


FAR = ["9999-01-01", "2300-06-30", "2262-04-12", "1601-01-01", "1677-09-20", "0001-01-01"]
WAYS = {
    "ISO with T": "%Y-%m-%dT%H:%M:%S",
    "ISO with a blank": "%Y-%m-%d %H:%M:%S",
    "ISO in UTC": "%Y-%m-%dT%H:%M:%SZ",
    "with an offset": "%Y-%m-%dT%H:%M:%S+02:00",
    "compact": "%Y%m%dT%H%M%S",
    "with a fraction": "%Y-%m-%dT%H:%M:%S.%f",
    "d.m.Y": "%d.%m.%Y %H:%M:%S",
}


class TestOtherCenturies:
    @pytest.mark.parametrize("first", FAR)
    @pytest.mark.parametrize("way", WAYS)
    def test_text_never_wraps_around(self, tmp_path, first, way):
        start = np.datetime64(first, "s") + 86_400 * (first.startswith("2262"))  # past any offset
        every = [(start + k).astype(datetime) for k in range(4)]
        pattern = WAYS[way].replace("%Y", "%%04d")
        stamps = [each.strftime(pattern) % each.year for each in every]
        rows = "".join(f"{stamp},{k * k % 7}\n" for k, stamp in enumerate(stamps))
        path = written(tmp_path / "a.csv", "time,a\n" + rows)
        with pytest.raises(SignalprepError, match=r"a\.csv: .*time"):
            read_log(path)
        assert len(read_log(path, time=False, rate=1.0)) == 4

    @pytest.mark.parametrize("first", FAR)
    @pytest.mark.parametrize("unit", ["s", "ms", "us"])
    @pytest.mark.parametrize("zone", [None, "UTC"])
    def test_parquet_never_wraps_around(self, tmp_path, first, unit, zone):
        pa = pytest.importorskip("pyarrow", reason="Parquet is an extra")
        pq = pytest.importorskip("pyarrow.parquet")
        start = np.datetime64(first, unit).astype(np.int64)
        step = np.timedelta64(1, "s").astype(f"timedelta64[{unit}]").astype(np.int64)
        stamps = pa.array(start + step * np.arange(4), pa.timestamp(unit, zone))
        pq.write_table(
            pa.table({"time": stamps, "a": [1.0, 4.0, 2.0, 2.0]}), tmp_path / "a.parquet"
        )
        with pytest.raises(SignalprepError, match=r"a\.parquet: .*1678 and 2262"):
            read_log(tmp_path / "a.parquet")
        assert len(read_log(tmp_path / "a.parquet", columns=["a"], time=False, rate=1.0)) == 4

    @pytest.mark.parametrize("first", ["1678-01-02", "1969-12-31T23:59:58", "2261-12-30"])
    def test_what_fits_is_exact(self, tmp_path, first):
        every = np.datetime64(first, "s") + np.arange(4)
        path = written(tmp_path / "a.csv", "time,a\n" + "".join(f"{t},1\n" for t in every))
        stamps = read_log(path).index.get_level_values("time")
        np.testing.assert_array_equal(stamps, every.astype("datetime64[ns]"))

    def test_one_stamp_of_a_logger_that_lost_its_clock_is_named(self, tmp_path):
        stamps = ["2024-05-01T00:00:00", "2024-05-01T00:00:01", "9999-12-31T00:00:00"]
        path = written(tmp_path / "a.csv", "time,a\n" + "".join(f"{t},1\n" for t in stamps))
        with pytest.raises(SignalprepError, match="row 2 says 9999-12-31"):
            read_log(path)


class TestBeyondWhatIsSniffed:
    @pytest.mark.parametrize("n_channels", [2500, 6000])
    @pytest.mark.parametrize("sep", [",", ";", "\t"])
    def test_very_wide_tables(self, tmp_path, n_channels, sep):
        values = np.random.default_rng(0).normal(size=(6, n_channels))
        names = [f"cell_voltage_{k}" for k in range(n_channels)]
        frame = pd.DataFrame(values, columns=names)
        frame.insert(0, "time", np.arange(6) / 10)
        frame.to_csv(tmp_path / "a.csv", index=False, sep=sep, decimal="," if sep == ";" else ".")
        log = read_log(tmp_path / "a.csv")
        assert list(log.columns) == names
        np.testing.assert_array_equal(log.to_numpy(), values)

    def test_a_line_of_100_000_columns(self, tmp_path):
        n = 100_000
        text = "time" + "".join(f",c{k}" for k in range(n)) + "\n"
        text += "".join(f"{row / 10}" + f",{row}" * n + "\n" for row in range(3))
        log = read_log(written(tmp_path / "a.csv", text), columns=["c0", f"c{n - 1}"])
        assert log.to_numpy().tolist() == [[0, 0], [1, 1], [2, 2]]

    @pytest.mark.parametrize(
        "above",
        [
            "# {}\n" * 400,
            "key {},1\n" * 400,
            "{}\n" * 400,
            "# {}\n" * 3000,
            "{}\n\n" * 400,
        ],
    )
    def test_preambles_beyond_64_kib(self, tmp_path, above):
        text = above.replace("{}", "a long remark of the bench " * 7)
        assert len(text) > 1 << 16
        rows = "".join(f"{k / 10:.1f},{k * k % 7},{k * k % 11}\n" for k in range(4000))
        log = read_log(written(tmp_path / "a.csv", text + "time,a,b\n" + rows))
        assert log.shape == (4000, 2)
        assert rate(log) == pytest.approx(10.0)

    @pytest.mark.parametrize("length", [70_000, 300_000])
    def test_a_header_or_a_label_longer_than_64_kib(self, tmp_path, length):
        rows = "".join(f"{k / 10:.1f},{k * k % 7}\n" for k in range(50))
        log = read_log(written(tmp_path / "a.csv", f"time,{'n' * length}\n{rows}"))
        assert log.shape == (50, 1)
        rows = "".join(f"{k / 10:.1f},{k * k % 7},{'w' * length}\n" for k in range(4))
        log = read_log(written(tmp_path / "b.csv", f"time,a,label\n{rows}"))
        assert log["label"].str.len().tolist() == [length] * 4


ODD_TYPES = {
    "time of day": (lambda pa: pa.array(range(5), pa.time64("us")), {"time": "s"}),
    "time of day in ms": (lambda pa: pa.array(range(5), pa.time32("ms")), {"time": "s"}),
    "a list": (lambda pa: pa.array([[1]] * 5), {}),
    "lists as ids": (lambda pa: pa.array([[1]] * 5), {"cycle": "s"}),
    "structs as ids": (lambda pa: pa.array([{"a": 1}] * 5), {"cycle": "s"}),
    "structs as time": (lambda pa: pa.array([{"a": 1}] * 5), {"time": "s"}),
    "maps": (lambda pa: pa.array([[("a", 1)]] * 5, pa.map_(pa.string(), pa.int64())), {}),
    "bytes": (lambda pa: pa.array([b"\xff\xfe"] * 5), {}),
    "bytes as ids": (lambda pa: pa.array([b"\xff\xfe"] * 5), {"cycle": "s"}),
    "bytes as time": (lambda pa: pa.array([b"\xff\xfe"] * 5), {"time": "s"}),
    "flags as time": (lambda pa: pa.array([True, False, True, False, True]), {"time": "s"}),
    "nothing": (lambda pa: pa.nulls(5), {}),
    "nothing as time": (lambda pa: pa.nulls(5), {"time": "s"}),
    "nothing as ids": (lambda pa: pa.nulls(5), {"cycle": "s"}),
    "decimals as time": (lambda pa: pa.array(range(5), pa.decimal128(20, 3)), {"time": "s"}),
    "durations as ids": (lambda pa: pa.array(range(5), pa.duration("s")), {"cycle": "s"}),
    "floats as ids": (lambda pa: pa.array([0.5, np.nan, 1.0, 1.0, 1.0]), {"cycle": "s"}),
    "huge integers": (lambda pa: pa.array([2**64 - 1] * 5, pa.uint64()), {"time": "s"}),
    "half floats": (lambda pa: pa.array(np.arange(5, dtype=np.float16)), {"time": "s"}),
}


@pytest.mark.parametrize("case", ODD_TYPES)
def test_odd_types_of_parquet_are_read_or_refused_in_our_words(tmp_path, case):
    pa = pytest.importorskip("pyarrow", reason="Parquet is an extra")
    pq = pytest.importorskip("pyarrow.parquet")
    make, options = ODD_TYPES[case]
    columns = {"t": np.arange(5) / 10, "a": np.ones(5), "s": make(pa)}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    log, refusal = read_or_refusal(tmp_path / "a.parquet", **({"time": "t"} | options))
    assert log is None or len(log) == 5
    assert log is not None or "a.parquet" in refusal or "cycle" in refusal


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_parquet_file_is_refused_in_our_words(tmp_path, seed):
    pytest.importorskip("pyarrow", reason="Parquet is an extra")
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"time": np.arange(50) / 10, "speed_of_rotor": 1.5, "mode": "drive"})
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    if seed % 3 == 0:
        content = content.replace(b"speed_of_rotor", b"speed_of_\xff\xfetor")
    for place in rng.integers(0, len(content), seed % 5):
        content[place] = rng.integers(256)
    log, refusal = read_or_refusal(written(tmp_path / "a.parquet", bytes(content)))
    assert log is not None or "a.parquet" in refusal or "InvalidLogError" in refusal


ENCODINGS = (
    *("punycode", "idna", "\0", "rot13", "base64", "hex", "zip", "undefined", "unicode_escape"),
    *("raw_unicode_escape", "utf-7", "utf-32", "utf-16-be", "mbcs", "", " ", "klingon", "x" * 5000),
    *("utf-8\n", "ä", "cp037", "hz", "shift_jis"),
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("content", ["time,a\n" + ROWS, "time,ä\n" + ROWS + "\x00"])
def test_odd_encodings_are_used_or_refused_in_our_words(tmp_path, encoding, content):
    path = written(tmp_path / "a.csv", content)
    log, refusal = read_or_refusal(path, encoding=encoding)
    assert log is not None or "encoding" in refusal or "a.csv" in refusal


ODD = [
    *({"sep": mark, "decimal": mark} for mark in (",", ".")),
    *({"sep": sep} for sep in ("", '"', "\n", "\r", "\0", "ab", "ä", "\x1b", "1", "-")),
    *({"decimal": mark} for mark in ("", "..", ";", "1", "ä")),
    *({"thousands": mark} for mark in ("", ";", "ab", "1")),
    {"thousands": ",", "sep": ","},
    {"thousands": ",", "decimal": ","},
    *({"skip": lines} for lines in (-1, 5, 10**9, 1.5, "2", True)),
    *({"time_unit": unit} for unit in ("", "furlong", "sm", "\0")),
    *({"time_format": form} for form in ("", "%", "%Q", "%Y%Y", "plain", "%" * 500, "\0%Y")),
    {"time_format": "%Y", "time_unit": "s"},
    *({"header": value} for value in ("yes", 2)),
    *({"names": names} for names in ([], ["t"], ["t", "t"], ["", ""], ["t", "a", "b"], "ta")),
    *({"columns": names} for names in ([], ["nix"], "a", [""])),
    *({"na_values": words} for words in ("---", [""], ["0.0"], ["time"])),
    *({"rate": value} for value in (0.0, -1.0, np.nan, np.inf, 1e-300, 1e300)),
    *(
        {"time": name}
        for name in ("nix", "", True, ["time"], ["time", "nix"], [], ["time", "a", "a"])
    ),
    *({"cycle": name} for name in ("nix", "", "time")),
    *({"units": units} for units in ({"nix": "A"}, {"a": "furlong"}, {"a": ""})),
    *({"long_form": form} for form in ({}, {"name": "a"}, {"name": "nix", "value": "a"})),
    *({"max_bytes": size} for size in (0, 1, -5)),
    *({"jitter": value} for value in (-1.0, np.nan)),
    *({"pattern": pattern} for pattern in ("*", "[", "")),
    *({"truncated": word} for word in ("", "ignore")),
    {"clock": "nix"},
    {"hold": -1.0, "rate": 10.0},
]


@pytest.mark.parametrize("options", ODD, ids=lambda options: repr(options)[:40])
def test_odd_parameters_are_used_or_refused_in_our_words(tmp_path, options):
    path = written(tmp_path / "a.csv", "time,a\n" + ROWS)
    log, refusal = read_or_refusal(path, **options)
    words = [*options, "a.csv", "InvalidLogError"]
    assert log is not None or any(word in refusal for word in words), refusal
    assert log is None or len(log) > 0


@pytest.mark.parametrize("digits", [19, 20, 400, 5000])
@pytest.mark.parametrize("use", [{"cycle": "id"}, {"time": "id"}, {}])
def test_numbers_of_thousands_of_digits(tmp_path, digits, use):
    rows = "".join(f"0.{k},{'1' * digits},1\n" for k in range(5))
    path = written(tmp_path / "a.csv", "time,id,a\n" + rows)
    log, refusal = read_or_refusal(path, **use)
    assert log is not None or "a.csv" in refusal or "time" in refusal
    if log is not None:
        assert len(log) == 5
        assert "cycle" not in use or str(log.index[0][0]) == "1" * digits


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf",
        b"\x00" * 5000,
        pytest.param(b"PAR1", marks=needs_pyarrow),
        pytest.param(b"PAR1" * 50, marks=needs_pyarrow),
        b"\x1f\x8b",
        b"\x1f\x8b\x08\x00" + b"\x00" * 30,
        b"time,a\n" + b"," * 100_000,
        b'"' * 10_001,
        b"time,a\n0,1\n\xed\xa0\x80,2\n",
        b"\xd8\x00\xdc\x00" * 500,
        "time,a\n０,１\n１,２\n".encode(),
        b"time,a\n0,1e999\n1,-1e999\n2,1e-999\n",
        b"time,a\n1e308,1\n2e308,2\n",
        b"time,a\nnan,1\nnan,2\n",
        b"time,a\n-5,1\n-4,2\n-3,3\n",
        b"%PDF-1.4\n" + bytes(range(256)) * 8,
    ],
    ids=range(20),
)
def test_bytes_that_are_no_table_are_refused_in_our_words(tmp_path, content):
    path = written(tmp_path / "a.csv", content)
    for options in ({}, {"rate": 1.0}, {"rate": 1.0, "time": False}, {"check": False}):
        log, refusal = read_or_refusal(path, **options)
        assert log is not None or "a.csv" in refusal or "InvalidLogError" in refusal


def test_large_tables_are_counted_before_they_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("t,x,y\n" + "".join(f"{k},1,2\n" for k in range(150_000)))
    assert path.stat().st_size > 1 << 20
    with pytest.raises(ReadError, match=r"150000 rows of 3 columns need 6e\+06 bytes"):
        read_log(path, max_bytes=2_000_000)
    assert len(read_log(path, max_bytes=6_000_000)) == 150_000
