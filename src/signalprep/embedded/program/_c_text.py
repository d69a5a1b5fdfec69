"""CText: a program as C99, for whatever holds its proof. The printer.

The text uses no float, no malloc, no byte order and no shift of a negative number, and ``int`` may
have 16 bits. Numbers of an op that vary stand in a table, others in the text.
"""

from __future__ import annotations

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_arithmetic import Arithmetic
from signalprep.embedded.program._c_frame import Printed
from signalprep.embedded.program._c_lines import copied, filled, indented, looped
from signalprep.embedded.program._c_types import CType, CValue, literal, type_for
from signalprep.embedded.program._c_windows import Windows
from signalprep.embedded.program._intervals import Proof
from signalprep.embedded.program._joined import is_view
from signalprep.embedded.program._ops import Program

__all__ = ["STATUS", "Printed", "print_c"]

STATUS = "status"  # the output that the function returns; it is the last one

_TABLE = """
const int32_t u = (int32_t)$x;
const int32_t n = $size;
const uint32_t q = (uint32_t)n >> ${shift}U;
const uint32_t rest = (uint32_t)n & ${mask}U;
const int32_t b = (int32_t)$low;
const int32_t d = ((int32_t)$high - b) * (int32_t)rest;
$between
$out = ($kind)$found;
"""

_IF = """
if ($when != 0)
{
    $then
}
"""

_WALK = """
{
    $starts
    for (uint32_t t = 0U; t < ${n}U; ++t)
    {
        int32_t node = (int32_t)$root;
        for (uint32_t i = 0U; (i < ${depth}U) && (node >= 0); ++i)
        {
            const $wide u = ($wide)$x;
            node = (u <= ($wide)$threshold) ? (int32_t)$left : (int32_t)$right;
        }
        const int32_t found = (node < 0) ? (-1 - node) : 0;
        const uint32_t leaf = (uint32_t)found;
        $adds
    }
    $ends
}
"""


