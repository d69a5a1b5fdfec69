"""A quantized estimator inside what is lowered: refused, since it has bits of its own."""

from __future__ import annotations

from signalprep.embedded.lowering import Channels, Context, lowers
from signalprep.embedded.quantize._quantized import Quantized
from signalprep.flow import Node


@lowers.register
def _(model: Quantized, node: Node, context: Context, channels: Channels) -> Channels:
    context.refuse(
        model,
        "it is in integers already, by bits of its own; export it as it is (export_c takes it), or "
        "lower the pipeline with its estimator in its place",
    )
