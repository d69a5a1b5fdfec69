"""CText: a program as C99, for whatever holds its proof. The printer.

The text uses no float, no malloc, no byte order and no shift of a negative number, and ``int`` may
have 16 bits. Numbers of an op that vary stand in a table, others in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_types import CType, literal, type_for, type_of
from signalprep.embedded.program._intervals import Interval, Intervals, Proof
from signalprep.embedded.program._ops import Op, Program
from signalprep.embedded.program._order import takers_of

__all__ = ["CValue", "Printed", "dots_before_scales", "print_c"]

_FOUR = 4  # rows of a Dot at a time
_INT32 = 32
_FAR = 2**62  # no number is as far
_SMALL = 2**30  # below, a number of 32 bits is shifted as one

At = Callable[[str], str]

_STAY = (ops.Input, ops.Dot, ops.Bank, ops.Add, ops.Mul, ops.Scale, ops.Clamp, ops.Shift, ops.Wrap,
         ops.Table, ops.Select, ops.Spread, ops.Walk)  # fmt: skip

HELPERS = {
    "scale": """\
static int32_t scale(int32_t x, int32_t m)
{
    /* x * m / 2^32, ties up; 2^62 is added and taken away so that nothing negative is shifted */
    const int64_t product = (int64_t)x * m;
    const int64_t lifted = product + INT64_C(0x4000000080000000);
    const uint64_t positive = (uint64_t)lifted;
    const uint32_t upper = (uint32_t)(positive >> 32);
    return (int32_t)upper - 0x40000000;
}
""",
    "down": """\
static int64_t down(int64_t x, uint32_t bits)
{
    /* x / 2^bits, ties up, of a number below 2^62 */
    const int64_t zero = INT64_C(0x4000000000000000);
    const uint64_t half = (UINT64_C(1) << bits) >> 1;
    const int64_t lifted = x + zero;
    const uint64_t found = ((uint64_t)lifted + half) >> bits;
    const uint64_t base = (uint64_t)zero >> bits;
    return (int64_t)found - (int64_t)base;
}
""",
    "down32": """\
static int32_t down32(int32_t x, uint32_t bits)
{
    /* x / 2^bits, ties up, of a number below 2^30 */
    const int32_t zero = INT32_C(0x40000000);
    const uint32_t half = (UINT32_C(1) << bits) >> 1;
    const int32_t lifted = x + zero;
    const uint32_t found = ((uint32_t)lifted + half) >> bits;
    const uint32_t base = (uint32_t)zero >> bits;
    return (int32_t)found - (int32_t)base;
}
""",
    "wrap": """\
static int32_t wrap(uint32_t x, uint32_t half)
{
    /* x modulo 2 * half, from -half on */
    const uint32_t lifted = (x + half) & ((2U * half) - 1U);
    return (int32_t)lifted - (int32_t)half;
}
""",
    "at_least": """\
static int32_t at_least(int32_t x, int32_t low)
{
    return (x < low) ? low : x;
}
""",
    "at_most": """\
static int32_t at_most(int32_t x, int32_t high)
{
    return (x > high) ? high : x;
}
""",
    "clamp": """\
static int32_t clamp(int32_t x, int32_t low, int32_t high)
{
    const int32_t above = (x < low) ? low : x;
    return (above > high) ? high : above;
}
""",
    "at_least64": """\
static int64_t at_least64(int64_t x, int64_t low)
{
    return (x < low) ? low : x;
}
""",
    "at_most64": """\
static int64_t at_most64(int64_t x, int64_t high)
{
    return (x > high) ? high : x;
}
""",
    "clamp64": """\
