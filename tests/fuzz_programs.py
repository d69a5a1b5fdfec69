"""Random integer programs as C and as Python, by the thousand: every number must be the same.

``python tests/fuzz_programs.py --n 10000 --seed 0`` puts two hundred programs into a file and
compiles it, in turn, at -O0, at -O2 and with the sanitizer of undefined behaviour. It ends with the
first program that differs, or of which a value leaves its proven interval.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from random_programs import c_outputs, python_outputs, random_program, random_rows
from signalprep._progress import track
from signalprep.embedded.program import Program, prove, run

PER_FILE = 200
FLAGS = (["-O0"], ["-O2"], ["-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"])


def fault(program: Program, codes: np.ndarray, bounds: np.ndarray, found: np.ndarray) -> str:
    """What is wrong with a program; nothing where all is well."""
    outputs = run(program, codes, bounds)
    if not np.array_equal(python_outputs(outputs, program), found):
        return "C and Python differ"
    ranges = prove(program).ranges
    for name, number in program.outputs.items():
        low, high = (end.astype(np.int64) for end in ranges[number])
        if (outputs[name] < low).any() or (outputs[name] > high).any():
            return f"{name} leaves its interval"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    n_files = -(-asked.n // PER_FILE)
    for number in track(range(n_files), n_files, "programs"):
        n = min(PER_FILE, asked.n - number * PER_FILE)
        programs = [random_program(rng) for _ in range(n)]
        cases = [(program, *random_rows(rng, program, 100)) for program in programs]
        flags = FLAGS[number % len(FLAGS)]
        with tempfile.TemporaryDirectory() as folder:
            outputs = c_outputs(Path(folder), cases, *flags)
        for k, (case, found) in enumerate(zip(cases, outputs, strict=True)):
            wrong = fault(*case, found)
            if wrong:
                sys.stderr.write(f"program {k} of file {number} ({' '.join(flags)}): {wrong}\n")
                return 1
    sys.stdout.write(f"{asked.n} programs: C equals Python, no value leaves its interval\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
