"""Verification: the compiled C held against Python, output by output."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from signalprep._progress import track
from signalprep.embedded.export._settings import SETTINGS, Setting, compiled, undefined
from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.export._tools import called
from signalprep.embedded.export._vectors import Vectors
from signalprep.embedded.program import Program

__all__ = ["Verification", "verified"]

_SECONDS = 600.0

_DRIVER = """\
#include <stdio.h>
#include <string.h>
#include "{name}.h"

static int take(void *to, size_t n)
{{
    return fread(to, 1, n, stdin) == n;
}}

int main(void)
{{
    static {name}_state state;
    int32_t rows, i, in[{n_in}], out[{n_out}], status;
    {raw} raw[{n_in}];
    memset(&state, 0x55, sizeof state); /* whatever a controller has there */
    while (take(&rows, sizeof rows))
    {{
        {name}_reset(&state);
        for (; rows > 0; --rows)
        {{
            if (!take(in, sizeof in))
            {{
                return 1;
            }}
            for (i = 0; i < {n_in}; ++i)
            {{
                raw[i] = ({raw})in[i];
            }}
            status = {name}_step(&state, raw, out);
            fwrite(out, sizeof out[0], {n_out}, stdout);
            fwrite(&status, sizeof status, 1, stdout);
        }}
    }}
    return 0;
}}
"""


@dataclass(frozen=True, repr=False)
class Verification:
    """Whether the compiled C gives what Python gives.

    Made by :meth:`Export.verify`.

    Attributes
    ----------
    table : DataFrame
        A row for each setting of the compiler: ``outputs`` and ``statuses`` that differ,
        ``warnings``, ``calls`` (functions called that must not be), and in words what ``stopped``
        it.
    n_rows, n_segments : int
        How many have been compared.
    rows : str
        Which rows they were.
    compiler : str
        What compiled them.
    messages : list of str
        Warnings, and of each setting the first row that differs.
    """

    table: pd.DataFrame
    n_rows: int
    n_segments: int
    rows: str
    compiler: str
    messages: list[str]

    @property
    def ok(self) -> bool:
        """Whether nothing differs, nothing stopped, and the compiler has nothing to say."""
        counts = self.table[["outputs", "statuses", "warnings", "calls"]]
        return bool((counts == 0).all(axis=None) and (self.table["stopped"] == "").all())

    @property
    def answer(self) -> str:
        """The outcome in a word: "pass" or "fail"."""
        return "pass" if self.ok else "fail"

    def __repr__(self) -> str:
        what = f"{self.n_rows:,} rows in {self.n_segments:,} segments ({self.rows})"
        head = f"Verification: {self.answer}, {what}, {self.compiler}"
        shown = self.table.drop(columns="stopped") if self.ok else self.table
        return "\n".join([head, shown.to_string(), *self.messages[:10]])


def verified(
    program: Program, folder: Path, name: str, vectors: Vectors, rows: str, progress: bool | None
) -> Verification:
    """Compile the files of a folder in every setting and compare."""
    feed = _feed(vectors)
    names = outputs_of(program)
    driver = _DRIVER.format(
        name=name, raw=raw_type(program), n_in=len(program.inputs), n_out=len(names)
    )
    lines, messages = {}, []
    with tempfile.TemporaryDirectory(prefix="signalprep-") as place:
        work = Path(place)
        for file in (f"{name}.c", f"{name}.h"):
            (work / file).write_bytes((folder / file).read_bytes())
        (work / "driver.c").write_text(driver, encoding="utf-8")
        compiler = called(["gcc", "--version"], work).stdout.decode().partition("\n")[0]
        for setting in track(SETTINGS, len(SETTINGS), "compile and compare", progress):
            lines[setting.name], said = _held(work, name, setting, feed, vectors)
            messages += [f"{setting.name}: {text}" for text in said]
    columns = ["outputs", "statuses", "warnings", "calls", "stopped"]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=columns)
    n_segments = len(vectors.bounds) - 1
    return Verification(
        table.rename_axis("setting"), len(vectors.codes), n_segments, rows, compiler, messages
    )


def _feed(vectors: Vectors) -> bytes:
    """Segments as the driver reads them: how many rows, then their codes."""
    parts = []
    for begin, end in pairwise(vectors.bounds):
        parts += [np.int32(end - begin).tobytes(), vectors.codes[begin:end].astype("i4").tobytes()]
    return b"".join(parts)


def _held(
    work: Path, name: str, setting: Setting, feed: bytes, vectors: Vectors
) -> tuple[list[int | str], list[str]]:
    """A row of the table, and messages."""
    n_values = vectors.expected.size
    built, said = compiled(Path(f"{name}.c"), setting, work, _SECONDS)
    if not built:
        return [n_values - len(vectors.codes), len(vectors.codes), len(said), 0, "compiler"], said
    calls = undefined(built, work) if setting.alone else set()
    said += [f"calls {call}" for call in sorted(calls)]
    n_warnings = len(said) - len(calls)
    link = ["gcc", "-std=c99", *setting.flags, "-I", ".", "driver.c", built, "-o", "driver"]
    done = called(link, work, seconds=_SECONDS)
    if done.returncode:
        said.append(done.stderr.decode("utf-8", "replace").strip()[-300:])
        return [n_values - len(vectors.codes), len(vectors.codes), n_warnings, len(calls),
                "linker"], said  # fmt: skip
    done = called([work / "driver"], work, seconds=_SECONDS, feed=feed)
    found = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], dtype=np.int32)
    whole = np.full(n_values, np.iinfo(np.int64).min)
    whole[: len(found)] = found
    differs = whole.reshape(vectors.expected.shape) != vectors.expected
    stopped = ""
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        stopped = words[0] if words else f"exit code {done.returncode}"
    if differs.any():
        row = int(np.flatnonzero(differs.any(axis=1))[0])
        got = found[row * differs.shape[1] : (row + 1) * differs.shape[1]].tolist()
        said.append(
            f"row {row}, codes {vectors.codes[row].tolist()}: C gives {got}, Python "
            f"{vectors.expected[row].tolist()}"
        )
    return [int(differs[:, :-1].sum()), int(differs[:, -1].sum()), n_warnings, len(calls),
            stopped], said  # fmt: skip