static int64_t clamp64(int64_t x, int64_t low, int64_t high)
{
    const int64_t above = (x < low) ? low : x;
    return (above > high) ? high : above;
}
""",
}


class CValue(NamedTuple):
    """How the value of an op is written."""

    name: str
    size: int
    kind: CType
    begin: int = 0  # where it begins in the array of that name

    def at(self, i: str) -> str:
        if self.size == 1:
            return self.name
        if self.begin == 0:
            return f"{self.name}[{i}]"
        return f"{self.name}[{int(i) + self.begin if i.isdigit() else f'{i} + {self.begin}U'}]"

    def part(self, begin: int, size: int) -> CValue:
        """Neighbours, read where they stand."""
        if self.size == 1:
            return self
        if size == 1:
            return CValue(self.at(str(begin)), 1, self.kind)
        return self._replace(size=size, begin=self.begin + begin)


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


class CText:
    """The domain of C text."""

    def __init__(self, program: Program, proof: Proof) -> None:
        self._program, self._proof = program, proof
        self._helpers: set[str] = set()
        self._fields: list[tuple[int, str]] = []  # bytes of an element, and the text
        self._resets: list[str] = []
        self._spans: dict[str, Interval] = {}
        self._tables: list[str] = []
        self._known: dict[tuple[bool, str, str], str] = {}  # the name of a table of those numbers
        self._locals: list[_Local] = []
        self._steps: list[str | int] = []  # lines, and numbers of the blocks that begin there
        self._bytes = {
            name: np.zeros(len(program.ops), dtype=np.int64) for name in ("flash", "ram", "stack")
        }
        self._at = 0  # the op that is printed
        self._open: list[int] = []  # guards of the blocks that are open
        self._blocks: list[int] = []  # and their numbers
        self._asked: dict[int, list[tuple[int, ...]]] = {}  # of guards, the blocks of each ``if``
        self._inside: list[tuple[int, ...]] = []  # of each op, the blocks in which it is printed
        self._values: list[CValue] = []
        self._alone = dots_before_scales(program)
        self._followed = {op.following for op in program.ops if isinstance(op, ops.State)}

    # --- text

    def _say(self, *lines: str) -> None:
        indent = "    " * (len(self._open) + 1)
        self._steps += [indent + line for line in lines]

    def _enter(self, op: Op) -> None:
        """Close and open blocks, so that the next lines run in the rows of the op's guard."""
        chain: list[int] = []
        guard = op.guard
        while guard is not None:
            chain.insert(0, guard)
            guard = self._program.ops[guard].guard
        while self._open != chain[: len(self._open)]:
            self._leave()
        for inner in chain[len(self._open) :]:
            self._say(f"if ({self._values[inner].at('0')} != 0)", "{")
            self._open.append(inner)
            self._asked.setdefault(inner, []).append(tuple(self._blocks))
            self._blocks.append(len(self._steps))
            self._steps.append(self._blocks[-1])

    def _leave(self) -> None:
        self._open.pop()
        self._blocks.pop()
        self._say("}")

    def _kind(self, number: int) -> CType:
        value = self._proof.ranges[number]
        return type_of(min(value.low.tolist()), max(value.high.tolist()))

    def _local(self, number: int, op: Op) -> CValue:
        kind, name = self._kind(number), f"v{number}"
        end = f"[{op.size}]" if op.size > 1 else ""
        start = " = 0" if op.size == 1 else " = {0}"
        self._locals.append(_Local(number, f"{kind.name} {name}{end}", start))
        self._bytes["stack"][self._at] += kind.size * op.size
        return CValue(name, op.size, kind)

    def _field(
        self, name: str, kind: CType, size: int, initial: np.ndarray | int, low: Any, high: Any
    ) -> CValue:
        """A part of the state, how it starts, and what it is from and to."""
        self._spans[name] = Interval(*(np.broadcast_to(end, (size,)) for end in (low, high)))
        self._bytes["ram"][self._at] += kind.size * size
        text = f"{kind.name} {name};" if size == 1 else f"{kind.name} {name}[{size}];"
        self._fields.append((kind.size, text))
        numbers = np.broadcast_to(initial, (size,))
        field = CValue(f"s->{name}", size, kind)
        if (numbers == numbers[0]).all():
            start: At = lambda i: literal(numbers[0])  # noqa: E731
        else:
            kept = self._tables
            self._tables = self._resets
            start = self._table(f"{name}_0", numbers).at
            self._tables = kept
        self._resets += _loop(size, lambda i: [f"{field.at(i)} = {start(i)};"])
        return field

    def _table(self, name: str, numbers: np.ndarray) -> CValue:
        kind = type_for(numbers)
        rows = ", ".join(str(int(n)) if n > -(2**31) else literal(n) for n in numbers)
        if kind.size > 4:
            rows = ", ".join(literal(n) for n in numbers)
        known = self._known.setdefault((self._tables is self._resets, kind.name, rows), name)
        if known != name:  # the same numbers stand there already
            return CValue(known, max(2, numbers.size), kind)
        self._bytes["flash"][self._at] += kind.size * numbers.size
        self._tables.append(f"static const {kind.name} {name}[{numbers.size}] = {{{rows}}};")
        return CValue(name, max(2, numbers.size), kind)

    def _numbers(self, number: int, suffix: str, numbers: np.ndarray) -> At:
        """Numbers of an op: in the text where they are all the same, else in a table."""
        if numbers.size and (numbers == numbers.flat[0]).all():
            return lambda i: literal(numbers.flat[0])
        return self._table(f"{suffix}{number}", numbers).at

    def _call(self, name: str, *args: str) -> str:
        self._helpers.add(name)
        return f"{name}({', '.join(args)})"

    def _each(self, number: int, op: Op, element: Callable[[str], str]) -> CValue:
        """A value made element by element."""
        out = self._local(number, op)
        self._say(*_loop(op.size, lambda i: [f"{out.at(i)} = ({out.kind.name})({element(i)});"]))
        return out

    def _wide(self, number: int, *args: CValue) -> str:
        """The type in which values and this op's own are reckoned."""
        own = self._kind(number).size if number >= 0 else 0
        return "int64_t" if max([own, *(arg.kind.size for arg in args)]) > 4 else "int32_t"

    def _down(self, text: str, bits: int, wide: str, below: int) -> str:
        if bits == 0:
            return text
        helper = "down32" if wide == "int32_t" and below < _SMALL and bits < 30 else "down"
        return self._call(helper, text, f"{bits}U")

    def _most(self, number: int) -> int:
        value = self._proof.ranges[number]
        return max(abs(n) for n in [*value.low.tolist(), *value.high.tolist()])

    # --- ops

    def input(self, number: int, op: ops.Input) -> CValue:
        kind = CType("int16_t", 2) if op.bits <= 16 else CType("int32_t", 4)
        return CValue("raw" if op.size > 1 else "raw[0]", op.size, kind)

    def const(self, number: int, op: ops.Const) -> CValue:
        kind = type_for(op.values)
        if op.size == 1:
            return CValue(literal(op.values[0]), 1, kind)
        return self._table(f"c{number}", op.values)._replace(size=op.size)

    def first(self, number: int, op: ops.First) -> CValue:
        return self._field(f"f{number}", CType("int_least8_t", 1), 1, 1, 0, 1)

    def gather(self, number: int, op: ops.Gather, *args: CValue) -> CValue:
        if is_view(self._program, number) and args[op.sources[0]].kind.size <= 4:
            return args[op.sources[0]].part(int(op.elements[0]), op.size)
        out = self._local(number, op)
        begin = 0
        while begin < op.size:
            end = begin + 1
            source, element = op.sources[begin], op.elements[begin]
            while end < op.size and (op.sources[end], op.elements[end]) == (
                source,
                element + end - begin,
            ):
                end += 1
            self._say(*_copy(out, args[source], begin, int(element), end - begin))
            begin = end
        return out

    def dot(self, number: int, op: ops.Dot, x: CValue) -> CValue:
        if number in self._alone:  # said with the Scale that takes it
            return CValue("", op.size, self._kind(number))
        out = self._local(number, op)
        self._dot(number, op, x, lambda i, total: f"{out.at(i)} = ({out.kind.name}){total};")
        return out

    def _dot(self, number: int, op: ops.Dot, x: CValue, finish: Callable[[str, str], str]) -> None:
        """Rows of a Dot, four at a time; ``finish`` says what becomes of each sum.

        The weights of four rows stand side by side, so that one index runs through all of them.
        """
        kind = "int64_t" if self._sums_are_wide(number) else "int32_t"
        n_out, n_in = op.weights.shape
        bias = self._numbers(number, "b", op.bias)
        whole = n_out - n_out % _FOUR
        for begin, end, rows in ((0, whole, _FOUR), (whole, n_out, n_out - whole)):
            if begin == end:
                continue
            weights = op.weights[begin:end].reshape(-1, rows, n_in).transpose(0, 2, 1).ravel()
            name = "w" if begin == 0 else "u"
            table = self._numbers(number, name, weights)
            same = bool((weights == weights[0]).all())
            many = end - begin > rows
            places = [(f"j + {r}U" if r else "j") if many else f"{begin + r}" for r in range(rows)]
            body = [f"{kind} a{r} = {bias(place)};" for r, place in enumerate(places)]
            body += [f"for (uint32_t i = 0U; i < {n_in}U; ++i)", "{"]
            body += [f"    const {kind} u = ({kind}){x.at('i')};"]
            for r in range(rows):
                weight = table(f"k + {r}U" if r else "k")
                body.append(f"    a{r} += u * ({kind}){weight};")
            body += ["}"] if same else [f"    k += {rows}U;", "}"]
            body += [finish(place, f"a{r}") for r, place in enumerate(places)]
            if many:
                head = f"for (uint32_t j = 0U; j < {end - begin}U; j += {rows}U)"
                body = [head, "{", *("    " + line for line in body), "}"]
            start = [] if same else ["    uint32_t k = 0U;"]
            self._say("{", *start, *("    " + line for line in body), "}")

    def bank(self, number: int, op: ops.Bank, *args: CValue) -> CValue:
        *windows, row = args
        out = self._local(number, op)
        two = op.mirrored and any(self._most(arg) >= _SMALL for arg in op.args)
        kind = "int64_t" if two or self._sums_are_wide(number) else "int32_t"
        many = len(op.lengths) > 1
        # Eva does not know which row goes with which length: the longest one comes last, with a 0
        # behind it, and the sums are kept within what they can be
        last = many and op.held[-1] == op.held.max()
        weights = self._table(f"w{number}", np.append(op.weights, 0) if last else op.weights)
        lengths = self._numbers(number, "n", op.lengths)("r")
        begins = self._numbers(number, "k", np.cumsum(op.held) - op.held)("r")
        n = self._program.ops[op.args[0]].size
        each = range(len(windows))
        which = [f"    const uint32_t r = (uint32_t){row.at('0')};"]
        which += [] if last else ["    /*@ split r; */"]
        name = "clamp64" if kind == "int64_t" else "clamp"
        spans = [[literal(end[i]) for end in self._proof.ranges[number]] for i in each]
        sums = [self._call(name, f"a{i}", *spans[i]) if last else f"a{i}" for i in each]
        self._say(
            "{",
            *(which if many else []),
            f"    uint32_t k = (uint32_t){begins};",
            *(f"    {kind} a{i} = 0;" for i in each),
            f"    uint32_t i = {n}U - (uint32_t){lengths};",
            *(
                _mirrored(kind, "int64_t" if two else "int32_t", weights, windows)
                if op.mirrored
                else [
                    f"    /*@ loop unroll {n}; */",
                    f"    for (; i < {n}U; ++i)",
                    "    {",
                    f"        const {kind} u = ({kind}){weights.at('k')};",
                    *(f"        a{i} += u * ({kind}){windows[i].at('i')};" for i in each),
                    "        k += 1U;",
                    "    }",
                ]
            ),
            *(f"    {out.at(str(i))} = ({out.kind.name}){sums[i]};" for i in each),
            *(["    /*@ merge r; */"] if many and not last else []),
            "}",
        )
        return out

    def add(self, number: int, op: ops.Add, a: CValue, b: CValue) -> CValue:
        wide = self._wide(number, a, b)
        left, right = self._times(wide, op.left), self._times(wide, op.right)
        sign = "+" if op.sign > 0 else "-"
        return self._each(
            number, op,
            lambda i: f"(({wide}){a.at(i)}{left}) {sign} (({wide}){b.at(i)}{right})",
        )  # fmt: skip

    def _times(self, wide: str, bits: int) -> str:
        return "" if bits == 0 else f" * {literal(1 << bits)}"

    def mul(self, number: int, op: ops.Mul, a: CValue, b: CValue) -> CValue:
        wide = self._wide(number, a, b)
        return self._each(number, op, lambda i: f"({wide}){a.at(i)} * ({wide}){b.at(i)}")

    def scale(self, number: int, op: ops.Scale, x: CValue) -> CValue:
        out = self._local(number, op)
        multiplier = self._numbers(number, "m", op.multiplier)
        zero = self._numbers(number, "z", op.zero)
        limited, clamped = self._limits(number, op, op.shift == _INT32)

        def scaled(i: str, text: str) -> str:
            lifted = f"{text}{self._times('int32_t', op.headroom)}"
            if op.shift == _INT32:
                found = self._call("scale", lifted, multiplier(i))
            else:
                wide = f"((int64_t){text}{self._times('int64_t', op.headroom)})"
                found = self._down(f"{wide} * {multiplier(i)}", op.shift, "int64_t", 0)
            if op.zero.any():
                found = f"{found} + {zero(i)}"
            if op.zero.any() and not limited:
                found = f"({found})"
            return f"{out.at(i)} = ({out.kind.name}){clamped(found, i)};"

        if op.args[0] in self._alone:
            dot: Any = self._program.ops[op.args[0]]
            x = self._values[dot.args[0]]
            wide = self._sums_are_wide(op.args[0])
            take = (lambda a: f"(int32_t){a}") if wide else (lambda a: a)
            self._dot(op.args[0], dot, x, lambda i, total: scaled(i, take(total)))
            return out
        self._say(*_loop(op.size, lambda i: [scaled(i, f"(int32_t){x.at(i)}")]))
        return out

    def _sums_are_wide(self, number: int) -> bool:
        sums = self._proof.sums[number]
        return type_of(min(sums.low.tolist()), max(sums.high.tolist())).size > 4

    def _limits(
        self, number: int, op: ops.Scale | ops.Clamp, short: bool
    ) -> tuple[bool, Callable[[str, str], str]]:
        """Whether a limit may bind, and the text that keeps within those that may."""
        below, above = binding(op, self._proof.ranges[op.args[0]])
        ends = [self._numbers(number, "l", op.low)] if below else []
        ends += [self._numbers(number, "h", op.high)] if above else []
        name = "clamp" if below and above else "at_least" if below else "at_most"
        name += "" if short else "64"
        if not ends:
            return False, lambda text, _: text
        return True, lambda text, i: self._call(name, text, *(end(i) for end in ends))

    def clamp(self, number: int, op: ops.Clamp, x: CValue) -> CValue:
        short = self._wide(number, x) == "int32_t"
        wide = "int32_t" if short else "int64_t"
        _, clamped = self._limits(number, op, short)
        return self._each(number, op, lambda i: clamped(f"({wide}){x.at(i)}", i))

    def shift(self, number: int, op: ops.Shift, x: CValue) -> CValue:
        wide = self._wide(-1, x)
        most = self._most(op.args[0])
        return self._each(
            number, op, lambda i: self._down(f"({wide}){x.at(i)}", op.bits, wide, most)
        )

    def wrap(self, number: int, op: ops.Wrap, x: CValue) -> CValue:
        half_turn, before = 1 << (op.bits - 1), self._proof.ranges[op.args[0]]
        if (before.low >= -half_turn).all() and (before.high < half_turn).all():
            return self._each(number, op, x.at)  # nothing goes round
        half = f"{half_turn}U" if op.bits <= 16 else f"UINT32_C({1 << (op.bits - 1)})"
        return self._each(number, op, lambda i: self._call("wrap", f"(uint32_t){x.at(i)}", half))

    def table(self, number: int, op: ops.Table, x: CValue) -> CValue:
        out = self._local(number, op)
        entries = self._table(f"t{number}", np.append(op.entries, op.entries[-1]))
        ends = literal(op.entries.min()), literal(op.entries.max())
        steepest = int(np.abs(np.diff(op.entries)).max()) << op.shift
        part = self._down("d", op.shift, "int32_t", steepest)

        def lines(i: str) -> list[str]:
            size = f"(int32_t){x.at(i)}"
            text = [f"const int32_t u = {size};"]
            text += [
                "const int32_t n = (u < 0) ? -u : u;"
                if op.about is not None
                else "const int32_t n = u;"
            ]
            text += [
                f"const uint32_t q = (uint32_t)n >> {op.shift}U;",
                f"const uint32_t rest = (uint32_t)n & {(1 << op.shift) - 1}U;",
                f"const int32_t b = (int32_t){entries.at('q')};",
                f"const int32_t d = ((int32_t){entries.at('q + 1U')} - b) * (int32_t)rest;",
                # the entries beside it are its limits: said for Eva, which forgets what is whose
                f"const int32_t y = {self._call('clamp', f'b + {part}', *ends)};",
            ]
            turned = f"({literal(op.about)} - y)" if op.about else "-y"
            found = "y" if op.about is None else f"((u < 0) ? {turned} : y)"
            return [*text, f"{out.at(i)} = ({out.kind.name}){found};"]

        self._say(*_loop(op.size, lines, block=True))
        return out

    def select(self, number: int, op: ops.Select, *args: CValue) -> CValue:
        a, b, yes, no = args
        compared, chosen = self._wide(-1, a, b), self._wide(number, yes, no)
        return self._each(
            number, op,
            lambda i: (
                f"(({compared}){a.at(i)} {op.relation} ({compared}){b.at(i)}) "
                f"? ({chosen}){yes.at(i)} : ({chosen}){no.at(i)}"
            ),
        )  # fmt: skip

    def pick(self, number: int, op: ops.Pick, vector: CValue, place: CValue) -> CValue:
        return self._each(number, op, lambda _: vector.at(f"(uint32_t){place.at('0')}"))

    def hold(self, number: int, op: ops.Hold, x: CValue, when: CValue) -> CValue:
        span = self._proof.ranges[number]
        field = self._field(f"h{number}", self._kind(number), op.size, op.initial, *span)
        self._say(
            *_loop(
                op.size,
                lambda i: [
                    f"if ({when.at(i)} != 0)", "{",
                    f"    {field.at(i)} = ({field.kind.name}){x.at(i)};", "}",
                ],
                block=True,
            )
        )  # fmt: skip
        return field

    def state(self, number: int, op: ops.State) -> CValue:
        field = self._field(f"q{number}", self._kind(number), op.size, op.initial, op.low, op.high)
        if number not in self._followed:
            return field
        kept = self._local(number, op)  # another state follows this one: it needs it as it was
        self._say(*_copy(kept, field, 0, 0, op.size))
        return kept

    def window(self, number: int, op: ops.Window, x: CValue) -> CValue:
        kind, n = self._kind(number), op.size
        if n == 1:
            return self._each(number, op, lambda _: x.at("0"))
        low, high = (end[0] for end in self._proof.ranges[number])
        ring = self._field(f"r{number}", kind, 2 * n, 0, low, high)
        place = self._place(number, n)
        value = f"v{number}"
        pointer = f"const {kind.name} *{value}"
        if op.guard is not None:
            self._locals.append(_Local(number, pointer, f" = &{ring.at('0')}"))
            pointer = value
        self._say(
            f"{ring.at(place)} = ({kind.name}){x.at('0')};",
            f"{ring.at(f'{place} + {n}U')} = ({kind.name}){x.at('0')};",
            *self._turned(place, n),
            f"{pointer} = &{ring.at(place)};",
        )
        self._bytes["stack"][self._at] += 4
        return CValue(value, n, kind)

    def _place(self, number: int, n: int) -> str:
        self._spans[f"p{number}"] = Interval(np.array([0]), np.array([n - 1]))
        self._fields.append((2, f"uint16_t p{number};"))
        self._bytes["ram"][self._at] += 2
        self._resets.append(f"s->p{number} = 0U;")
        return f"s->p{number}"

    def _turned(self, place: str, n: int) -> list[str]:
        return [f"{place} = ({place} == {n - 1}U) ? 0U : (uint16_t)({place} + 1U);"]

    def sorted(self, number: int, op: ops.Sorted, x: CValue) -> CValue:
        kind, n = self._kind(number), op.size
        span = [end[0] for end in self._proof.ranges[number]]
        ordered = self._field(f"o{number}", kind, n + 1, op.beyond, *span)
        ring = self._field(f"r{number}", kind, n + 1, op.beyond, *span)  # the last one is not used
        place = self._place(number, n)
        least = literal(min(self._proof.ranges[number].low.tolist()))
        self._say(
            "{",
            f"    const int32_t leaving = (int32_t){ring.at(place)};",
            f"    const int32_t entering = (int32_t){x.at('0')};",
            f"    int32_t below = {least};",
            f"    for (uint32_t i = 0U; i < {n}U; ++i)",
            "    {",
            f"        const int32_t here = (int32_t){ordered.at('i')};",
            f"        const int32_t after = (int32_t){ordered.at('i + 1U')};",
            "        const int32_t stays = (here < leaving) ? here : after;",
            "        const int32_t lower = (stays < entering) ? stays : entering;",
            f"        {ordered.at('i')} = ({kind.name})((lower > below) ? lower : below);",
            "        below = stays;",
            "    }",
            f"    {ring.at(place)} = ({kind.name})entering;",
            *("    " + line for line in self._turned(place, n)),
            "}",
        )
        return ordered._replace(size=n + 1)

    def spread(self, number: int, op: ops.Spread, ordered: CValue, count: CValue) -> CValue:
        out = self._local(number, op)
        kind = out.kind.name
        low, high = (end[0] for end in self._proof.ranges[op.args[0]])
        far = literal(2 * (high - low))  # no distance is as long
        self._say(
            "{",
            "    /* distances from the median, ascending: each is that of the next number */",
            "    /* below or of the next one above */",
            f"    const uint32_t n = (uint32_t){count.at('0')};",
            "    uint32_t below = ((n - 1U) / 2U) + 1U;",
            "    uint32_t above = below;",
            f"    const int32_t low = (int32_t){ordered.at('below - 1U')};",
            f"    const int32_t twice = low + (int32_t){ordered.at('n / 2U')};",
            "    int32_t before = 0;",
            "    int32_t last = 0;",
            "    for (uint32_t i = 0U; i <= (n / 2U); ++i)",
            "    {",
            "        const int32_t down_by = (below > 0U)",
            f"            ? (twice - (2 * (int32_t){ordered.at('below - 1U')})) : {far};",
            "        const int32_t up_by = (above < n)",
            f"            ? ((2 * (int32_t){ordered.at('above')}) - twice) : {far};",
            "        before = last;",
            "        if ((below > 0U) && (down_by <= up_by))", "        {",
            "            last = down_by;", "            below -= 1U;", "        }",
            "        else", "        {",
            "            last = up_by;", "            above += 1U;", "        }",
            "    }",
            f"    {out.at('0')} = ({kind})twice;",
            f"    {out.at('1')} = ({kind})(last + (((n % 2U) == 1U) ? last : before));",
            "}",
        )  # fmt: skip
        return out

    def walk(self, number: int, op: ops.Walk, x: CValue) -> CValue:
        out = self._local(number, op)
        node, wide = "(uint32_t)node", self._wide(-1, x)
        threshold, left, right = (
            self._table(f"{name}{number}", getattr(op, name)).at(node)
            for name in ("threshold", "left", "right")
        )
        feature = self._numbers(number, "feature", op.feature)(node)
        roots = self._table(f"roots{number}", op.roots).at("t")
        leaves = self._table(f"leaves{number}", op.leaves.ravel())
        n = op.size
        total = [f"int32_t a{k} = 0;" for k in range(n)]
        adds = [
            f"a{k} += (int32_t){leaves.at(f'(leaf * {n}U) + {k}U' if n > 1 else 'leaf')};"
            for k in range(n)
        ]
        ends = [f"{out.at(str(k))} = ({out.kind.name}){self._summed(number, k)};" for k in range(n)]
        self._say(
            "{",
            *("    " + line for line in total),
            f"    for (uint32_t t = 0U; t < {len(op.roots)}U; ++t)",
            "    {",
            f"        int32_t node = (int32_t){roots};",
            f"        for (uint32_t i = 0U; (i < {op.depth}U) && (node >= 0); ++i)",
            "        {",
            f"            const {wide} u = ({wide}){x.at(f'(uint32_t){feature}')};",
            f"            node = (u <= ({wide}){threshold}) ? (int32_t){left} : (int32_t){right};",
            "        }",
            "        const int32_t found = (node < 0) ? (-1 - node) : 0;",
            "        const uint32_t leaf = (uint32_t)found;",
            *("        " + line for line in adds),
            "    }",
            *("    " + line for line in ends),
            "}",
        )
        return out

    def _summed(self, number: int, k: int) -> str:
        """A sum over trees, within what it can be: said for Eva, which does not tell them apart."""
        if len(self._program.ops[number].roots) == 1:  # type: ignore[attr-defined]
            return f"a{k}"
        low, high = (literal(end[k]) for end in self._proof.ranges[number])
        return self._call("clamp", f"a{k}", low, high)

    # --- the whole

    def print(self) -> Printed:
        for number, op in enumerate(self._program.ops):
            self._at = number
            self._enter(op)
            self._inside.append(tuple(self._blocks))
            act = getattr(self, type(op).__name__.lower())
            args = (self._values[arg] for arg in op.args)
            self._values.append(act(number, op, *args))
        self._close()
        for number, op in enumerate(self._program.ops):
            if isinstance(op, ops.State):
                self._enter(op)
                field = CValue(f"s->q{number}", op.size, self._kind(number))
                self._say(*_copy(field, self._values[op.following], 0, 0, op.size))
            elif isinstance(op, ops.First):
                self._enter(op)
                self._say(f"{self._values[number].at('0')} = 0;")
        self._close()
        at = 0
        for name, number in self._program.outputs.items():
            if name == STATUS:
                self._say(f"return (uint16_t){self._values[number].at('0')};")
                continue
            value = self._values[number]
            for k in range(value.size):
                self._say(f"out[{at}] = (int32_t){value.at(str(k))};")
                at += 1
        if STATUS not in self._program.outputs:
            self._say("return 0U;")
        fields = [text for _, text in sorted(self._fields, key=lambda one: -one[0])]  # no gaps
        helpers = [text for name, text in HELPERS.items() if name in self._helpers]
        own, steps = self._placed()
        return Printed(
            helpers,
            fields,
            self._resets,
            self._tables,
            own,
            steps,
            self._spans,
            **self._bytes,
        )

    def _close(self) -> None:
        while self._open:
            self._leave()

    def _placed(self) -> tuple[list[str], list[str]]:
        """Local variables of the function, and its lines with those that one block needs."""
        takers = takers_of(self._program)
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
        if taker < 0:
            return ()
        op = self._program.ops[taker]
        if isinstance(op, ops.State):
            return ()
        if taker in self._alone:
            return self._where(number, takers_of(self._program)[taker][0])
        inside = self._inside[taker]
        return inside[:-1] if number == op.guard else inside


