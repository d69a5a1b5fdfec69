"""What every transformer stands on: signals, their checks, and SignalTransformer."""

from signalprep._base._passed import put_back
from signalprep._base._plan import Judged, Plan, Seen, lay_out, see
from signalprep._base._plan_run import PlanRun
from signalprep._base._signal_transformer import SignalTransformer, outputs, read_channels
from signalprep._base._signals import (
    Refusal,
    Signals,
    channel_positions,
    check_rows,
    check_window_fits,
)
from signalprep._base._stored import Stored, is_stored

__all__ = [
    "Judged",
    "Plan",
    "PlanRun",
    "Refusal",
    "Seen",
    "SignalTransformer",
    "Signals",
    "Stored",
    "channel_positions",
    "check_rows",
    "check_window_fits",
    "is_stored",
    "lay_out",
    "outputs",
    "put_back",
    "read_channels",
    "see",
]
