"""A network of 10-32-16-1 on an emulated Cortex-M4: ours with weights of 8 bits, beside emlearn.

emlearn's is in floats, run with the floating-point unit and without. Instructions are those of the
dearest row; flash is code, constants and what they need of the compiler's libraries. Ours takes raw
codes, with the scaler inside and a status beside; emlearn's takes floats that are scaled already.

    python benchmarks/emlearn_m4.py          needs arm-none-eabi-gcc, qemu-system-arm and emlearn
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import emlearn
import numpy as np
import pandas as pd

from embedded import Case, ten_inputs
from signalprep.embedded import export_c, lower
from signalprep.embedded.export._targets import TARGETS
from signalprep.embedded.export._tools import called
from signalprep.errors import ToolError

M4 = TARGETS["Cortex-M4"]
UNITS = {
    "with FPU": ("-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    "without FPU": ("-mfloat-abi=soft",),
}
ROWS = 200
TICKS = 40 / 64  # instructions of a tick of the emulated clock

MAIN = """\
#include <stdint.h>
void board_begin(void);
void board_put(const char *text);
uint32_t board_ticks(void);
void board_end(void);
float ask(const float *row);
static const float rows[{n}][{n_in}] = {{{rows}}};
static void put(uint32_t number)
{{
    char text[12];
    int i = 11;
    text[i] = 0;
    do {{ text[--i] = (char)('0' + number % 10U); number /= 10U; }} while (number != 0U);
    board_put(&text[i]);
}}
int main(void)
{{
    uint32_t most = 0U, k, before, took, empty;
    volatile float kept = 0.0f;
    board_begin();
    before = board_ticks();
    empty = (before - board_ticks()) & 0xFFFFFFU;
    for (k = 0U; k < {n}U; ++k)
    {{
        before = board_ticks();
        kept = ask(rows[k]);
        took = ((before - board_ticks()) & 0xFFFFFFU) - empty;
        most = (took > most) ? took : most;
    }}
    put(most);
    board_put(" ");
    board_end();
    return (int)kept;
}}
"""
NETWORK = '#include "net.h"\nfloat ask(const float *row) { return net_regress1(row, %d); }\n'
NOTHING = "float ask(const float *row) { return row[0]; }\n"


def linked(work: Path, text: str, unit: tuple[str, ...]) -> int:
    """Bytes of flash of the whole, with a network or with none."""
    (work / "ask.c").write_text(text, encoding="utf-8")
    command = [
        *M4.compiler, *unit, "-std=gnu99", "-O2", "-ffunction-sections", "-fdata-sections",
        "-fno-tree-loop-distribute-patterns", f"-I{emlearn.includedir}", "ask.c", "main.c", "m4.c",
        "-nostartfiles", "-T", "m4.ld", "-Wl,--gc-sections", "-lm", "-o", "run.elf",
    ]  # fmt: skip
    done = called(command, work)
    if done.returncode:
        raise ToolError(done.stderr.decode("utf-8", "replace")[-400:])
    said = called(["arm-none-eabi-size", "run.elf"], work).stdout.decode()
    text_bytes, data = said.splitlines()[1].split()[:2]
    return int(text_bytes) + int(data)


def theirs(case: Case, unit: tuple[str, ...], work: Path) -> dict[str, int]:
    """emlearn's network behind the scaler of the pipeline."""
    with contextlib.chdir(work):  # it leaves files in the folder that it is run in
        emlearn.convert(case.model[-1], method="loadable").save(
            name="net", file=str(work / "net.h")
        )
    chosen = np.random.default_rng(0).choice(len(case.X), ROWS, replace=False)
    rows = case.model[:-1].transform(case.X).to_numpy()[chosen]
    numbers = ", ".join("{" + ", ".join(f"{x:.8e}F" for x in row) + "}" for row in rows)
    n_in = rows.shape[1]
    (work / "main.c").write_text(MAIN.format(n=ROWS, n_in=n_in, rows=numbers), encoding="utf-8")
    boards = files("signalprep.embedded.export").joinpath("_boards")
    for name in ("m4.c", "m4.ld"):
        (work / name).write_text(boards.joinpath(name).read_text(encoding="utf-8"))
    nothing = linked(work, NOTHING, unit)
    flash = linked(work, NETWORK % n_in, unit) - nothing
    done = called([*M4.runs, "run.elf"], work, seconds=120.0)
    ticks = int((done.stdout + done.stderr).split()[0])
    return {"instructions": round(ticks * TICKS), "flash": flash}


def ours(case: Case, work: Path) -> dict[str, int]:
    """Ours, and whether it gives on the target what Python gives."""
    model = lower(case.model, case.formats, **case.options)
    line: Any = export_c(model, work, "net").benchmark().targets.loc["Cortex-M4"]
    if line["none"]:
        raise ToolError(line["none"])
    assert line["hash_ok"]
    return {"instructions": line["most"], "flash": line["flash"]}


def main() -> int:
    if M4.missing:
        sys.stdout.write(f"{M4.missing}\n")
        return 0
    table = {}
    for case in ten_inputs():
        with tempfile.TemporaryDirectory() as folder:
            table[f"signalprep int8, {case.name}"] = ours(case, Path(folder))
    for name, unit in UNITS.items():
        with tempfile.TemporaryDirectory() as folder:
            label = f"emlearn {version('emlearn')} float, {name}"
            table[label] = theirs(case, unit, Path(folder))
    sys.stdout.write(pd.DataFrame.from_dict(table, orient="index", dtype=int).to_string() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
