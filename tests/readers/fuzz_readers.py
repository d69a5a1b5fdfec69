"""Damaged files and odd parameters: nothing but a SignalprepError may come out of `read_log`.

``python tests/readers/fuzz_readers.py --n 20000 --seed 0 --keep folder`` says what else did, how
often, and keeps files and parameters to see it again.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import inspect
import io
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matrix_times import OneOf
from table_matrix import tables

import signalprep as sp
from signalprep.errors import SignalprepError

MAX_SECONDS = 5.0
HANG = 60  # seconds after which a call is interrupted
MAX_GROWTH = 1 << 30  # bytes
MAX_BYTES = 1 << 26  # what read_log may take, unless another is drawn
N_TABLES = 250
KEPT = 3  # reproducers of one kind

NUMBERS = (
    *(
        "1e999",
        "-1e999",
        "1e-400",
        "9" * 400,
        "9" * 5000,
        "-0",
        "+",
        "-",
        ".",
        ",",
        "1.2.3",
        "0x1F",
    ),
    *(
        "1_000",
        "١٢٣",
        "½",
        "1e",
        "nan",
        "-inf",
        "Infinity",
        "∞",
        "NaT",
        "True",
        "18446744073709551616",
    ),
    *(
        "9223372036854775808",
        "1,234,567.8",
        "1.234.567,8",
        "12%",
        "0.10 sec",
        "-9223372036854775809",
    ),
)
TIMES = (
    *(
        "9999-12-31T23:59:59",
        "0001-01-01",
        "0000-00-00",
        "2024-02-30T12:00:00",
        "2024-13-01",
        "1601-01-01",
    ),
    *("24:00:00", "99:99:99", "29.02.2023 12:00:00", "12:00", "2024-05-01T12:00:00+99:99", "P1D"),
    *("2024-05-01T12:00:00.1234567890123", "253402300800", "1e18", "-62135596800", "1d 25:61:61"),
)
WORDS = (
    *("", " ", '"', '""', '"a', "'", "\\", "\\N", "#", "%", "=cmd()", "<script>", "x" * 70_000),
    *(
        "\x00",
        "\x1b[2J",
        "\x07",
        "\x1a",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x0b\x0c",
        "é",
        "名",
        "\U0001f600",
    ),
    *("time", "Time [ms]", "id", "a:1", "sep=;", "[" * 2000, "(" * 2000 + "s" + ")" * 2000),
)
ENCODINGS = (
    *("utf-8", "latin-1", "cp1252", "utf-16", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "ascii"),
    *("cp037", "shift_jis", "gb18030", "punycode", "idna", "unicode_escape", "raw_unicode_escape"),
    *("rot13", "base64", "hex", "zlib", "undefined", "\0", "", "nope", "utf-8\n"),
)


class _Hang(BaseException):
    pass


@dataclass
class Finding:
    """A call that ended in another way than it may."""

    number: int
    kind: str
    words: str
    name: str
    content: bytes
    asked: dict[str, Any]


@dataclass(frozen=True)
class Seed:
    """A valid file, and parameters that are true of it."""

    suffix: str
    content: bytes
    facts: dict[str, Any]


def text_seeds(seed: int) -> list[Seed]:
    """Small tables of every dialect, plain and packed, and one that is large once unpacked."""
    found = []
    for number, table in enumerate(tables(N_TABLES, seed)):
        packed = number % 6 == 5
        content = gzip.compress(table.content, mtime=0) if packed else table.content
        suffix = ".csv.gz" if packed else (".csv", ".txt", ".tsv")[number % 3]
        facts = {name: v for name, v in table.facts.items() if not isinstance(v, OneOf)}
        found.append(Seed(suffix, content, facts))
    return [*found, Seed(".csv.gz", gzip.compress(bytes(2 * MAX_BYTES), 9, mtime=0), {})]


def parquet_seeds() -> list[Seed]:
    """Small Parquet files with columns of many types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = 30
    speed = pa.array(np.arange(n) * 1.5 - 7)
    times: list[Any] = [
        pa.array(np.arange(n) / 10),
        pa.array(np.arange(n), pa.timestamp("us", tz="UTC")),
        pa.array(np.arange(n) * 10**9 + 253_402_300_000 * 10**9 // 1000, pa.timestamp("ms")),
        pa.array(np.arange(n), pa.duration("ms")),
        pa.array(np.arange(n), pa.time64("us")),
        pa.array([f"2024-05-01T12:00:{k:02d}" for k in range(n)]),
    ]
    others: list[dict[str, Any]] = [
        {},
        {"gear": pa.array(["a", "b", None] * (n // 3)).dictionary_encode()},
        {"flag": pa.array([True, False, None] * (n // 3)), "id": pa.array([1] * n, pa.int8())},
        {"list": pa.array([[1.0]] * n), "id": pa.array(["1"] * n)},
        {"price": pa.array(range(n), pa.decimal128(20, 3)), "nothing": pa.nulls(n)},
        {"raw": pa.array([b"\xff\x00"] * n), "big": pa.array([2**63] * n, pa.uint64())},
    ]
    found = []
    for stamps in times:
        for more in others:
            sink = io.BytesIO()
            compression = "snappy" if len(more) % 2 else "none"
            table = pa.table({"time": stamps, "speed [rpm]": speed, **more})
            pq.write_table(table, sink, compression=compression)
            found.append(Seed(".parquet", sink.getvalue(), {}))
    return found


def _flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, content: bytes) -> bytes:
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return rng.choice((content[:last], content[first:], content[:first] + content[last:]))


def _repeat(rng: random.Random, content: bytes) -> bytes:
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:last] + content[first:last] * rng.choice((1, 2, 5)) + content[last:]


def _insert(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    word = rng.choice((*WORDS, *NUMBERS, *TIMES)).encode(rng.choice(("utf-8", "utf-16-le")))
    noise = bytes(rng.randrange(256) for _ in range(rng.choice((1, 4, 40))))
    return content[:at] + rng.choice((word, noise, bytes(rng.choice((1, 7))))) + content[at:]


def _move_lines(rng: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    for _ in range(rng.choice((1, 2, 5))):
        at = rng.randrange(len(lines))
        action = rng.randrange(4)
        if action == 0:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
        elif action == 1 and len(lines) > 1:
            del lines[at]
        elif action == 2:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = rng.choice((b"\n", b"\r", b"#\n", b'"', b",,,,\n", b"\t\n"))
    return b"".join(lines)


def _replace_cells(rng: random.Random, content: bytes) -> bytes:
    """Another cell here and there, whatever separates them."""
    mark = rng.choice((b",", b";", b"\t", b" ", b"|"))
    cells = content.split(mark)
    for _ in range(rng.choice((1, 2, 20))):
        word = rng.choice(rng.choice((NUMBERS, TIMES, WORDS)))
        cells[rng.randrange(len(cells))] = word.encode("utf-8")
    return mark.join(cells)


def _replace_marks(rng: random.Random, content: bytes) -> bytes:
    marks = (b",", b";", b"\t", b" ", b"|", b".", b":", b"\n", b"\r\n", b'"', b"-", b"T")
    return content.replace(rng.choice(marks), rng.choice((*marks, b"")), rng.choice((1, 5, -1)))


def _recode(rng: random.Random, content: bytes) -> bytes:
    text = content.decode(rng.choice(("utf-8", "latin-1", "utf-16")), errors="replace")
    return text.encode(rng.choice(("utf-8", "utf-16", "utf-16-be", "utf-32", "utf-7")), "replace")


DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_flip, _cut, _repeat, _insert, _move_lines, _replace_cells, _replace_marks, _recode),
)


def damaged(rng: random.Random, suffix: str, content: bytes) -> bytes:
    """The content after up to three damages; packed text is mostly damaged before packing."""
    inside = suffix.endswith(".gz") and len(content) < 10_000 and rng.random() < 0.7
    content = gzip.decompress(content) if inside else content
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        content = rng.choice(DAMAGES)(rng, content) or b"\n"
    return gzip.compress(content, 1, mtime=0) if inside else content


def parameters(rng: random.Random, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of `read_log`: those that are true, or not, and random ones of the right type."""
    names = ("time", "t", "Time", "speed", "torque", "id", "x0", "gear", "nothing", "", "\x1b")
    choices: dict[str, Callable[[], Any]] = {
        "cycle": lambda: rng.choice((*names, "reset", ["id", "gear"], ["speed"])),
        "time": lambda: rng.choice((*names, False, ["Date", "Time"], ["x0", "x1"])),
        "rate": lambda: rng.choice(
            (1.0, 10.0, 12.5, 1e3, 0.0, -1.0, 1e9, 1e300, 1e-300, float("nan"))
        ),
        "clock": lambda: rng.choice(names),
        "columns": lambda: rng.sample(names, rng.randint(0, 3)),
        "names": lambda: [*rng.sample(names, rng.randint(0, 5)), "time"],
        "pattern": lambda: rng.choice(("*.csv", "[", "**", "")),
        "sep": lambda: rng.choice((",", ";", "\t", " ", "|", '"', "\n", "\0", "é", "ab", "", ".")),
        "decimal": lambda: rng.choice((".", ",", ";", "")),
        "thousands": lambda: rng.choice((",", ".", " ", "'", "")),
        "encoding": lambda: rng.choice(ENCODINGS),
        "skip": lambda: rng.choice((0, 1, 2, 5, 1000, -1, 10**12)),
        "header": lambda: rng.random() < 0.5,
        "units": lambda: rng.choice((True, False, {"speed": "rad/s"}, {"x": "?"}, {})),
        "na_values": lambda: rng.sample((*WORDS[:12], "-", "---", "1"), 2),
        "time_unit": lambda: rng.choice(("s", "ms", "us", "ns", "min", "h", "d", "x", "")),
        "time_format": lambda: rng.choice(
            (
                "%Y-%m-%d %H:%M:%S",
                "%d.%m.%Y %H:%M:%S",
                "%H:%M:%S.%f",
                "%",
                "%Q",
                "",
                "%j",
                "é",
                "%Z",
                "\0",
            )
        ),
        "coerce": lambda: rng.random() < 0.5,
        "truncated": lambda: rng.choice(("raise", "drop", "keep", "no")),
        "duplicates": lambda: rng.choice(("raise", "last", "first")),
        "jitter": lambda: rng.choice((0.0, 0.01, 0.4, 1.0, -1.0, float("nan"))),
        "interpolate": lambda: rng.choice((None, "linear", ["speed"], "cubic")),
        "hold": lambda: rng.choice((None, "auto", "5s", 1.0, -1.0, "x", {"speed": "1s"})),
        "start": lambda: rng.choice(("first", "common", "last")),
        "ages": lambda: rng.random() < 0.5,
        "reduce": lambda: rng.choice((None, "mean", "max")),
        "check": lambda: rng.random() < 0.5,
        "max_bytes": lambda: rng.choice((1, 1000, 10**5, MAX_BYTES)),
        "n_jobs": lambda: rng.choice((None, 1, 2, -1)),
    }
    known = _known_parameters()
    chosen = rng.sample(sorted(choices), rng.choice((0, 0, 0, 0, 1, 1, 2, 4)))
    asked = {"max_bytes": MAX_BYTES, **(facts if rng.random() < 0.6 else {})}
    asked |= {name: choices[name]() for name in chosen}
    return {name: value for name, value in asked.items() if name in known}


@functools.cache
def _known_parameters() -> frozenset[str]:
    return frozenset(inspect.signature(sp.read_log).parameters)


def _where(error: BaseException) -> str:
    """The innermost place in signalprep: errors from one place are of one kind."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "signalprep" in frame.filename and "tests" not in frame.filename
    ]
    return frames[-1] if frames else "?"


def _interrupt(*_: object) -> None:
    raise _Hang


def judge(path: Path, asked: dict[str, Any]) -> tuple[str, str]:
    """Read one file: "read", "refused", or what must not be, with its kind and words."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, work = time.perf_counter(), time.process_time()
    previous = signal.signal(signal.SIGALRM, _interrupt)
    signal.alarm(HANG)
    try:
        sp.read_log(path, **asked)
        kind, words = "read", ""
    except SignalprepError as error:
        kind, words = "refused", str(error)
    except (Exception, _Hang) as error:
        kind, words = f"{type(error).__name__} at {_where(error)}", str(error)[:200]
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
    seconds = min(time.perf_counter() - wall, time.process_time() - work)  # others run here, too
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    if seconds > MAX_SECONDS:
        return "slow", f"{seconds:.1f} s"
    if grown > MAX_GROWTH:
        return "memory", f"{grown / 1e9:.1f} GB"
    if len(words) > 5000 and kind == "refused":
        return "a message that nobody can read", f"{len(words)} letters"
    return kind, words


def fuzz(n: int, seed: int) -> Iterator[tuple[str, Finding | None]]:
    """Judge n damaged files; gives the kind of each, and what was found where something was."""
    seeds = [*text_seeds(seed), *parquet_seeds()]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n):
            rng = random.Random(f"{seed} {number}")
            chosen = rng.choice(seeds)
            content = damaged(rng, chosen.suffix, chosen.content)
            asked = parameters(rng, chosen.facts)
            path = Path(folder) / f"{number:06d}{chosen.suffix}"
            path.write_bytes(content)
            kind, words = judge(path, asked)
            fine = kind in ("read", "refused")
            yield kind, None if fine else Finding(number, kind, words, path.name, content, asked)
            path.unlink()


def keep(folder: Path, finding: Finding) -> None:
    """Save what it takes to see a finding again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / finding.name).write_bytes(finding.content)
    facts = {"kind": finding.kind, "words": finding.words, "read_log": finding.asked}
    (folder / f"{finding.number:06d}.json").write_text(json.dumps(facts, indent=1))


def main() -> int:
    """Fuzz, print what was found by kind, keep the first of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="number of files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for files and parameters to see it again")
    options = parser.parse_args()
    warnings.simplefilter("error")
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"--keep must name a new or empty folder; {options.keep} holds files")
    kinds: Counter[str] = Counter()
    first: dict[str, Finding] = {}
    width = shutil.get_terminal_size().columns - 8
    for kind, finding in fuzz(options.n, options.seed):
        kinds[kind] += 1
        if finding is not None:
            first.setdefault(kind, finding)
            if options.keep and kinds[kind] <= KEPT:
                keep(options.keep, finding)
    for kind, count in kinds.most_common():
        print(f"{count:7d} {kind}")
        if kind in first:
            print(f"        {first[kind].name}: {first[kind].words!r}"[:width])
            print(f"        {first[kind].asked}"[:width])
    return 1 if first else 0


if __name__ == "__main__":
    sys.exit(main())
