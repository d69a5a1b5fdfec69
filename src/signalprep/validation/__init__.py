"""Validation on unseen drive cycles."""

from signalprep.validation._validate import validate
from signalprep.validation._validation import Validation

__all__ = ["Validation", "validate"]