STATUS = "status"  # the output that the function returns; it is the last one


def print_c(program: Program, proof: Proof) -> Printed:
    """The parts of the source of a program that is proven."""
    return CText(program, proof).print()


def dots_before_scales(program: Program) -> set[int]:
    """Dots of which a single Scale takes the value: their sums need not be kept."""
    takers = takers_of(program)
    alone = set()
    for number, op in enumerate(program.ops):
        by = takers[number]
        if isinstance(op, ops.Dot) and len(by) == 1 and by[0] >= 0:
            taker = program.ops[by[0]]
            if isinstance(taker, ops.Scale) and taker.guard == op.guard and taker.size == op.size:
                alone.add(number)
    return alone


def binding(op: ops.Scale | ops.Clamp, x: Interval) -> tuple[bool, bool]:
    """Whether the lower and the upper limits of an op may bind."""
    far = np.full(op.size, _FAR)
    act = getattr(Intervals(), type(op).__name__.lower())
    free = act(0, replace(op, low=-far, high=far), x)
    return bool((free.low < op.low).any()), bool((free.high > op.high).any())


def is_view(program: Program, number: int) -> bool:
    """Whether an op takes neighbours that can be read where they stand, and stay what they are."""
    op = program.ops[number]
    if not isinstance(op, ops.Gather) or op.guard is not None:
        return False
    one = (op.sources == op.sources[0]).all() and (np.diff(op.elements) == 1).all()
    return bool(one) and isinstance(program.ops[op.args[op.sources[0]]], _STAY)


