"""What holds of every lowered model: C gives what Python gives, in any pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from random_programs import c_outputs, python_outputs, random_rows
from signalprep.embedded import Format, IntegerModel
from signalprep.embedded.program import Program, prove, run

UNDEFINED = ("-fsanitize=undefined", "-fno-sanitize-recover=undefined")


def formats_for(X: np.ndarray, bits: int = 16) -> dict[str, Format]:
    """A format for each column, which reaches eight times as far as its values."""
    far = np.abs(X).max(axis=0) * 8 / 2 ** (bits - 1)
    return {f"x{k}": Format(float(lsb), bits=bits) for k, lsb in enumerate(far)}


def rounded(formats: dict[str, Format], X: np.ndarray) -> np.ndarray:
    """The values that the codes of rows stand for."""
    columns = [one.decode(one.encode(X[:, k])) for k, one in enumerate(formats.values())]
    return np.stack(columns, axis=1)


def check_c(folder: Path, models: list[IntegerModel], n_rows: int = 2000) -> None:
    """C, with undefined behaviour trapped, gives what Python gives on rows of every size."""
    rng = np.random.default_rng(0)
    cases = [(model.program, *random_rows(rng, model.program, n_rows)) for model in models]
    for (program, codes, bounds), found in zip(
        cases, c_outputs(folder, cases, *UNDEFINED), strict=True
    ):
        outputs = run(program, codes, bounds)
        np.testing.assert_array_equal(found, python_outputs(outputs, program))
        proof = prove(program)
        for name, number in program.outputs.items():
            low, high = (end.astype(np.int64) for end in proof.ranges[number])
            assert (outputs[name] >= low).all()
            assert (outputs[name] <= high).all()


def check_stream(model: IntegerModel, X: np.ndarray, n_rows: int = 60) -> None:
    """Rows one at a time give what all of them give."""
    stream = model.stream()
    found = np.concatenate([stream.push(row) for row in X[:n_rows]])
    np.testing.assert_array_equal(found, model.predict(X[:n_rows]))


def same(a: Program, b: Program) -> bool:
    """Whether two programs are the same, op by op and number by number."""
    if len(a.ops) != len(b.ops) or a.outputs != b.outputs:
        return False
    return all(
        type(one) is type(other) and all(_equal(vars(one)[k], vars(other)[k]) for k in vars(one))
        for one, other in zip(a.ops, b.ops, strict=True)
    )


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other)) if isinstance(one, np.ndarray) else one == other
