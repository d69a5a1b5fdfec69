"""Random programs, and their outputs as C gives them."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np

from signalprep.embedded.export._source import function, header, outputs_of
from signalprep.embedded.program import STATUS, Builder, Program, Value, print_c, prove
from signalprep.errors import ProofError

MOST = 2**31 - 1


class _Maker:
    """Adds random ops to a program; takes back what cannot be proven."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        n_inputs = int(rng.integers(1, 5))
        self.b = Builder([f"x{i}" for i in range(n_inputs)], int(rng.choice([8, 12, 16])))
        self.values: list[Value] = [self.b.raw]

    def some(self, size: int | None = None) -> Value:
        value = self.values[self.rng.integers(len(self.values))]
        if size is not None and value.size not in (1, size):
            value = self.b.gather((value, self.rng.integers(value.size, size=size)))
        return value

    def single(self) -> Value:
        value = self.some()
        return (
            self.b.gather((value, [int(self.rng.integers(value.size))]))
            if value.size > 1
            else value
        )

    def small(self, bits: int) -> Value:
        """A single number of few bits."""
        top = 1 << (bits - 1)
        return self.b.clamp(self.single(), -top, top - 1)

    def ints(self, bits: int, size: object = None) -> np.ndarray:
        top = 1 << (bits - 1)
        return self.rng.integers(-top, top, size=size)

    def dot(self) -> Value:
        x = self.some()
        shape = (int(self.rng.integers(1, 10)), x.size)
        return self.b.dot(
            x, self.ints(int(self.rng.integers(2, 13)), shape), self.ints(16, shape[0])
        )

    def bank(self) -> Value:
        n = int(self.rng.integers(1, 9))
        windows = [self.b.window(self.single(), n) for _ in range(int(self.rng.integers(1, 4)))]
        rows = [self.ints(int(self.rng.integers(2, 13)), m) for m in self.rng.integers(1, n + 1, 5)]
        if self.rng.random() < 0.5:
            rows = [row + row[::-1] for row in rows]
        return self.b.bank(windows, self.b.clamp(self.single(), 0, 4), rows)

    def add(self) -> Value:
        a = self.some()
        left, right = self.rng.integers(0, 5, 2)
        sign = int(self.rng.choice([-1, 1]))
        return self.b.add(a, self.some(a.size), left=int(left), right=int(right), sign=sign)

    def mul(self) -> Value:
        a = self.some()
        return self.b.mul(a, self.some(a.size))

    def half(self) -> Value:
        """The upper half of a product."""
        a = self.some()
        lift = int(self.rng.integers(0, 20))
        b = self.b.add(self.some(a.size), self.b.const(int(self.ints(10))), left=lift)
        return self.b.shift(self.b.mul(a, b), 32)

    def scale(self) -> Value:
        x = self.some()
        ends = np.sort(self.ints(int(self.rng.integers(2, 31)), 2))
        zero = self.ints(8, x.size) if self.rng.random() < 0.5 else 0
        return self.b.scale(
            x, self.ints(31, x.size), low=ends[0], high=ends[1], zero=zero,
            headroom=int(self.rng.integers(0, 4)), shift=int(self.rng.choice([32, 32, 32, 20, 7])),
        )  # fmt: skip

    def clamp(self) -> Value:
        ends = np.sort(self.ints(int(self.rng.integers(2, 31)), 2))
        return self.b.clamp(self.some(), *ends)

    def root(self) -> Value:
        a = self.some()
        b = self.b.clamp(self.some(a.size), 1, int(self.rng.integers(1, MOST)))
        return self.b.root(self.b.clamp(a, 0, MOST), b, int(self.rng.integers(1, 32)))

    def shift(self) -> Value:
        return self.b.shift(self.some(), int(self.rng.integers(1, 20)))

    def wrap(self) -> Value:
        return self.b.wrap(self.some(), int(self.rng.integers(2, 20)))

    def table(self) -> Value:
        shift, n = int(self.rng.integers(0, 8)), int(self.rng.integers(2, 40))
        end = (n - 1) << shift
        entries = self.ints(15, n)
        entries = np.sort(entries) if self.rng.random() < 0.5 else entries
        odd = self.rng.random() < 0.5
        x = self.b.clamp(self.some(), -end if odd else 0, end)
        return self.b.table(x, entries, shift, int(self.ints(12)) if odd else None)

    def select(self) -> Value:
        a = self.some()
        relation = str(self.rng.choice(["<", "<=", "=="]))
        return self.b.select(a, relation, self.some(a.size), self.some(a.size), self.some(a.size))

    def pick(self) -> Value:
        vector = self.some()
        return self.b.pick(vector, self.b.clamp(self.single(), 0, vector.size - 1))

    def hold(self) -> Value:
        x = self.some()
        flag = self.b.flag(self.some(x.size), "<", self.some(x.size))
        return self.b.hold(x, flag, int(self.ints(5)))

    def window(self) -> Value:
        return self.b.window(self.single(), int(self.rng.integers(1, 12)))

    def hampel(self) -> Value:
        n, bits = int(self.rng.integers(1, 12)), int(self.rng.integers(3, 17))
        ordered = self.b.sorted(
            self.small(bits), n, int(self.rng.choice([(1 << bits - 1) - 1, 1 << 17]))
        )
        return self.b.spread(ordered, self.b.count(n))

    def recursion(self) -> Value:
        """A mean that fades: in the difference form, as wide as it likes."""
        x = self.some()
        x = self.b.clamp(x, -(2**15), 2**15 - 1)
        bits = int(self.rng.integers(0, 15))
        top = 2 ** (15 + bits)
        state = self.b.state(x.size, low=-top, high=top - 1, initial=int(self.ints(10)))
        start = self.b.select(
            self.b.first(), "==", self.b.const(1), self.b.add(x, self.b.const(0), left=bits), state
        )
        far = self.b.shift(self.b.subtract(x, start, left=bits), int(self.rng.integers(1, 3)))
        step = self.b.scale(far, int(self.rng.integers(1, 2**30)), low=-MOST, high=MOST)
        now = self.b.clamp(self.b.add(start, step), -top, top - 1)
        self.b.follow(state, now)
        return now

    def walk(self) -> Value:
        x = self.some()
        feature, threshold, left, right, leaves, roots = [], [], [], [], [], []
        width = int(self.rng.integers(1, 4))

        def grow(depth: int) -> int:
            if depth == 0 or self.rng.random() < 0.2:
                leaves.append(self.ints(16, width))
                return -len(leaves)
            here = len(feature)
            feature.append(int(self.rng.integers(x.size)))
            threshold.append(int(self.ints(int(self.rng.integers(4, 17)))))
            left.append(0)
            right.append(0)
            left[here], right[here] = grow(depth - 1), grow(depth - 1)
            return here

        for _ in range(int(self.rng.integers(1, 4))):
            roots.append(grow(4))
        if not feature:
            feature, threshold, left, right = [0], [0], [-1], [-1]
        return self.b.walk(
            x, feature=feature, threshold=threshold, left=left, right=right, roots=roots,
            leaves=leaves, depth=4,
        )  # fmt: skip

    def slowly(self) -> Value:
        """A random op that runs in some rows only, held in between."""
        flag = (
            self.b.every(int(self.rng.integers(1, 5)))
            if self.rng.random() < 0.5
            else self.b.flag(self.single(), "<", self.single())
        )
        before = len(self.values)
        with self.b.when(flag):
            for _ in range(int(self.rng.integers(1, 4))):
                self.step()
        inner = self.values[-1]
        del self.values[before:]
        return self.b.hold(inner, flag, int(self.ints(4)))

    def step(self) -> None:
        """One more op; nothing where the program could then not be proven."""
        names = ["dot", "bank", "add", "mul", "scale", "clamp", "shift", "wrap", "table", "select",
                 "half", "root", "pick", "hold", "window", "hampel", "recursion", "walk",
                 "slowly"]  # fmt: skip
        ops, made = list(self.b._ops), dict(self.b._made)
        n_values = len(self.values)
        try:
            value = getattr(self, str(self.rng.choice(names)))()
            prove(self.b.build(y=value))
        except ProofError:
            self.b._ops[:], self.b._made = ops, made
            del self.values[n_values:]
            return
        self.values.append(value)


