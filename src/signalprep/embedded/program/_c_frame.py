"""Frame: what C has around the ops: blocks, local variables, tables, and fields of the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_helpers import HELPERS
from signalprep.embedded.program._c_lines import looped
from signalprep.embedded.program._c_types import CType, CValue, literal, type_for, type_of
from signalprep.embedded.program._intervals import Interval, Proof
from signalprep.embedded.program._joined import dots_before_scales, muls_before_shifts
from signalprep.embedded.program._ops import Op, Program
from signalprep.embedded.program._order import takers_of

__all__ = ["Frame", "Printed"]


class Printed(NamedTuple):
    """The parts of a source file.

    Attributes
    ----------
    helpers : list of str
        Functions that the steps need.
    fields : list of str
        Of the struct that is the state.
    resets : list of str
        Statements that bring it to the start of a segment.
    tables, locals, steps : list of str
        Of the function that takes one row.
    spans : dict of {str: Interval}
        Of each field, what its elements are from and to.
    flash, ram, stack : ndarray of int
        Bytes of tables, of the state and of local variables, by op.
    """

    helpers: list[str]
    fields: list[str]
    resets: list[str]
    tables: list[str]
    locals: list[str]
    steps: list[str]
    spans: dict[str, Interval]
    flash: np.ndarray
    ram: np.ndarray
    stack: np.ndarray


class _Local(NamedTuple):
    """A local variable: of which op, its declaration, and how it starts where it must."""

    number: int
    text: str
    start: str


class Frame:
    """What is written so far."""

    def __init__(self, program: Program, proof: Proof) -> None:
        self.program, self.proof = program, proof
        self.values: list[CValue] = []
        self.alone = dots_before_scales(program) | muls_before_shifts(program, proof)
        self.followed = {op.following for op in program.ops if isinstance(op, ops.State)}
        self._helpers: set[str] = set()
        self._fields: list[tuple[int, str]] = []  # bytes of an element, and the text
        self._resets: list[str] = []
        self._spans: dict[str, Interval] = {}
        self._tables: list[str] = []
        self._names: dict[tuple[bool, str, bytes], str] = {}  # of tables, by what they hold
        self._locals: list[_Local] = []
        self._steps: list[str | int] = []  # lines, and numbers of the blocks that begin there
        self._bytes = {
            name: np.zeros(len(program.ops), dtype=np.int64) for name in ("flash", "ram", "stack")
        }
        self._open: list[int] = []  # guards of the blocks that are open
        self._blocks: list[int] = []  # and their numbers
        self._asked: dict[int, list[tuple[int, ...]]] = {}  # of guards, the blocks of each ``if``
        self._inside: list[tuple[int, ...]] = []  # of each op, the blocks in which it is printed

    def begin(self, op: Op) -> None:
        """Go on with the next op."""
        followed = len(self.values) in self.followed
        silent = isinstance(op, ops.Const | ops.First | ops.State) and not followed
        if not silent and not self._goes_on(op):
            self.enter(op)
        self._inside.append(tuple(self._blocks))

    def within(self, flag: int) -> bool:
        """Whether what is printed next runs in the rows of a flag only."""
        return flag in self._open

    def _goes_on(self, op: Op) -> bool:
        """Whether an op holds what the block that is open has just made."""
        if not isinstance(op, ops.Hold) or self._open[-1:] != [op.args[1]]:
            return False
        return self.program.ops[op.args[1]].guard == op.guard

    # --- steps and their blocks

    def say(self, *lines: str) -> None:
        indent = "    " * (len(self._open) + 1)
        self._steps += [indent + line for line in lines]

    def enter(self, op: Op | None) -> None:
        """Close and open blocks, so that the next lines run in the rows of the op's guard."""
        chain: list[int] = []
        guard = None if op is None else op.guard
        while guard is not None:
            chain.insert(0, guard)
            guard = self.program.ops[guard].guard
        while self._open != chain[: len(self._open)]:
            self._open.pop()
            self._blocks.pop()
            self.say("}")
        for inner in chain[len(self._open) :]:
            self.say(f"if ({self.values[inner].at('0')} != 0)", "{")
            self._open.append(inner)
            self._asked.setdefault(inner, []).append(tuple(self._blocks))
            self._blocks.append(len(self._steps))
            self._steps.append(self._blocks[-1])

    def each(self, number: int, op: Op, element: Callable[[str], str]) -> CValue:
        """A value made element by element."""
        out = self.local(number, op)
        self.say(*looped(op.size, lambda i: [f"{out.at(i)} = ({out.kind.name})({element(i)});"]))
        return out

    def call(self, name: str, *args: str) -> str:
        self._helpers.add(name)
        return f"{name}({', '.join(args)})"

    # --- what holds numbers

    def local(self, number: int, op: Op) -> CValue:
        out = CValue(f"v{number}", op.size, self.kind(number))
        end, start = (f"[{op.size}]", " = {0}") if op.size > 1 else ("", " = 0")
        self._locals.append(_Local(number, f"{out.kind.name} {out.name}{end}", start))
        self._count("stack", out.kind.size * op.size)
        return out

    def pointer(self, number: int, op: Op, kind: CType, to: str) -> str:
        """What begins the statement that sets a pointer."""
        self._count("stack", 4)
        text = f"const {kind.name} *v{number}"
        if op.guard is None:
            return text
        self._locals.append(_Local(number, text, f" = &{to}"))
        return f"v{number}"

    def field(
        self, name: str, kind: CType, size: int, initial: np.ndarray | int, low: Any, high: Any
    ) -> CValue:
        """A part of the state, how it starts, and what it is from and to."""
        self._spans[name] = Interval(*(np.broadcast_to(end, (size,)) for end in (low, high)))
        self._count("ram", kind.size * size)
        text = f"{kind.name} {name};" if size == 1 else f"{kind.name} {name}[{size}];"
        self._fields.append((kind.size, text))
        field = CValue(f"s->{name}", size, kind)
        kept, self._tables = self._tables, self._resets  # where a table of starts belongs
        start = self.numbers(f"{name}_0", np.broadcast_to(initial, (size,)))
        self._tables = kept
        end = "U" if kind.name.startswith("u") else ""
        self._resets += looped(size, lambda i: [f"{field.at(i)} = {start(i)}{end};"])
        return field

    def constants(self, name: str, numbers: np.ndarray) -> CValue:
        """A table of numbers."""
        kind = type_for(numbers)
        key = self._tables is self._resets, kind.name, numbers.astype(np.int64).tobytes()
        known = self._names.setdefault(key, name)
        if known != name:  # ops of the same numbers share them
            return CValue(known, max(2, numbers.size), kind)
        self._count("flash", kind.size * numbers.size)
        write = literal if kind.size > 4 else _in_table
        rows = ", ".join(write(n) for n in numbers)
        self._tables.append(f"static const {kind.name} {name}[{numbers.size}] = {{{rows}}};")
        return CValue(name, max(2, numbers.size), kind)

    def numbers(self, name: str, numbers: np.ndarray) -> Callable[[str], str]:
        """Numbers of an op: in the text where they are all the same, else in a table."""
        if numbers.size and (numbers == numbers.flat[0]).all():
            return lambda i: literal(numbers.flat[0])
        return self.constants(name, numbers).at

    def _count(self, of: str, n_bytes: int) -> None:
        self._bytes[of][len(self.values)] += n_bytes  # the op that is printed comes next

    # --- how wide numbers are

    def kind(self, number: int) -> CType:
        value = self.proof.ranges[number]
        return type_of(min(value.low.tolist()), max(value.high.tolist()))

    def most(self, number: int) -> int:
        value = self.proof.ranges[number]
        return max(abs(n) for n in [*value.low.tolist(), *value.high.tolist()])

    def wide(self, number: int, *args: CValue) -> str:
        """The type in which values and this op's own are reckoned."""
        own = self.kind(number).size if number >= 0 else 0
        return "int64_t" if max([own, *(arg.kind.size for arg in args)]) > 4 else "int32_t"

    # --- the whole

    def printed(self) -> Printed:
        """All that is written."""
        fields = [text for _, text in sorted(self._fields, key=lambda one: -one[0])]  # no gaps
        helpers = [text for name, text in HELPERS.items() if name in self._helpers]
        own, steps = self._placed()
        return Printed(
            helpers, fields, self._resets, self._tables, own, steps, self._spans, **self._bytes
        )

    def _placed(self) -> tuple[list[str], list[str]]:
        """Local variables of the function, and its lines with those that one block needs."""
        takers = takers_of(self.program)
        homes: dict[int, list[str]] = {}
        for local in self._locals:
            own = self._inside[local.number]
            wheres = [self._where(local.number, by) for by in takers[local.number]]
            wheres += self._asked.get(local.number, [])
            home = min((_shared(own, where) for where in wheres), key=len, default=own)
            start = local.start if own and home != own else ""
            homes.setdefault(home[-1] if home else -1, []).append(f"{local.text}{start};")
        lines: list[str] = []
        for line in self._steps:
            if isinstance(line, str):
                lines.append(line)
            else:
                indent = lines[-1][: -len("{")] + "    "
                lines += [indent + text for text in homes.get(line, [])]
        return homes.get(-1, []), lines

    def _where(self, number: int, taker: int) -> tuple[int, ...]:
        """The blocks in which an op takes the value of another."""
        if taker < 0 or isinstance(self.program.ops[taker], ops.State):
            return ()
        if taker in self.alone:
            return self._where(number, takers_of(self.program)[taker][0])
        inside = self._inside[taker]
        return inside[:-1] if number == self.program.ops[taker].guard else inside


def _in_table(number: int) -> str:
    return str(int(number)) if number > -(2**31) else literal(number)


def _shared(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """What two tuples begin with."""
    same = [x == y for x, y in zip(a, b, strict=False)]
    return a[: same.index(False)] if False in same else a[: len(same)]
