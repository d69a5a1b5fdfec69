"""Targets: the generated C on emulated controllers, and the hash of what it gives there."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.export._tools import called, missing
from signalprep.embedded.export._vectors import outputs_and_status
from signalprep.embedded.program import Program
from signalprep.embedded.program import _ops as ops
from signalprep.errors import ToolError

__all__ = ["TARGETS", "Run", "Target", "expected_hash", "run_on"]

_SEGMENTS, _SEGMENT = 3, 300  # of so many rows, or as many as the longest window and one more
_SHIFT = 6  # an instruction takes 2**6 ns of the emulated clock
_TICK = 40.0  # ns of SysTick
_SAID = re.compile(r"hash (\d+) least (\d+) most (\d+) sum (\d+) end")


class Target(NamedTuple):
    """A controller: what compiles for it, and what runs it."""

    name: str
    compiler: tuple[str, ...]
    link: tuple[str, ...]
    board: str
    runs: tuple[str, ...]
    counts: bool = False

    @property
    def missing(self) -> str:
        """What is not installed, in words."""
        return missing(self.compiler[0], self.runs[0]) if self.runs else missing(self.compiler[0])


_M4 = ("-mcpu=cortex-m4", "-mthumb")
TARGETS = {
    target.name: target
    for target in (
        Target("host", ("gcc",), (), "hosted.c", ()),
        Target(
            "Cortex-M4", ("arm-none-eabi-gcc", *_M4),
            ("-nostartfiles", "-nostdlib", "-T", "m4.ld", "-lgcc"), "m4.c",
            ("qemu-system-arm", "-M", "mps2-an386", "-nographic", "-semihosting",
             "-icount", f"shift={_SHIFT}", "-kernel"), counts=True,
        ),
        Target(
            "AVR", ("avr-gcc", "-mmcu=atmega2560"), (), "avr.c",
            ("simavr", "-m", "atmega2560", "-f", "16000000"),
        ),
        Target(
            "PowerPC, big-endian", ("powerpc-linux-gnu-gcc",), ("-static",), "hosted.c",
            ("qemu-ppc",),
        ),
    )
}  # fmt: skip


class Run(NamedTuple):
    """What a target said: a hash of its outputs, and instructions of a row where it counts."""

    hash: int
    least: int
    most: int
    mean: float
    flash: int
    data: int
    stack: int
    calls: tuple[str, ...]


def _segment(program: Program) -> int:
    """Rows of a segment: a filter that starts up costs less than one that has all its rows."""
    windows = [op.size for op in program.ops if isinstance(op, ops.Window)]
    return max([_SEGMENT, *(size + 1 for size in windows)])


def expected_hash(program: Program) -> int:
    """The hash that Python has of the rows that the targets make."""
    seed, bits = 1, program.ops[0].bits  # type: ignore[attr-defined]
    segment = _segment(program)
    codes = np.empty((_SEGMENTS * segment, len(program.inputs)), dtype=np.int64)
    for at in np.ndindex(codes.shape):
        drawn = []
        for _ in range(3):
            seed = (seed * 1664525 + 1013904223) % 2**32
            drawn.append(seed)
        part = (drawn[0] >> (33 - bits)) >> ((drawn[1] >> 16) % bits)
        codes[at] = -part - 1 if drawn[2] >> 31 else part
    found = 2166136261
    values = outputs_and_status(program, codes, np.arange(0, len(codes) + 1, segment))
    for value in values.ravel().tolist():
        found = ((found ^ (value % 2**32)) * 16777619) % 2**32
    return found


def run_on(target: Target, program: Program, folder: Path, name: str, work: Path) -> Run:
    """Compile the files of a folder for a target at -O2 and run them there.

    Raises
    ------
    ToolError
        A tool is not installed, the program does not fit, or it has not come to an end.
    """
    if words := target.missing:
        raise ToolError(words)
    for file in (f"{name}.c", f"{name}.h"):
        (work / file).write_bytes((folder / file).read_bytes())
    boards = files("signalprep.embedded.export").joinpath("_boards")
    for file in ("rows.c", target.board, "m4.ld"):
        text = boards.joinpath(file).read_text(encoding="utf-8")
        (work / file).write_text(text.replace("MODEL.h", f"{name}.h"), encoding="utf-8")
    prefix = target.compiler[0].removesuffix("gcc")
    plain = [*target.compiler, "-std=c99", "-O2", "-fno-stack-protector", "-U_FORTIFY_SOURCE"]
    _made([*plain, "-fstack-usage", "-c", f"{name}.c", "-o", "model.o"], work)
    segment = _segment(program)
    n_rows = _SEGMENTS * segment
    defined = {
        "BITS": f"{program.ops[0].bits}U", "RAW": raw_type(program),  # type: ignore[attr-defined]
        "N_IN": len(program.inputs), "N_OUT": len(outputs_of(program)),
        "N_ROWS": f"{n_rows}U", "N_SEGMENT": f"{segment}U", "STATE": f"{name}_state",
        "STEP": f"{name}_step", "RESET": f"{name}_reset",
    }  # fmt: skip
    flags = [f"-D{key}={value}" for key, value in defined.items()]
    own = [*target.compiler, "-std=gnu99", "-O2", "-fno-tree-loop-distribute-patterns", *flags]
    _made([*own, "rows.c", target.board, "model.o", *target.link, "-o", "run.elf"], work)
    command = [*target.runs, "run.elf"] if target.runs else [work / "run.elf"]
    done = called(command, work, seconds=120.0)
    said = _SAID.search((done.stdout + done.stderr).decode("utf-8", "replace"))
    if said is None:
        words = (done.stdout + done.stderr).decode("utf-8", "replace")[-300:].strip()
        raise ToolError(f"{target.name} has not come to an end: {words}")
    found, least, most, total = (int(number) for number in said.groups())
    factor = _TICK / 2**_SHIFT
    flash, data = _sizes(prefix, work)
    return Run(
        found, round(least * factor), round(most * factor), total * factor / n_rows, flash, data,
        _stack(work), _calls(prefix, work),
    )  # fmt: skip


def _made(command: list[str], work: Path) -> None:
    done = called(command, work)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        if "not within region" in words or "will not fit" in words or "overflowed" in words:
            raise ToolError("it does not fit into the memory")
        raise ToolError(f"{command[0]} refuses: {words[-200:]}")


def _sizes(prefix: str, work: Path) -> tuple[int, int]:
    """Bytes of code with constants, and of variables, of the model alone."""
    done = called([f"{prefix}size", "model.o"], work)
    text, data, bss = done.stdout.decode().splitlines()[1].split()[:3]
    return int(text), int(data) + int(bss)


def _stack(work: Path) -> int:
    """Bytes of the deepest function of the model; helpers are part of the step at -O2."""
    lines = (work / "model.su").read_text(encoding="utf-8").splitlines()
    return max(int(line.split("\t")[1]) for line in lines)


def _calls(prefix: str, work: Path) -> tuple[str, ...]:
    """What the model calls."""
    done = called([f"{prefix}nm", "-u", "model.o"], work)
    return tuple(line.split()[-1] for line in done.stdout.decode().splitlines() if line.strip())
