"""ForeignProof: what Eva of Frama-C says about the C, for every code and every state."""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.export._tools import called
from signalprep.embedded.program import STATUS, Interval, Printed, Program, Proof
from signalprep.errors import ToolError

__all__ = ["ForeignProof", "proven"]

_OPTIONS = (
    *("-machdep", "gcc_x86_32", "-pp-annot", "-cpp-extra-args=-std=c99", "-eva"),
    *("-eva-auto-loop-unroll", "3000", "-eva-slevel", "10", "-eva-split-limit", "5000"),
    *(
        "-warn-signed-overflow",
        "-warn-signed-downcast",
        "-eva-msg-key=-initial-state,-final-states",
    ),
)
_ALARM = re.compile(r"^\[eva:alarm\] (.*?): Warning:\s*(.*(?:\n  .*)*)", re.MULTILINE)
_DONE = "[eva:summary]"


@dataclass(frozen=True, repr=False)
class ForeignProof:
    """What Eva says about the C, with any raw codes and any state within its declared range.

    Made by :meth:`Export.prove`.

    Attributes
    ----------
    alarms : list of str
        What could go wrong as Eva sees it: an overflow, a loss in a cast, an access beyond an
        array, a value not set, or a state or an output that leaves its declared range.
    seconds : float
        What it took.
    prover : str
        Its version.
    """

    alarms: list[str]
    seconds: float
    prover: str

    @property
    def ok(self) -> bool:
        """Whether there is no alarm."""
        return not self.alarms

    @property
    def answer(self) -> str:
        """The outcome in a word: "pass" or "fail"."""
        return "pass" if self.ok else "fail"

    def __repr__(self) -> str:
        head = f"ForeignProof: {self.answer}, {len(self.alarms)} alarms, {self.prover}"
        return "\n".join([f"{head}, {self.seconds:.1f} s", *self.alarms[:10]])


def proven(
    program: Program, proof: Proof, printed: Printed, folder: Path, name: str, seconds: float
) -> ForeignProof:
    """Ask Eva about the files of a folder."""
    with tempfile.TemporaryDirectory(prefix="signalprep-") as place:
        work = Path(place)
        for file in (f"{name}.c", f"{name}.h"):
            (work / file).write_bytes((folder / file).read_bytes())
        (work / "driver.c").write_text(driver(program, proof, printed, name), encoding="utf-8")
        version = called(["frama-c", "-version"], work).stdout.decode().strip()
        begin = time.perf_counter()
        done = called(["frama-c", *_OPTIONS, "driver.c"], work, seconds=seconds)
    took = time.perf_counter() - begin
    text = done.stdout.decode("utf-8", "replace")
    if _DONE not in text:
        raise ToolError(f"frama-c has not come to an end: {text[-500:]}")
    alarms = [f"{place}: {' '.join(words.split())}" for place, words in _ALARM.findall(text)]
    return ForeignProof(alarms, took, f"Frama-C {version}")


def driver(program: Program, proof: Proof, printed: Printed, name: str) -> str:
    """A main that calls the step once, with anything that its state and its inputs can be."""
    kind, n_in, names = raw_type(program), len(program.inputs), outputs_of(program)
    top = 1 << (program.ops[0].bits - 1)  # type: ignore[attr-defined]
    raw = Interval(np.full(n_in, -top), np.full(n_in, top - 1))
    results = [proof.ranges[number] for one, number in program.outputs.items() if one != STATUS]
    out = Interval(*(np.concatenate([value[end] for value in results]) for end in (0, 1)))
    types = _types(printed)
    lines = [
        '#include "__fc_builtin.h"', f'#include "{name}.c"', "", "int main(void)", "{",
        f"    {name}_state state;", f"    {kind} raw[{n_in}];", f"    int32_t out[{len(names)}];",
        "    uint32_t i;", *_any("raw", kind, raw),
    ]  # fmt: skip
    fields = {f"state.{field}": (types[field], span) for field, span in printed.spans.items()}
    for field, (type_, span) in fields.items():
        lines += _any(field, type_, span)
    lines.append(f"    {name}_step(&state, raw, out);")
    for field, (_, span) in fields.items():
        lines += _stays(field, span)
    lines += _stays("out", out, always=True)
    return "\n".join([*lines, "    return 0;", "}", ""])


def _types(printed: Printed) -> dict[str, str]:
    """Types of the fields, as the header declares them."""
    words = (field.rstrip(";").split(" ") for field in printed.fields)
    return {name.partition("[")[0]: kind for kind, name in words}


def _runs(span: Interval) -> list[tuple[int, int, int, int]]:
    """Neighbouring elements of one range: begin, end, low, high."""
    low, high = ([int(n) for n in end] for end in span)
    changes = [k for k in range(1, len(low)) if (low[k], high[k]) != (low[k - 1], high[k - 1])]
    ends = [*changes, len(low)]
    return [
        (begin, end, low[begin], high[begin])
        for begin, end in zip([0, *changes], ends, strict=True)
    ]


def _number(n: int) -> str:
    return f"({n + 1}LL - 1)" if n == -(2**63) else f"({n}LL)"


def _any(field: str, kind: str, span: Interval) -> list[str]:
    """Lines that make a field anything within its range."""
    lines = []
    for begin, end, low, high in _runs(span):
        given = f"({kind})Frama_C_long_long_interval({_number(low)}, {_number(high)})"
        if kind != "int64_t":
            given = f"({kind})Frama_C_interval((int){_number(low)}, (int){_number(high)})"
        if len(span.low) == 1 and field != "raw":
            lines.append(f"    {field} = {given};")
        else:
            lines.append(f"    for (i = {begin}U; i < {end}U; ++i) {{ {field}[i] = {given}; }}")
    return lines


def _stays(field: str, span: Interval, *, always: bool = False) -> list[str]:
    """Assertions that a field is still within its range."""
    lines = []
    for begin, end, low, high in _runs(span):
        if len(span.low) == 1 and not always:
            lines.append(f"    /*@ assert {low} <= {field} <= {high}; */")
        else:
            says = f"/*@ assert {low} <= {field}[i] <= {high}; */ ;"
            lines.append(f"    for (i = {begin}U; i < {end}U; ++i) {{ {says} }}")
    return lines
