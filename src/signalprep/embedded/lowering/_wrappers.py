"""Steps that hand every row on as it is."""

from __future__ import annotations

from sklearn.preprocessing import FunctionTransformer

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register
def _(step: FunctionTransformer, node: Node, context: Context, channels: Channels) -> Channels:
    if step.func is not None:  # without one it is "passthrough" in a fitted ColumnTransformer
        context.refuse(step, "its func is any function")
    return channels