def _shared(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """What two tuples begin with."""
    same = [x == y for x, y in zip(a, b, strict=False)]
    return a[: same.index(False)] if False in same else a[: len(same)]


def _mirrored(kind: str, pair: str, weights: CValue, windows: list[CValue]) -> list[str]:
    """Sums of which the first number and the last one have one weight, and so on inwards."""
    n = windows[0].size
    at = [(window.at("i"), window.at("j")) for window in windows]
    return [
        f"    uint32_t j = {n - 1}U;",
        f"    /*@ loop unroll {n}; */",
        "    for (; i < j; ++i)",
        "    {",
        f"        const {kind} u = ({kind}){weights.at('k')};",
        *(f"        const {pair} p{w} = ({pair}){a} + ({pair}){b};" for w, (a, b) in enumerate(at)),
        *(f"        a{w} += u * ({kind})p{w};" for w in range(len(at))),
        "        k += 1U;",
        "        j -= 1U;",
        "    }",
        "    if (i == j)",
        "    {",
        *(
            f"        a{w} += ({kind}){weights.at('k')} * ({kind}){a};"
            for w, (a, _) in enumerate(at)
        ),
        "    }",
    ]


def _loop(size: int, lines: Callable[[str], list[str]], *, block: bool = False) -> list[str]:
    """Lines for every element: a loop, or the lines themselves where there is but one."""
    if size == 1:
        return ["{", *("    " + line for line in lines("0")), "}"] if block else lines("0")
    body = ("    " + line for line in lines("i"))
    return [f"for (uint32_t i = 0U; i < {size}U; ++i)", "{", *body, "}"]


def _copy(out: CValue, source: CValue, begin: int, element: int, count: int) -> list[str]:
    """Lines that copy neighbouring elements."""
    if count == 1:
        return [f"{out.at(str(begin))} = ({out.kind.name}){source.at(str(element))};"]
    to = f"i + {begin}U" if begin else "i"
    of = f"i + {element}U" if element else "i"
    line = f"    {out.at(to)} = ({out.kind.name}){source.at(of)};"
    return [f"for (uint32_t i = 0U; i < {count}U; ++i)", "{", line, "}"]
