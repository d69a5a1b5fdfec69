"""lowered: the ops of an estimator, by what it is made of.

A family of models or steps registers with `lowers` by class, a step of signalprep with
`lowers_kernel` by the kernel that does its arithmetic. What is not registered is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np

from signalprep._base import Plan, SignalTransformer
from signalprep._kernels._kernel import Kernel
from signalprep.embedded.lowering._channels import Channels, Image
from signalprep.embedded.lowering._context import Context, side_by_side, taken
from signalprep.flow import Branches, Chain, Handed, Leaf, Node, check_node

__all__ = ["KernelLowering", "lowered", "lowers", "lowers_kernel", "lowers_node"]

KernelLowering = Callable[[Any, Plan, Context, Channels], Channels]

_KERNELS: dict[str, KernelLowering] = {}


@singledispatch
def lowers(estimator: Any, node: Node, context: Context, channels: Channels) -> Channels:
    """What an estimator gives, for its inputs; registered by class.

    Of a composite only where what it makes of the output of the inner one is its own arithmetic.
    """
    return lowers_node(node, context, channels)


@singledispatch
def lowers_node(node: Node, context: Context, channels: Channels) -> Channels:
    """What a node gives, for its inputs; registered by kind of node."""
    context.refuse(node.estimator, "signalprep has no lowering for this class")


@lowers_node.register
def _(node: Chain, context: Context, channels: Channels) -> Channels:
    for name, step in node.steps:
        with context.inside(name):
            channels = lowered(step, context, channels)
    return channels


@lowers_node.register
def _(node: Handed, context: Context, channels: Channels) -> Channels:
    if node.after is not None:
        context.refuse(node.estimator, "signalprep has no lowering for this class")
    return lowered(node.inner, context, channels)


@lowers_node.register
def _(node: Leaf, context: Context, channels: Channels) -> Channels:
    if not isinstance(node.estimator, SignalTransformer):
        context.refuse(node.estimator, "signalprep has no lowering for this class")
    return _by_kernel(node.estimator, context, channels)


def lowered(node: Node, context: Context, channels: Channels) -> Channels:
    """What a fitted node gives, for its inputs."""
    check_node(node)
    return lowers(node.estimator, node, context, channels)


def lowers_kernel(kernel: Kernel) -> Callable[[KernelLowering], KernelLowering]:
    """Register what lowers the steps of signalprep of which this kernel does the arithmetic."""

    def register(lowering: KernelLowering) -> KernelLowering:
        _KERNELS[kernel.name] = lowering
        return lowering

    return register


def _by_kernel(step: SignalTransformer, context: Context, channels: Channels) -> Channels:
    if step.lookahead_:
        context.refuse(step, f"it looks {step.lookahead_} samples ahead; use its causal form")
    if getattr(step, "nan_policy", "raise") != "raise":
        context.refuse(step, f"integers have no NaN; nan_policy={step.nan_policy!r} needs one")
    plan = step.plan(np.dtype(np.float64))
    if plan is None or plan.kernel.name not in _KERNELS:
        context.refuse(step, "signalprep has no lowering for its arithmetic")
    return _KERNELS[plan.kernel.name](step, plan, context, channels)


@lowers_node.register
def _(node: Branches, context: Context, channels: Channels) -> Channels:
    found = []
    for branch in node.branches:
        with context.inside(branch.name):
            part = channels
            if branch.columns is not None:
                part = taken(context, channels, np.atleast_1d(branch.columns))
            part = lowered(branch.node, context, part)
            if branch.weight is not None:
                part = _weighted(part, branch.weight)
            found.append(part)
    return side_by_side(context, found)


def _weighted(channels: Channels, weight: float) -> Channels:
    """Channels times a number."""

    def image_of(k: int) -> Image:
        before = channels.image(k)
        return lambda codes: before(codes) * weight

    return channels.scaled(weight, 0.0, [image_of(k) for k in range(len(channels))])
