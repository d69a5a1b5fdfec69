"""A fitted pipeline as one integer C function that equals it to the bit, proven, with its cost."""

from signalprep.embedded.compress import CompressionSweep, compression_sweep
from signalprep.embedded.export import (
    Benchmark,
    Export,
    ForeignProof,
    Verification,
    export_c,
    manifest_schema,
)
from signalprep.embedded.lowering import (
    STATUS_WORDS,
    Format,
    IntegerModel,
    IntegerStream,
    lower,
)
from signalprep.embedded.quantize import CalibrationReport, QuantizedClassifier, QuantizedRegressor

__all__ = [
    "STATUS_WORDS",
    "Benchmark",
    "CalibrationReport",
    "CompressionSweep",
    "Export",
    "ForeignProof",
    "Format",
    "IntegerModel",
    "IntegerStream",
    "QuantizedClassifier",
    "QuantizedRegressor",
    "Verification",
    "compression_sweep",
    "export_c",
    "lower",
    "manifest_schema",
]
