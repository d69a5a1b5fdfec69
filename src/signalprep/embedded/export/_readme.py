"""readme: what a person must know to put an exported program into a controller."""

from __future__ import annotations

from signalprep.embedded.export._manifest import COMPILER, FAIL
from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.lowering import STATUS_WORDS, IntegerModel
from signalprep.embedded.program import Cost

__all__ = ["readme"]

_TRIED = """\
## Compilers

The code is C99. It uses no float, no malloc, no byte order and no shift of a negative number; `int`
may have 16 bits, and a byte, too. It includes `<stdint.h>` alone and calls nothing but, where a
compiler puts them in, memcpy, memmove and memset. AVR and 32-bit PowerPC may also take helpers for
64-bit integers from libgcc.

signalprep tries what it generates with gcc (-O0, -O2, UBSan, and bytes of 16 bits as on a C2000),
with arm-none-eabi-gcc on an emulated Cortex-M4, avr-gcc on a simulated ATmega2560, and
powerpc-linux-gnu-gcc on an emulated, big-endian PowerPC. Others, those for TriCore and C2000 among
them, have not been tried.
"""


def readme(model: IntegerModel, costs: Cost, name: str, n_vectors: int, answer: str | None) -> str:
    """The text of the README.md."""
    steps = dict.fromkeys(op.label for op in model.program.ops if op.label != "status")
    parts = [
        f"# {name}\n\nA fitted pipeline as one integer function: {_code(' -> '.join(steps))}.\n",
        *_evidence(answer),
        _call(model, name),
        _inputs(model),
        _outputs(model),
        _status(),
        _proof(model, name),
        _costs(costs),
        _TRIED,
        _files(name, n_vectors),
    ]
    return "\n".join(parts)


def _code(text: object) -> str:
    """Text as a cell of a table can hold it."""
    plain = "".join(char if char.isprintable() else " " for char in str(text))
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")


def _evidence(answer: str | None) -> list[str]:
    """What was known of the model when it was exported."""
    if answer is None:
        return []
    if answer == FAIL:
        return ['**Forced: the evidence given said "fail", and it was exported all the same.**\n']
    return [f'The evidence given said "{_code(answer)}".\n']


def _call(model: IntegerModel, name: str) -> str:
    n_in, n_out = len(model.formats), len(outputs_of(model.program))
    return f"""\
## How to call it

    {name}_state state;
    {raw_type(model.program)} raw[{n_in}];
    int32_t out[{n_out}];

    {name}_reset(&state);                          /* before the first row of a recording */
    status = {name}_step(&state, raw, out);        /* then once a row, {_every(model)} */

All that it remembers is in the state: several of them run side by side. Call the function in every
row, whether or not its output is needed; a row left out is a row that the filters have not seen.
"""


def _every(model: IntegerModel) -> str:
    """How often the function is called."""
    every = model.sample_time_
    return "at the rate of the log" if every is None else f"every {every:.10g} s"


def _inputs(model: IntegerModel) -> str:
    lines = [
        "## Inputs", "", "A value is lsb * code + offset. A code beyond its range is clamped, and "
        "the status says so.", "",
        "| raw | channel | lsb | offset | bits | signed | least | greatest | not available |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for k, (channel, one) in enumerate(model.formats.items()):
        absent = "" if one.not_available is None else one.not_available
        signed = "yes" if one.signed else "no"
        cells = [
            k, _code(channel), f"{one.lsb!r}", f"{one.offset!r}", one.bits, signed, one.low,
            one.high, absent,
        ]  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def _outputs(model: IntegerModel) -> str:
    low, high = model.proof.ranges[model.program.outputs["y"]]
    lines = ["## Outputs", ""]
    if model.classes_ is not None:
        lines += ["The code of the class.", "", "| code | class |", "|---|---|"]
        lines += [f"| {k} | {_code(one)} |" for k, one in enumerate(model.classes_)]
        return "\n".join([*lines, ""])
    lines += ["A value is lsb * code + offset. No code is ever outside its range.", ""]
    lines += ["| out | name | lsb | offset | least | greatest |", "|---|---|---|---|---|---|"]
    for k, output in enumerate(outputs_of(model.program)):
        lsb, offset = float(model.lsb_[k]), float(model.offset_[k])
        lines.append(f"| {k} | {_code(output)} | {lsb!r} | {offset!r} | {low[k]} | {high[k]} |")
    return "\n".join([*lines, ""])


def _status() -> str:
    lines = ["## Status", "", "The function returns the sum of what holds; 0: all is well.", ""]
    lines += ["| bit | says |", "|---|---|"]
    return "\n".join([*lines, *(f"| {bit} | {words} |" for bit, words in STATUS_WORDS.items()), ""])


def _proof(model: IntegerModel, name: str) -> str:
    table = model.proof_.reset_index()
    sums = table.sort_values(["sum_bits", "number"], ascending=[False, True]).iloc[0]
    return f"""\
## What is proven

For all raw codes and all states within their declared ranges, by interval arithmetic over the
program: no sum and no product leaves the number type that holds it, in whatever order it is formed;
no table and no array is read beyond its end; every state stays within its range from one row to the
next. The widest sum is that of {_code(sums["step"])}, {sums["op"]}: {sums["sum_bits"]} bits.
`manifest.json` holds the range of each of the {len(table)} ops.

signalprep predicts with the same program, to the last bit; `{name}_vectors.csv` holds rows to try.
`Export.verify` compiles the files and compares every output, and `Export.prove` asks another
prover, Eva of Frama-C, about the C itself.

MISRA C:2012, by the addon of cppcheck, finds nothing:

    cppcheck --addon=misra --std=c99 --platform=unix32 --enable=style --inline-suppr \\
        --quiet {name}.c

One deviation is marked in the source: rule 8.7 asks for a caller of the two functions in another
file, which is yours.
"""


def _costs(costs: Cost) -> str:
    return f"""\
## Costs

| what | |
|---|---|
| constant tables, bytes of flash | {int(costs.tables.sum())} |
| code, bytes of flash | at most {int(costs.code.sum())} |
| state, bytes of RAM for each | {costs.ram} |
| stack, bytes | at most {costs.stack} |
| instructions of a row | at most {int(costs.instructions.sum())} |
| products of sums (MACs) | {int(costs.macs.sum())} |

Tables and state are exact where a byte has eight bits; bounds are for {COMPILER}.
"""


def _files(name: str, n_vectors: int) -> str:
    return f"""\
## Files

| file | holds |
|---|---|
| `{name}.c`, `{name}.h` | the program |
| `{name}_example.c` | a main that feeds it rows: `cc -std=c99 {name}.c {name}_example.c` |
| `{name}_vectors.csv` | {n_vectors} rows to try; reset where the segment changes |
| `manifest.json` | all of this, for a program to read |
"""
