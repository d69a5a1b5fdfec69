"""Damaged model files and killed writers: ReadError and nothing else, the old file or the new.

``python tests/damaged_models.py --n 20000 --kills 200 --seed 0`` says how each kind of
damage ended. Files that are damaged as bytes must be refused. Files that are made anew from changed
parts, sealed as `save_model` seals them, must be refused or be read; a number may be another one.
These hold no type that has to be named in `trusted`: whoever names scikit-learn's trees trusts them
with what the file says, and compiled code that is handed nonsense may crash.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from signalprep._atomic import write_atomic
from signalprep.errors import ReadError
from signalprep.persistence._contents import RECORD, SCHEMA, seal, with_record

TRUSTED = ["sklearn.tree._tree.Tree", "scipy.sparse._csr.csr_matrix"]
N_UNNAMED = 3  # models of which none needs a name in `trusted`
MAX_BYTES = 1 << 21
MAX_GROWTH = 1 << 29  # bytes
HANG = 20  # seconds

Parts = dict[str, bytes]
HUGE = (2**31, 2**62, 10**18, -1, 0)
ODD = (None, True, -1, 1.5, 2**70, "", "x", [], {}, [[]], "\x00", "signalprep.errors", "1" * 5000)


class _Hang(BaseException):
    pass


@dataclass
class Finding:
    """A call that ended in another way than it may."""

    number: int
    damage: str
    words: str
    content: bytes


@functools.cache
def models() -> tuple[bytes, ...]:
    """Small model files of several kinds: steps, trees, a sparse matrix."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    X = sp.as_log(rows, cycle=np.repeat(["x", "y", "z"], 20), rate=2.0)
    y = X["a"] + 0.1 * X["b"]
    sparse = LogisticRegression().fit(X, y > 0).sparsify()
    fitted = [
        sp.make_pipeline(sp.HampelFilter(5), sp.Scaler(), Ridge()).fit(X, y),
        sp.PerRegime(Ridge(), {"a": 2}, min_rows=5).fit(X, y),
        HistGradientBoostingRegressor(max_iter=2, max_leaf_nodes=3).fit(X, y),
        RandomForestRegressor(2, max_depth=2, random_state=0).fit(X, y),
        sparse,
    ]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model")
        for model in fitted:
            sp.save_model(model, file, trusted=TRUSTED)
            found.append(file.read_bytes())
    return tuple(found)


# Damages of bytes: what disks, networks and people do to a file.


def flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, content: bytes) -> bytes:
    first, last = sorted(rng.sample(range(len(content) + 1), 2))
    pieces = (content[:first], content[last:], content[:first] + content[last:])
    return rng.choice(pieces)


def insert(rng: random.Random, content: bytes) -> bytes:
    at, start = rng.randrange(len(content) + 1), rng.randrange(len(content))
    more = rng.choice(
        (rng.randbytes(rng.randint(1, 99)), content[start : start + 200], b"\0", b"P")
    )
    return content[:at] + more + content[at:]


