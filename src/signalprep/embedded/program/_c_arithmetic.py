"""Arithmetic as C: sums, products, shifts, roots and limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_frame import Frame
from signalprep.embedded.program._c_lines import filled, indented, looped
from signalprep.embedded.program._c_types import CValue, literal, type_of
from signalprep.embedded.program._joined import binding

__all__ = ["SMALL", "Arithmetic"]

SMALL = 2**30  # below, a number of 32 bits is shifted as one
_FOUR = 4  # rows of a Dot at a time
_WORD = 32

_ROWS = """
$starts
for (uint32_t i = 0U; i < ${n}U; ++i)
{
    const $kind u = ($kind)$x;
    $adds
    $next
}
$ends
"""

_BANK = """
{
    $which
    uint32_t k = (uint32_t)$begin;
    $starts
    uint32_t i = ${n}U - (uint32_t)$length;
    $sums
    $ends
    $merge
}
"""

_ONE_BY_ONE = """
/*@ loop unroll $n; */
for (; i < ${n}U; ++i)
{
    const $kind u = ($kind)$weight;
    $adds
    k += 1U;
}
"""

_MIRRORED = """
uint32_t j = ${last}U;
/*@ loop unroll $n; */
for (; i < j; ++i)
{
    const $kind u = ($kind)$weight;
    $pairs
    $adds
    k += 1U;
    j -= 1U;
}
if (i == j)
{
    $middle
}
"""


class Arithmetic(Frame):
    """Ops that reckon."""

    def add(self, number: int, op: ops.Add, a: CValue, b: CValue) -> CValue:
        wide, sign = self.wide(number, a, b), "+" if op.sign > 0 else "-"
        left, right = _times(wide, op.left), _times(wide, op.right)
        return self.each(
            number, op, lambda i: f"(({wide}){a.at(i)}{left}) {sign} (({wide}){b.at(i)}{right})"
        )

    def mul(self, number: int, op: ops.Mul, a: CValue, b: CValue) -> CValue:
        if number in self.alone:  # said with the Shift that takes it
            return CValue("", op.size, self.kind(number))
        wide = self.wide(number, a, b)
        return self.each(number, op, lambda i: f"({wide}){a.at(i)} * ({wide}){b.at(i)}")

    def root(self, number: int, op: ops.Root, a: CValue, b: CValue) -> CValue:
        def element(i: str) -> str:
            return self.call("root", f"(int64_t){a.at(i)}", f"(int64_t){b.at(i)}", f"{op.bits}U")

        return self.each(number, op, element)

    def clamp(self, number: int, op: ops.Clamp, x: CValue) -> CValue:
        wide = self.wide(number, x)
        clamped = self._limits(number, op, wide) or (lambda text, _: text)
        return self.each(number, op, lambda i: clamped(f"({wide}){x.at(i)}", i))

    def shift(self, number: int, op: ops.Shift, x: CValue) -> CValue:
        if op.args[0] in self.alone:
            a, b = (self.values[arg] for arg in self.program.ops[op.args[0]].args)
            return self.each(number, op, lambda i: self.call("scale", a.at(i), b.at(i)))
        wide, most = self.wide(-1, x), self.most(op.args[0])
        return self.each(number, op, lambda i: self.down(f"({wide}){x.at(i)}", op.bits, wide, most))

    def wrap(self, number: int, op: ops.Wrap, x: CValue) -> CValue:
        half_turn, before = 1 << (op.bits - 1), self.proof.ranges[op.args[0]]
        if (before.low >= -half_turn).all() and (before.high < half_turn).all():
            return self.each(number, op, x.at)  # nothing goes round
        half = f"{half_turn}U" if op.bits <= 16 else f"UINT32_C({half_turn})"
        return self.each(number, op, lambda i: self.call("wrap", f"(uint32_t){x.at(i)}", half))

    def scale(self, number: int, op: ops.Scale, x: CValue) -> CValue:
        out = self.local(number, op)
        multiplier = self.numbers(f"m{number}", op.multiplier)
        zero = self.numbers(f"z{number}", op.zero)
        short = op.shift == _WORD
        # a limit that is the zero is written as 0, before it is added: nothing costs less
        early = short and _is_one(op.zero) and _is_one(op.low) and op.low[0] == op.zero[0] < 0
        bounds = replace(op, zero=0 * op.zero, low=op.low - op.zero, high=op.high - op.zero)
        clamped = self._limits(number, bounds if early else op, "int32_t" if short else "int64_t")
        lift = _times("int32_t" if short else "int64_t", op.headroom)

        def scaled(i: str, text: str) -> str:
            found = (
                self.call("scale", text + lift, multiplier(i))
                if short
                else self.down(f"((int64_t){text}{lift}) * {multiplier(i)}", op.shift, "int64_t")
            )
            if clamped and early:
                found = clamped(found, i)
            if op.zero.any():
                found += f" + {zero(i)}"
            if clamped and not early:
                found = clamped(found, i)
            elif op.zero.any():
                found = f"({found})"
            return f"{out.at(i)} = ({out.kind.name}){found};"

        source = op.args[0]
        if source in self.alone:
            cast = "(int32_t)" if self._sums_are_wide(source) else ""
            self._dot(source, lambda i, total: scaled(i, cast + total))
        else:
            self.say(*looped(op.size, lambda i: [scaled(i, f"(int32_t){x.at(i)}")]))
        return out

    def dot(self, number: int, op: ops.Dot, x: CValue) -> CValue:
        if number in self.alone:  # said with the Scale that takes it
            return CValue("", op.size, self.kind(number))
        out = self.local(number, op)
        self._dot(number, lambda i, total: f"{out.at(i)} = ({out.kind.name}){total};")
        return out

    def _dot(self, number: int, finish: Callable[[str, str], str]) -> None:
        """Rows of a Dot, four at a time; ``finish`` says what becomes of each sum.

        The weights of four rows stand side by side, so that one index runs through all of them.
        """
        op = self.program.ops[number]
        assert isinstance(op, ops.Dot)
        kind = "int64_t" if self._sums_are_wide(number) else "int32_t"
        n_out, n_in = op.weights.shape
        bias = self.numbers(f"b{number}", op.bias)
        whole = n_out - n_out % _FOUR
        for begin, end, rows in ((0, whole, _FOUR), (whole, n_out, n_out - whole)):
            if begin == end:
                continue
            weights = op.weights[begin:end].reshape(-1, rows, n_in).transpose(0, 2, 1).ravel()
            weight = self.numbers(f"{'w' if begin == 0 else 'u'}{number}", weights)
            same, many = bool((weights == weights[0]).all()), end - begin > rows
            each = [(r, f" + {r}U" if r else "") for r in range(rows)]
            places = [f"j{plus}" if many else f"{begin + r}" for r, plus in each]
            body = filled(
                _ROWS, kind=kind, n=n_in, x=self.values[op.args[0]].at("i"),
                starts=[f"{kind} a{r} = {bias(place)};" for r, place in enumerate(places)],
                adds=[f"a{r} += u * ({kind}){weight(f'k{plus}')};" for r, plus in each],
                next=[] if same else [f"k += {rows}U;"],
                ends=[finish(place, f"a{r}") for r, place in enumerate(places)],
            )  # fmt: skip
            if many:
                head = f"for (uint32_t j = 0U; j < {end - begin}U; j += {rows}U)"
                body = [head, "{", *indented(body), "}"]
            self.say("{", *indented([*([] if same else ["uint32_t k = 0U;"]), *body]), "}")

    def bank(self, number: int, op: ops.Bank, *args: CValue) -> CValue:
        *windows, row = args
        out = self.local(number, op)
        pair = "int64_t" if any(self.most(arg) >= SMALL for arg in op.args) else "int32_t"
        wide = self._sums_are_wide(number) or (op.mirrored and pair == "int64_t")
        kind, name = ("int64_t", "clamp64") if wide else ("int32_t", "clamp")
        several = len(op.lengths) > 1
        # Eva does not know which row goes with which length: the longest one comes last, with a 0
        # behind it, and the sums are kept within what they can be
        last = several and op.held[-1] == op.held.max()
        weights = self.constants(f"w{number}", np.append(op.weights, 0) if last else op.weights)
        lengths, n = self.numbers(f"n{number}", op.lengths), windows[0].size
        begins = self.numbers(f"k{number}", np.cumsum(op.held) - op.held)
        each, (low, high) = range(len(windows)), self.proof.ranges[number]
        sums = [
            self.call(name, f"a{k}", literal(low[k]), literal(high[k])) if last else f"a{k}"
            for k in each
        ]
        which = [f"const uint32_t r = (uint32_t){row.at('0')};", "/*@ split r; */"]
        factor = "p{k}" if op.mirrored else "{at}"
        ats = [window.at("i") for window in windows]
        parts = {
            "adds": [f"a{k} += u * ({kind}){factor.format(k=k, at=ats[k])};" for k in each],
            "pairs": [
                f"const {pair} p{k} = ({pair}){ats[k]} + ({pair}){windows[k].at('j')};"
                for k in each
            ],
            "middle": [
                f"a{k} += ({kind}){weights.at('k')} * ({kind}){ats[k]};" for k in each
            ],
        }  # fmt: skip
        added = filled(
            _MIRRORED if op.mirrored else _ONE_BY_ONE,
            kind=kind, n=n, last=n - 1, weight=weights.at("k"), **parts,
        )  # fmt: skip
        self.say(
            *filled(
                _BANK, begin=begins("r"), n=n, length=lengths("r"), sums=added,
                which=which[: 1 if last else 2] if several else [],
                starts=[f"{kind} a{k} = 0;" for k in each],
                ends=[f"{out.at(str(k))} = ({out.kind.name}){sums[k]};" for k in each],
                merge=["/*@ merge r; */"] if several and not last else [],
            )
        )  # fmt: skip
        return out

    def down(self, text: str, bits: int, wide: str, below: int = SMALL) -> str:
        """A number of a type, below so much, shifted to the right."""
        if bits == 0:
            return text
        short = wide == "int32_t" and below < SMALL and bits < _WORD - 2
        return self.call("down32" if short else "down", text, f"{bits}U")

    def _sums_are_wide(self, number: int) -> bool:
        sums = self.proof.sums[number]
        return type_of(min(sums.low.tolist()), max(sums.high.tolist())).size > 4

    def _limits(
        self, number: int, op: ops.Scale | ops.Clamp, wide: str
    ) -> Callable[[str, str], str] | None:
        """What keeps a text within the limits that may bind; None where none does."""
        below, above = binding(op, self.proof.ranges[op.args[0]])
        ends = [self.numbers(f"l{number}", op.low)] if below else []
        ends += [self.numbers(f"h{number}", op.high)] if above else []
        name = "clamp" if below and above else "at_least" if below else "at_most"
        name += "64" if wide == "int64_t" else ""
        if not ends:
            return None
        return lambda text, i: self.call(name, text, *(end(i) for end in ends))


def _is_one(numbers: np.ndarray) -> bool:
    return bool((numbers == numbers[0]).all())


def _times(wide: str, bits: int) -> str:
    return "" if bits == 0 else f" * {literal(1 << bits)}"
