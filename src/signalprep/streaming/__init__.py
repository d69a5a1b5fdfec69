"""A fitted pipeline, fed sample by sample, as it runs on a controller."""

from signalprep.streaming import _at_rate, _composites, _steps  # noqa: F401  register their stages
from signalprep.streaming._stream import Stream, stream

__all__ = ["Stream", "stream"]