def swap(rng: random.Random, content: bytes) -> bytes:
    size = rng.choice((1, 16, len(content) // 9, len(content) // 3))
    first, second = sorted(rng.sample(range(len(content) // size), 2))
    blocks = [content[k : k + size] for k in range(0, len(content), size)]
    blocks[first], blocks[second] = blocks[second], blocks[first]
    return b"".join(blocks)


def blank(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    size = min(rng.choice((1, 64, 4096)), len(content) - start)
    return content[:start] + rng.choice((b"\0", b"\xff")) * size + content[start + size :]


def other(rng: random.Random, content: bytes) -> bytes:
    whole = (b"", b"\0" * 5000, b"PK\x05\x06" + b"\0" * 18, b"\x80\x04N.", b"{}", content[::-1])
    return rng.choice((*whole, rng.randbytes(3000), content + content, content * 2 + b"\0"))


def as_text(rng: random.Random, content: bytes) -> bytes:
    """What copying in text mode or a wrong encoding leaves."""
    lost = content.decode("latin-1").encode("ascii", "replace")
    return rng.choice((content.replace(b"\n", b"\r\n") + b"\n", lost, content.replace(b"\0", b"")))


# Damages of parts: what somebody could make on purpose.


def unpacked(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def packed(parts: Parts, record: bytes | None = None) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts:
            if name != RECORD:
                made.writestr(name, parts[name])
    text = parts.get(RECORD, b"{}") if record is None else record
    return with_record(file.getvalue(), text.decode("latin-1"))


def without_a_part(rng: random.Random, parts: Parts) -> bytes:
    parts.pop(rng.choice(list(parts)))
    return packed(parts)


def swapped_parts(rng: random.Random, parts: Parts) -> bytes:
    first, second = rng.sample(list(parts), 2)
    parts[first], parts[second] = parts[second], parts[first]
    return packed(parts)


def part_of_bytes(rng: random.Random, parts: Parts) -> bytes:
    name = rng.choice(list(parts))
    damage = rng.choice((flip, cut, insert, blank, other))
    parts[name] = damage(rng, parts[name] or b"\0\0")
    return packed(parts)


def other_array(rng: random.Random, parts: Parts) -> bytes:
    """An array of another shape than its bytes, of another type, of pickles, or a packed bomb."""
    arrays = [name for name in parts if name.endswith((".npy", ".npz"))]
    if not arrays:
        return without_a_part(rng, parts)
    head = "{'descr': %s, 'fortran_order': False, 'shape': %s, }"
    kind = rng.choice(
        ("'<f8'", "'|O'", "'<U999999999'", "'|V0'", "[('a', '<f8')] * 9", "'<M8[ns]'")
    )
    shape = rng.choice((f"({rng.choice(HUGE)},)", "(1, 2", "'x'", "(" * 300 + ")" * 300, "()"))
    text = (head % (kind, shape)).encode()
    npy = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + parts[arrays[0]][-64:]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as inner:
        size = rng.choice((100, MAX_BYTES // 2, 3 * MAX_BYTES))
        names = ("format.npy", "shape.npy", "data.npy", "indices.npy", "indptr.npy")
        for name in names[: rng.randint(1, 5)]:
            inner.writestr(name, rng.choice((npy, bytes(size))))
    parts[rng.choice(arrays)] = rng.choice((npy, npy, bomb.getvalue(), b"\x80\x04N.", bytes(size)))
    return packed(parts)


def other_schema(rng: random.Random, parts: Parts) -> bytes:
    schema = json.loads(parts[SCHEMA])
    for _ in range(rng.choice((1, 1, 2, 5))):
        _change(rng, schema)
    parts[SCHEMA] = json.dumps(schema).encode()
    return packed(parts)


def _change(rng: random.Random, thing: Any) -> None:
    """Put something else in the place of one value, or one value in the place of another."""
    places = list(_places(thing))
    holder, key = rng.choice(places)
    second, other_key = rng.choice(places)
    value = holder[key]
    numbers = isinstance(value, (int, float)) or (isinstance(value, str) and value.isdigit())
    if numbers and rng.random() < 0.5:
        holder[key] = rng.choice((*HUGE, str(rng.choice(HUGE))))
    elif rng.random() < 0.5:
        holder[key] = rng.choice(ODD)
    elif rng.random() < 0.5:
        holder[key] = json.loads(json.dumps(second[other_key]))
    elif isinstance(holder, dict):
        del holder[key]


def _places(thing: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in list(thing.items() if isinstance(thing, dict) else enumerate(thing)):
        yield thing, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


def other_record(rng: random.Random, parts: Parts) -> bytes:
    record = json.loads(parts[RECORD])
    _change(rng, record)
    texts = ("", "[]", "null", "[" * 20000, '{"format": 3}', '{"format": 3, "versions": []}', "\0")
    return packed(parts, rng.choice((json.dumps(record), json.dumps(record), *texts)).encode())


def huge_schema(rng: random.Random, parts: Parts) -> bytes:
    """Deep, wide, or few objects that stand for many."""
    leaf = (
        '{"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "1"}'
    )
    head = '"__class__": "list", "__module__": "builtins", "__loader__": "ListNode"'
    laughs = leaf
    for k in range(1, 40):
        again = f'{{{head}, "__id__": {k - 1}}}' if k > 1 else leaf
        laughs = f'{{{head}, "__id__": {k}, "content": [{laughs}, {again}]}}'
    array = next((name for name in parts if name.endswith(".npy")), "none.npy")
    named = (
        '{"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", '
        f'"type": "numpy", "file": "{array}"}}'
    )
    parts[array] = parts.get(array, b"") + bytes(MAX_BYTES // 4)
    many = f'{{{head}, "content": [{", ".join([named] * 2000)}]'
    choice = rng.choice(
        (
            "[" * rng.choice((900, 100_000)),
            "[" + "[]," * rng.choice((1000, MAX_BYTES // 3)) + "[]]",
            laughs[:-1] + ', "protocol": 2}',
            many + ', "protocol": 2}',
        )
    )
    parts[SCHEMA] = choice.encode()
    return packed(parts)


def other_zip(rng: random.Random, parts: Parts) -> bytes:
    """Other packings, lengths that are not true, parts that are there twice."""
    file = io.BytesIO()
    how = rng.choice(
        (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED)
    )
    with zipfile.ZipFile(file, "w", how) as made:
        for name in parts:
            if name != RECORD:
                made.writestr(rng.choice((name, name, name, name + "/", "../" + name)), parts[name])
    content = bytearray(with_record(file.getvalue(), parts[RECORD].decode()))
    entry = content.rindex(b"PK\x01\x02")
    at = entry + rng.choice((8, 10, 16, 20, 24, 28, 30, 32, 42))  # flags, lengths, names, places
    if rng.random() < 0.8:
        content[at : at + 2] = rng.randbytes(2)
    sealed = bytes(content[:-64])
    return sealed + seal(sealed)


OF_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(flip, cut, insert, swap, blank, other, as_text),
)
OF_PARTS: tuple[Callable[[random.Random, Parts], bytes], ...] = (
    *(without_a_part, swapped_parts, part_of_bytes, other_array, other_schema),
    *(other_record, huge_schema, other_zip),
)


def damage(n: int, seed: int, file: Path) -> Iterator[tuple[str, str, Finding | None]]:
    """Damage files and load them; how each was damaged, how it ended, what was wrong."""
    rng = random.Random(seed)
    for number in range(n):
        if number % 2:
            content, of_bytes = rng.choice(models()), rng.choice(OF_BYTES)
            damaged, name = of_bytes(rng, content), of_bytes.__name__
            damaged = content[:-1] if damaged == content else damaged
        else:
            of_parts = rng.choice(OF_PARTS)
            content = rng.choice(models()[:N_UNNAMED])
            damaged, name = of_parts(rng, unpacked(content)), of_parts.__name__
        file.write_bytes(damaged)
        ended, wrong = _load(file)
        if ended == "read" and number % 2:
            wrong = "a damaged file was read"
        yield name, ended, Finding(number, name, wrong, damaged) if wrong else None


def _load(file: Path) -> tuple[str, str]:
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".* was written with ", UserWarning)
            sp.load_model(file, trusted=TRUSTED, max_bytes=MAX_BYTES)
    except ReadError:
        return "refused", ""
    except _Hang:
        return "hung", f"more than {HANG} s"
    except Exception as error:
        return "failed", f"{type(error).__module__}.{type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return "read", ""


def odd_places(folder: Path) -> dict[str, Path]:
    """Paths at which there is no file that could be read."""
    (folder / "folder").mkdir()
    (folder / "empty").write_bytes(b"")
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "lost").symlink_to(folder / "nothing")
    names = ("folder", "empty", "pipe", "circle", "lost", "nothing", "empty/model", "x" * 300, "\0")
    return {name[:20]: folder / name for name in names} | {"device": Path("/dev/zero")}


WRITER = """
import sys
from signalprep._atomic import write_atomic
print("ready", flush=True)
while True:
    write_atomic(sys.argv[1], b"short")
    write_atomic(sys.argv[1], b"long" * 1_000_000)
"""


def kill(n: int, seed: int, folder: Path) -> Iterator[tuple[bool, str]]:
    """Kill writers at random moments; whether one left a file behind, and what was wrong."""
    rng = random.Random(seed)
    file = folder / "model"
    contents = (b"short", b"long" * 1_000_000)
    write_atomic(file, contents[0])
    start = time.perf_counter()
    write_atomic(file, contents[1])
    usual = time.perf_counter() - start
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", WRITER, str(file)]
    for _ in range(n):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(rng.uniform(0, 3 * usual))
            writer.kill()
        left = len(os.listdir(folder)) > 1
        wrong = "" if file.read_bytes() in contents else "half a file"
        write_atomic(folder / "another", b"")
        os.unlink(folder / "another")
        if os.listdir(folder) != ["model"]:
            wrong += f" left behind: {os.listdir(folder)}"
        yield left, wrong


def _hang(*_: Any) -> None:
    raise _Hang


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for files that ended wrongly")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _hang)
    models()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    findings, ends = [], Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, ended, found in damage(asked.n, asked.seed, Path(folder, "model")):
            ends[name, ended] += 1
            findings += [found] if found else []
        places = {name: _load(file) for name, file in odd_places(Path(folder)).items()}
    for (name, ended), number in sorted(ends.items()):
        print(f"{name:16} {ended:8} {number}")
    for name, (ended, words) in places.items():
        print(f"{name!r:16} {ended:8} {words}")
    growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    print(f"{asked.n} files, {len(findings)} ended wrongly, memory grew by {growth >> 20} MiB")
    for one in findings[:20]:
        print(f"  {one.number} {one.damage}: {one.words}")
        if asked.keep:
            asked.keep.mkdir(exist_ok=True)
            (asked.keep / f"{one.number}_{one.damage}").write_bytes(one.content)
    with tempfile.TemporaryDirectory() as folder:
        kills = list(kill(asked.kills, asked.seed, Path(folder)))
    wrongs = [wrong for _, wrong in kills if wrong]
    print(f"{len(kills)} kills, {sum(left for left, _ in kills)} left a file, {len(wrongs)} wrong")
    print(*wrongs[:20], sep="\n")
    refused = all(ended == "refused" for ended, _ in places.values())
    return int(bool(findings) or bool(wrongs) or growth > MAX_GROWTH or not refused)


if __name__ == "__main__":
    sys.exit(main())
