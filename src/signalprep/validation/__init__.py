"""Validation on unseen drive cycles."""

from signalprep.validation._learning_curve import cycle_learning_curve
from signalprep.validation._regime_loss import regime_loss
from signalprep.validation._validate import validate

__all__ = ["cycle_learning_curve", "regime_loss", "validate"]
