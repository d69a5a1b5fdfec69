"""The prover refuses what could leave its numbers, and its bounds are reached where they can be."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.embedded.program import Builder, Program, prove, run
from signalprep.errors import ProofError

MOST = 2**31 - 1


def test_the_sum_that_overflows_in_silence_is_refused() -> None:
    # activations and weights of 16 bits, 32 inputs: no compiler warns of it, and it is wrong
    rng = np.random.default_rng(0)
    b = Builder([f"x{i}" for i in range(32)])
    b.label = "mlp > layer 2"
    total = b.dot(b.raw, rng.integers(-32767, 32768, (16, 32)), rng.integers(-5, 5, 16))
    value = b.scale(total, 2**20, low=-32768, high=32767)
    with pytest.raises(ProofError, match=r"mlp > layer 2: Scale .* a sum of 3[56] bits"):
        prove(b.build(y=value))


def _chain(
    *,
    weight: int = 100,
    bias: int = 1000,
    headroom: int = 0,
    ends: int = 127,
    entries: int = 17,
    table_clamp: bool = True,
    state_top: int = 2**24,
    state_clamp: bool = True,
    initial: int = 0,
    length: int = 9,
    ordered: int = 5,
    counted: int = 5,
    beyond: int = 2**15,
    place: int = 3,
    depth: int = 2,
    leaf: int = 1000,
) -> Program:
    """A program in which something of every kind stands within its bounds, but only just."""
    b = Builder(["u", "v", "w", "x"])
    b.label = "network"
    hidden = b.scale(
        b.dot(b.raw, np.full((3, 4), weight), bias), 2**22, low=-ends, high=ends, headroom=headroom
    )
    b.label = "activation"
    asked = (
        b.clamp(hidden, -100, 100) if table_clamp else b.scale(b.raw, 2**31 - 1, low=-300, high=300)
    )
    curve = b.table(asked, np.arange(entries) * 100, 4, 0)
    b.label = "mean"
    x = b.gather((b.raw, 0))
    state = b.state(1, low=-state_top, high=state_top, initial=initial)
    following = b.add(state, b.subtract(x, b.shift(state, 8)))
    if state_clamp:
        following = b.clamp(following, -(2**24), 2**24)
    b.follow(state, following)
    b.label = "filter"
    taps = np.full((1, length), 7000)
    smooth = b.scale(b.dot(b.window(x, length), taps), 2**20, low=-32768, high=32767)
    b.label = "hampel"
    count = b.count(counted)
    spread = b.spread(b.sorted(x, ordered, beyond), count)
    b.label = "cell"
    picked = b.pick(b.raw, b.clamp(x, 0, place))
    b.label = "tree"
    tree = b.walk(
        b.raw, feature=[0, 1], threshold=[5, 6], left=[1, -1], right=[-2, -3], roots=[0],
        leaves=[[leaf], [1], [2]], depth=depth,
    )  # fmt: skip
    parts = (curve, state, smooth, spread, picked, tree)
    return b.build(y=b.gather(*((part, None) for part in parts)))


def test_the_chain_is_proven_as_it_stands() -> None:
    prove(_chain())


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"weight": 20000}, "network"),
        ({"bias": 2**31}, "network"),
        ({"headroom": 9}, "network"),
        ({"entries": 6}, "activation"),
        ({"table_clamp": False}, "activation"),
        ({"state_top": 2**23}, "mean"),
        ({"state_clamp": False}, "mean"),
        ({"initial": 2**25}, "mean"),
        ({"length": 17}, "filter"),
        ({"ordered": 4}, "hampel"),
        ({"counted": 6}, "hampel"),
        ({"beyond": 2**14}, "hampel"),
        ({"beyond": 2**31}, "hampel"),
        ({"place": 4}, "cell"),
        ({"depth": 1}, "tree"),
        ({"leaf": 2**32}, "tree"),
    ],
)
def test_a_change_that_breaks_a_bound_is_refused(changed: dict, step: str) -> None:
    with pytest.raises(ProofError, match=f"^{step}: "):
        prove(_chain(**changed))


@pytest.mark.parametrize("seed", range(5))
def test_inputs_of_the_right_signs_reach_the_bound_of_a_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_in, n_out = rng.integers(1, 40, 2)
    b = Builder([f"x{i}" for i in range(n_in)])
    weights = rng.integers(-127, 128, (n_out, n_in))
    program = b.build(y=b.dot(b.raw, weights, rng.integers(-9999, 9999, n_out)))
    bound = prove(program).ranges[-1]
    top = np.where(weights > 0, 32767, -32768)  # a row for every output
    low = np.where(weights > 0, -32768, 32767)
    bounds = np.array([0, n_out])
    assert np.diag(run(program, top, bounds)["y"]).tolist() == bound.high.tolist()
    assert np.diag(run(program, low, bounds)["y"]).tolist() == bound.low.tolist()


def test_only_a_state_may_wait_for_itself() -> None:
    b = Builder(["u"])
    b.label = "loop"
    state = b.state(1, low=-40000, high=40000)
    b.follow(state, b.hold(b.clamp(b.add(state, b.raw), -9, 9), b.first()))
    with pytest.raises(ProofError, match=r"loop: Hold .* waits for itself"):
        prove(b.build(y=state))
    b = Builder(["u"])
    state = b.state(1, low=-40000, high=40000)
    with b.when(b.every(2)):
        following = b.clamp(b.add(state, b.raw), -9, 9)
    b.follow(state, following)
    with pytest.raises(ProofError, match="other rows"):
        prove(b.build(y=state))


@pytest.mark.parametrize(
    ("ends", "bits", "words"),
    [
        ((-1, 1), 8, "the root of -1 / 1"),
        ((0, 0), 8, "the root of 0 / 0"),
        ((0, 2**15 - 1), 31, None),
        ((0, 2**15 - 1), 32, "48 bits for a root of 32"),
    ],
)
def test_roots_are_of_what_has_one(ends: tuple[int, int], bits: int, words: str | None) -> None:
    b = Builder(["u", "v"])
    a = b.clamp(b.gather((b.raw, 0)), *ends)
    by = b.clamp(b.gather((b.raw, 1)), min(1, ends[1]), 2**15 - 1)
    program = b.build(y=b.root(a, by, bits))
    if words is not None:
        with pytest.raises(ProofError, match=words):
            prove(program)
        return
    found = run(program, np.array([[9, 1], [32767, 3], [0, 5]]), np.array([0, 3]))["y"][:, 0]
    assert found.tolist() == [98304, 3424582, 0]  # of 2**30 times the quotient
    assert prove(program).ranges[-1].high.tolist() == [5931551]