def random_program(rng: np.random.Generator, n_ops: int = 12) -> Program:
    """A program of random ops that is proven."""
    maker = _Maker(rng)
    for _ in range(n_ops):
        maker.step()
    last = maker.values[-4:]
    outputs = {f"y{i}": maker.b.clamp(value, -MOST, MOST) for i, value in enumerate(last)}
    return maker.b.build(**outputs)


def random_rows(
    rng: np.random.Generator, program: Program, n_rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Codes of every size, the ends among them, and borders of segments."""
    top = 1 << (program.ops[0].bits - 1)
    n = len(program.inputs)
    size = 2.0 ** rng.uniform(0, np.log2(top), (n_rows, n))
    codes = np.clip(np.round(rng.uniform(-1, 1, (n_rows, n)) * size), -top, top - 1).astype(
        np.int64
    )
    ends = rng.random((n_rows, n)) < 0.05
    codes[ends] = rng.choice([-top, top - 1], ends.sum())
    inner = np.sort(rng.choice(np.arange(1, n_rows), min(6, n_rows - 1), replace=False))
    return codes, np.concatenate([[0], inner, [n_rows]])


def c_outputs(
    folder: Path, cases: list[tuple[Program, np.ndarray, np.ndarray]], *flags: str
) -> list[np.ndarray]:
    """What C gives for each of the programs: outputs and, last, the status."""
    helpers: dict[str, None] = {}
    parts, mains = [], []
    feed = bytearray()
    for number, (program, codes, bounds) in enumerate(cases):
        printed = print_c(program, prove(program))
        name = f"p{number}"
        for helper in printed.helpers:
            helpers[helper] = None
        parts += [header(program, printed, name), function(program, printed, name)]
        kind = "int16_t" if program.ops[0].bits <= 16 else "int32_t"
        n_in, n_out = len(program.inputs), len(outputs_of(program))
        mains.append(f"""
static void run{number}(void)
{{
    {name}_state s; int32_t n, m, in[{n_in}], out[{n_out}]; {kind} raw[{n_in}]; int32_t i, k;
    memset(&s, 0x55, sizeof s);
    take(&m, 4);
    for (; m > 0; --m) {{
        {name}_reset(&s); take(&n, 4);
        for (i = 0; i < n; ++i) {{
            int32_t status;
            take(in, sizeof in); for (k = 0; k < {n_in}; ++k) raw[k] = ({kind})in[k];
            status = {name}_step(&s, raw, out);
            fwrite(out, 4, {n_out}, stdout); fwrite(&status, 4, 1, stdout);
        }}
    }}
}}""")
        feed += np.int32(len(bounds) - 1).tobytes()
        for begin, end in pairwise(bounds):
            feed += np.int32(end - begin).tobytes() + codes[begin:end].astype(np.int32).tobytes()
    take = "static void take(void *to, size_t n) { if (fread(to, 1, n, stdin) != n) abort(); }"
    head = [
        "#include <stdio.h>",
        "#include <stdlib.h>",
        "#include <string.h>",
        "#include <stdint.h>",
    ]
    calls = " ".join(f"run{i}();" for i in range(len(cases)))
    text = [*head, *helpers, *parts, take, *mains, f"int main(void) {{ {calls} return 0; }}"]
    (folder / "all.c").write_text("\n".join(text))
    built = folder / "all"
    strict = [
        "-std=c99",
        "-pedantic",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Wsign-conversion",
        "-Werror",
    ]
    subprocess.run(["gcc", *strict, *flags, "-o", built, folder / "all.c"], check=True)
    done = subprocess.run([built], input=bytes(feed), stdout=subprocess.PIPE, check=True)
    found, at = [], 0
    numbers = np.frombuffer(done.stdout, dtype=np.int32)
    for program, codes, _ in cases:
        width = len(outputs_of(program)) + 1
        found.append(numbers[at : at + len(codes) * width].reshape(len(codes), width))
        at += len(codes) * width
    return found


def python_outputs(found: dict[str, np.ndarray], program: Program) -> np.ndarray:
    """Outputs of Python laid out as C gives them."""
    status = found.get(STATUS, np.zeros((len(next(iter(found.values()))), 1), dtype=np.int64))
    values = [found[name] for name in program.outputs if name != STATUS]
    return np.concatenate([*values, status], axis=1)
