"""source, header: the text of an exported program."""

from __future__ import annotations

from signalprep.embedded.program import STATUS, Printed, Program

__all__ = ["function", "header", "outputs_of", "raw_type", "source"]


_MARKED = "/* cppcheck-suppress misra-c2012-8.7 ; the application calls it, from its own files */"


def raw_type(program: Program) -> str:
    """The type of C that holds a raw code."""
    return "int16_t" if program.ops[0].bits <= 16 else "int32_t"  # type: ignore[attr-defined]


def outputs_of(program: Program) -> list[str]:
    """Names of the elements of the array of outputs."""
    names = []
    for name, number in program.outputs.items():
        size = program.ops[number].size
        if name != STATUS:
            names += [name] if size == 1 else [f"{name}{k}" for k in range(size)]
    return names


def _signature(program: Program, name: str) -> str:
    kind, n_in, n_out = raw_type(program), len(program.inputs), len(outputs_of(program))
    return f"uint16_t {name}_step({name}_state *s, const {kind} raw[{n_in}], int32_t out[{n_out}])"


def header(program: Program, printed: Printed, name: str) -> str:
    """The header: the state, its start, the step."""
    guard = f"{name.upper()}_H"
    fields = printed.fields or ["int_least8_t none;"]
    return "\n".join(
        [
            f"#ifndef {guard}", f"#define {guard}", "", "#include <stdint.h>", "",
            "typedef struct", "{", *("    " + field for field in fields), f"}} {name}_state;", "",
            "/* Brings the state to the start of a segment: call it before the first row. */",
            f"void {name}_reset({name}_state *s);", "",
            "/* Takes the raw codes of one row, gives its outputs; returns the status. */",
            f"{_signature(program, name)};", "", f"#endif /* {guard} */", "",
        ]
    )  # fmt: skip


def function(program: Program, printed: Printed, name: str) -> str:
    """The two functions of a program, without what they include and need."""
    inside = "    "
    resets = printed.resets or ["s->none = 0;"]
    lines = [inside + line for line in resets]
    reset = [_MARKED, f"void {name}_reset({name}_state *s)", "{", *lines, "}"]
    unused = [] if printed.fields else [inside + "(void)s;"]
    if all(0 not in op.args for op in program.ops):
        unused.append(inside + "(void)raw;")
    tables = [inside + line for line in printed.tables]
    own = [inside + line for line in printed.locals]
    step = [_MARKED, _signature(program, name), "{", *tables, *own, *unused, *printed.steps, "}"]
    return "\n".join([*reset, "", *step, ""])


def source(program: Program, printed: Printed, name: str) -> str:
    """The whole source file."""
    parts = [f'#include "{name}.h"\n', *printed.helpers, function(program, printed, name)]
    return "\n".join(parts)
