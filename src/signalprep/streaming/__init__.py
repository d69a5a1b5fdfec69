"""A fitted pipeline, fed sample by sample, as it runs on a controller."""

from signalprep.streaming import (  # noqa: F401  register their stages
    _composites,
    _neural,
    _residual_stage,
    _steps,
)
from signalprep.streaming._stage import Place, check_runs, open_stage
from signalprep.streaming._stream import Stream, stream

__all__ = ["Place", "Stream", "check_runs", "open_stage", "stream"]
