"""Steps that scale channels by constants: they change what a code stands for, and cost nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from signalprep._base import Plan
from signalprep._kernels._scale import CENTER, CONSTANT, SCALE, SPREAD
from signalprep.embedded.lowering._channels import Channels, Image
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers, lowers_kernel
from signalprep.flow import Node

__all__: list[str] = []

CLIPS = "it clips; use clip=False, and PhysicalLimits(action='clip') before it"


@lowers.register
def _(step: StandardScaler, node: Node, context: Context, channels: Channels) -> Channels:
    center = step.mean_ if step.with_mean else 0.0
    return _divided(channels, center, step.scale_ if step.with_std else 1.0)


@lowers.register
def _(step: RobustScaler, node: Node, context: Context, channels: Channels) -> Channels:
    center = step.center_ if step.with_centering else 0.0
    return _divided(channels, center, step.scale_ if step.with_scaling else 1.0)


@lowers.register
def _(step: MaxAbsScaler, node: Node, context: Context, channels: Channels) -> Channels:
    if getattr(step, "clip", False):
        context.refuse(step, CLIPS)
    return _divided(channels, 0.0, step.scale_)


@lowers.register
def _(step: MinMaxScaler, node: Node, context: Context, channels: Channels) -> Channels:
    if step.clip:
        context.refuse(step, CLIPS)

    def image_of(k: int) -> Image:
        before, scale, least = channels.image(k), step.scale_[k], step.min_[k]
        return lambda codes: before(codes) * scale + least

    return channels.scaled(step.scale_, step.min_, [image_of(k) for k in range(len(channels))])


@lowers_kernel(SCALE)
def _scale(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    params = np.broadcast_to(plan.params, (len(channels), plan.params.shape[1]))
    constant = params[:, CONSTANT] != 0.0
    scaled = _divided(channels, params[:, CENTER], params[:, SPREAD])
    if not constant.any():
        return scaled
    images = tuple(
        (lambda codes: np.zeros(np.shape(codes))) if fixed else image
        for fixed, image in zip(constant, scaled.images, strict=True)
    )
    lsb, offset = np.where(constant, 0.0, scaled.lsb), np.where(constant, 0.0, scaled.offset)
    return Channels(scaled.value, scaled.names, lsb, offset, images)


def _divided(channels: Channels, center: Any, spread: Any) -> Channels:
    """Channels less a centre, divided by a spread."""
    n = len(channels)
    centers, spreads = np.broadcast_to(center, (n,)), np.broadcast_to(spread, (n,))

    def image_of(k: int) -> Image:
        before, middle, wide = channels.image(k), centers[k], spreads[k]
        return lambda codes: (before(codes) - middle) / wide

    return channels.scaled(1.0 / spreads, -centers / spreads, [image_of(k) for k in range(n)])
