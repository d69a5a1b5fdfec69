"""example: a main that feeds some rows and compares what comes."""

from __future__ import annotations

from signalprep.embedded.export._identifiers import comment
from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.export._vectors import Vectors
from signalprep.embedded.lowering import IntegerModel
from signalprep.embedded.program import literal

__all__ = ["example"]

_MOST = 12  # rows


def example(model: IntegerModel, vectors: Vectors, name: str) -> str:
    """The source of a program that runs the first rows of the vectors."""
    n_rows = int(min(_MOST, vectors.bounds[1]))
    n_in, n_out = len(model.formats), len(outputs_of(model.program))
    codes, expected = vectors.codes[:n_rows], vectors.expected[:n_rows]

    def table(kind: str, what: str, rows: list[list[int]], width: int) -> list[str]:
        inner = [f"    {{{', '.join(literal(n).strip('()') for n in row)}}}," for row in rows]
        return [f"static const {kind} {what}[ROWS][{width}] = {{", *inner, "};"]

    channels = [
        f" * raw[{k}]: {comment(channel)}" for k, channel in enumerate(map(str, model.formats))
    ]
    return "\n".join([
        f"/* Feeds rows to {name} and compares what it gives; ends with 0 where all fits.",
        *channels, " */", "#include <stdio.h>", "", f'#include "{name}.h"', "",
        f"#define ROWS {n_rows}", "",
        *table(raw_type(model.program), "rows", codes.tolist(), n_in), "",
        *table("int32_t", "expected", expected.tolist(), n_out + 1), "",
        "int main(void)", "{", f"    {name}_state state;", f"    int32_t out[{n_out}];",
        "    int row, k, wrong = 0;", "",
        f"    {name}_reset(&state); /* once, before the first row of a segment */",
        "    for (row = 0; row < ROWS; ++row)", "    {",
        f"        const uint16_t status = {name}_step(&state, rows[row], out);",
        '        printf("row %d: status %u, out", row, (unsigned)status);',
        f"        for (k = 0; k < {n_out}; ++k)", "        {",
        '            printf(" %ld", (long)out[k]);',
        "            wrong += (out[k] != expected[row][k]) ? 1 : 0;", "        }",
        f"        wrong += ((int32_t)status != expected[row][{n_out}]) ? 1 : 0;",
        '        printf("\\n");', "    }",
        '    printf("%d not as expected\\n", wrong);',
        "    return (wrong == 0) ? 0 : 1;", "}", "",
    ])  # fmt: skip
