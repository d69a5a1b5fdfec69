"""Benchmark: how long a row takes here, and what it costs on emulated controllers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from signalprep._progress import track
from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.export._targets import TARGETS, Target, expected_hash, run_on
from signalprep.embedded.export._tools import called
from signalprep.embedded.export._vectors import Vectors
from signalprep.embedded.program import Program
from signalprep.errors import ToolError

__all__ = ["Benchmark", "benchmarked"]

_WARM, _TIMED = 2000, 20000

_TIMER = """\
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "{name}.h"

static {raw} rows[{n_rows}][{n_in}];

static double now(void)
{{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}}

int main(void)
{{
    static {name}_state state;
    static double took[{timed}];
    int32_t out[{n_out}];
    volatile int32_t kept = 0;
    long row, k;
    if (fread(rows, sizeof rows, 1, stdin) != 1)
    {{
        return 1;
    }}
    {name}_reset(&state);
    for (row = -{warm}; row < {timed}; ++row)
    {{
        const {raw} *raw = rows[(row + {warm}) % {n_rows}];
        const double before = now();
        {name}_step(&state, raw, out);
        const double after = now();
        kept = kept + out[0];
        if (row >= 0)
        {{
            took[row] = after - before;
        }}
    }}
    for (k = 0; k < {timed}; ++k)
    {{
        printf("%.0f\\n", took[k]);
    }}
    return 0;
}}
"""


@dataclass(frozen=True, repr=False)
class Benchmark:
    """What a row costs. Made by :meth:`Export.benchmark`.

    Attributes
    ----------
    host : dict of {str: float}
        Nanoseconds of a row on this machine after a warm-up, the clock included: ``p50``, ``p90``
        and ``max``.
    targets : DataFrame
        A row for each emulated controller: ``instructions`` of a row (``least``, ``most``; only
        the Cortex-M4 counts), ``flash`` (code and constants) and ``stack`` in bytes, ``calls``
        (functions of the compiler's library), ``hash_ok`` (whether its outputs are those of
        Python), or in words why there is ``none``. Compiled at -O2.
    state : int
        Bytes of RAM of a state.
    hash : int
        Of what the targets must give.
    """

    host: dict[str, float]
    targets: pd.DataFrame
    state: int
    hash: int

    @property
    def ok(self) -> bool:
        """Whether every target that ran gives what Python gives."""
        return bool(self.targets["hash_ok"].dropna().all())

    def __repr__(self) -> str:
        times = ", ".join(f"{name} {value:.0f} ns" for name, value in self.host.items())
        head = f"Benchmark: a row takes {times} here; state {self.state} B; hash {self.hash:08x}"
        return f"{head}\n{self.targets.to_string(na_rep='')}"


def benchmarked(
    program: Program, folder: Path, name: str, vectors: Vectors, state: int, progress: bool | None
) -> Benchmark:
    """Time the files of a folder here and run them on every target that there is."""
    expected = expected_hash(program)
    lines = {}
    for target in track(TARGETS.values(), len(TARGETS), "benchmark", progress):
        lines[target.name] = _line(target, program, folder, name, expected)
    columns = ["least", "most", "flash", "stack", "calls", "hash_ok", "none"]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis("target")
    return Benchmark(_timed(program, folder, name, vectors), table, state, expected)


def _line(target: Target, program: Program, folder: Path, name: str, expected: int) -> list[object]:
    with tempfile.TemporaryDirectory(prefix="signalprep-") as work:
        try:
            found = run_on(target, program, folder, name, Path(work))
        except ToolError as error:
            return [None, None, None, None, "", None, str(error)]
    counts = [found.least, found.most] if target.counts else [None, None]
    right = found.hash == expected
    return [*counts, found.flash, found.stack, " ".join(found.calls), right, ""]


def _timed(program: Program, folder: Path, name: str, vectors: Vectors) -> dict[str, float]:
    """Times of rows on this machine."""
    text = _TIMER.format(
        name=name, raw=raw_type(program), n_rows=len(vectors.codes), n_in=len(program.inputs),
        n_out=len(outputs_of(program)), warm=_WARM, timed=_TIMED,
    )  # fmt: skip
    kind = np.dtype(raw_type(program).removesuffix("_t"))
    with tempfile.TemporaryDirectory(prefix="signalprep-") as place:
        work = Path(place)
        for file in (f"{name}.c", f"{name}.h"):
            (work / file).write_bytes((folder / file).read_bytes())
        (work / "timer.c").write_text(text, encoding="utf-8")
        command = ["gcc", "-std=c99", "-O2", "timer.c", f"{name}.c", "-o", "timer"]
        done = called(command, work)
        if done.returncode:
            raise ToolError(f"gcc refuses: {done.stderr.decode('utf-8', 'replace')[-400:]}")
        done = called([work / "timer"], work, feed=vectors.codes.astype(kind).tobytes())
    times = np.array(done.stdout.split(), dtype=float)
    return {
        "p50": float(np.percentile(times, 50)),
        "p90": float(np.percentile(times, 90)),
        "max": float(times.max()),
    }
