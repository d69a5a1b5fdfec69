"""A pipeline in integers as an estimator: fitted, validated and searched like any other."""

from signalprep.embedded.quantize import _nested, _stage  # noqa: F401  register themselves
from signalprep.embedded.quantize._calibration_report import CalibrationReport
from signalprep.embedded.quantize._quantized import Quantized
from signalprep.embedded.quantize._quantized_classifier import QuantizedClassifier
from signalprep.embedded.quantize._quantized_regressor import QuantizedRegressor

__all__ = ["CalibrationReport", "Quantized", "QuantizedClassifier", "QuantizedRegressor"]