class CText(Arithmetic, Windows):
    """The domain of C text."""

    def input(self, number: int, op: ops.Input) -> CValue:
        kind = CType("int16_t", 2) if op.bits <= 16 else CType("int32_t", 4)
        return CValue("raw" if op.size > 1 else "raw[0]", op.size, kind)

    def const(self, number: int, op: ops.Const) -> CValue:
        if op.size == 1:
            return CValue(literal(op.values[0]), 1, type_for(op.values))
        return self.constants(f"c{number}", op.values)

    def first(self, number: int, op: ops.First) -> CValue:
        return self.field(f"f{number}", CType("int_least8_t", 1), 1, 1, 0, 1)

    def gather(self, number: int, op: ops.Gather, *args: CValue) -> CValue:
        if is_view(self.program, number) and args[op.sources[0]].kind.size <= 4:
            return args[op.sources[0]].part(int(op.elements[0]), op.size)
        out = self.local(number, op)
        for run in op.runs:
            source, element = args[op.sources[run[0]]], int(op.elements[run[0]])
            self.say(*copied(out, source, int(run[0]), element, len(run)))
        return out

    def table(self, number: int, op: ops.Table, x: CValue) -> CValue:
        out = self.local(number, op)
        entries = self.constants(f"t{number}", np.append(op.entries, op.entries[-1]))
        between = self._between(op)
        turned = f"({literal(op.about)} - y)" if op.about else "-y"
        size, found = (
            ("u", "y")
            if op.about is None
            else ("(u < 0) ? -u : u", f"((u < 0) ? {turned} : y)")
        )  # fmt: skip

        def lines(i: str) -> list[str]:
            return filled(
                _TABLE, x=x.at(i), size=size, shift=op.shift, mask=(1 << op.shift) - 1,
                low=entries.at("q"), high=entries.at("q + 1U"), between=between, out=out.at(i),
                kind=out.kind.name, found=found,
            )  # fmt: skip

        self.say(*looped(op.size, lines, block=True))
        return out

    def _between(self, op: ops.Table) -> list[str]:
        """Lines for the value between two entries, kept within all of them.

        Said for Eva, which forgets which entries lie side by side.
        """
        low, high = literal(op.entries.min()), literal(op.entries.max())
        if op.shift and (np.diff(op.entries) >= 0).all():  # nothing negative is shifted
            half = 1 << (op.shift - 1)
            return [
                f"const uint32_t part = ((uint32_t)d + {half}U) >> {op.shift}U;",
                f"const int32_t y = {self.call('at_most', 'b + (int32_t)part', high)};",
            ]
        steepest = int(np.abs(np.diff(op.entries)).max()) << op.shift
        part = self.down("d", op.shift, "int32_t", steepest)
        return [f"const int32_t y = {self.call('clamp', f'b + {part}', low, high)};"]

    def select(self, number: int, op: ops.Select, *args: CValue) -> CValue:
        a, b, yes, no = args
        compared, chosen = self.wide(-1, a, b), self.wide(number, yes, no)
        return self.each(
            number, op,
            lambda i: (
                f"(({compared}){a.at(i)} {op.relation} ({compared}){b.at(i)}) "
                f"? ({chosen}){yes.at(i)} : ({chosen}){no.at(i)}"
            ),
        )  # fmt: skip

    def pick(self, number: int, op: ops.Pick, vector: CValue, place: CValue) -> CValue:
        return self.each(number, op, lambda _: vector.at(f"(uint32_t){place.at('0')}"))

    def hold(self, number: int, op: ops.Hold, x: CValue, when: CValue) -> CValue:
        span, kind = self.proof.ranges[number], self.kind(number)
        field = self.field(f"h{number}", kind, op.size, op.initial, *span)

        if self.within(op.args[1]):  # where what it takes was made
            self.say(*copied(field, x, 0, 0, op.size))
        elif when.size == 1:
            taken = copied(field, x, 0, 0, op.size)
            self.say("{", *indented(filled(_IF, when=when.at("0"), then=taken)), "}")
        else:
            self.say(*looped(op.size, lambda i: filled(_IF, when=when.at(i), then=[
                f"{field.at(i)} = ({kind.name}){x.at(i)};"
            ])))  # fmt: skip
        return field

    def state(self, number: int, op: ops.State) -> CValue:
        field = self.field(f"q{number}", self.kind(number), op.size, op.initial, op.low, op.high)
        if number not in self.followed:
            return field
        kept = self.local(number, op)  # another state follows this one: it needs it as it was
        self.say(*copied(kept, field, 0, 0, op.size))
        return kept

    def walk(self, number: int, op: ops.Walk, x: CValue) -> CValue:
        out, (low, high) = self.local(number, op), self.proof.ranges[number]
        node, n = "(uint32_t)node", op.size
        threshold, left, right = (
            self.constants(f"{name}{number}", getattr(op, name)).at(node)
            for name in ("threshold", "left", "right")
        )
        feature = self.numbers(f"feature{number}", op.feature)(node)
        root = self.constants(f"roots{number}", op.roots).at("t")
        leaves = self.constants(f"leaves{number}", op.leaves.ravel())
        leaf = [leaves.at(f"(leaf * {n}U) + {k}U" if n > 1 else "leaf") for k in range(n)]
        # the sums are kept within what they can be: said for Eva, which does not tell trees apart
        sums = [
            self.call("clamp", f"a{k}", literal(low[k]), literal(high[k]))
            if len(op.roots) > 1
            else f"a{k}"
            for k in range(n)
        ]
        self.say(
            *filled(
                _WALK, n=len(op.roots), root=root, depth=op.depth, wide=self.wide(-1, x),
                x=x.at(f"(uint32_t){feature}"), threshold=threshold, left=left, right=right,
                starts=[f"int32_t a{k} = 0;" for k in range(n)],
                adds=[f"a{k} += (int32_t){leaf[k]};" for k in range(n)],
                ends=[f"{out.at(str(k))} = ({out.kind.name}){sums[k]};" for k in range(n)],
            )
        )  # fmt: skip
        return out

    def print(self) -> Printed:
        """Print all ops, then what states are in the next row, then the outputs."""
        program = self.program
        for number, op in enumerate(program.ops):
            self.begin(op)
            act = getattr(self, type(op).__name__.lower())
            self.values.append(act(number, op, *(self.values[arg] for arg in op.args)))
        self.enter(None)
        for number, op in enumerate(program.ops):
            if isinstance(op, ops.State):
                self.enter(op)
                field = CValue(f"s->q{number}", op.size, self.kind(number))
                self.say(*copied(field, self.values[op.following], 0, 0, op.size))
            elif isinstance(op, ops.First):
                self.enter(op)
                self.say(f"{self.values[number].at('0')} = 0;")
        self.enter(None)
        given = {name: self.values[number] for name, number in program.outputs.items()}
        status = given.pop(STATUS, None)
        elements = [value.at(str(k)) for value in given.values() for k in range(value.size)]
        self.say(*(f"out[{k}] = (int32_t){element};" for k, element in enumerate(elements)))
        self.say("return 0U;" if status is None else f"return (uint16_t){status.at('0')};")
        return self.printed()


def print_c(program: Program, proof: Proof) -> Printed:
    """The parts of the source of a program that is proven."""
    return CText(program, proof).print()
