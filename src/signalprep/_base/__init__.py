"""What every transformer stands on: signals, their checks, and SignalTransformer."""

from signalprep._base._signal_transformer import SignalTransformer
from signalprep._base._signals import Signals, channel_positions, check_finite, check_window_fits
from signalprep._base._stored import Stored, is_stored

__all__ = [
    "SignalTransformer",
    "Signals",
    "Stored",
    "channel_positions",
    "check_finite",
    "check_window_fits",
    "is_stored",
]
