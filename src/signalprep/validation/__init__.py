"""Validation on unseen drive cycles."""

from signalprep.validation._audit import Audit, audit
from signalprep.validation._classification_validation import ClassificationValidation
from signalprep.validation._compare import compare
from signalprep.validation._comparison import Comparison
from signalprep.validation._diagnose import diagnose
from signalprep.validation._diagnosis import Diagnosis
from signalprep.validation._judge import check_limits
from signalprep.validation._leak_prices import LeakPrices
from signalprep.validation._learning_curve import LearningCurve, cycle_learning_curve
from signalprep.validation._price_of_leaks import price_of_leaks
from signalprep.validation._validate import validate
from signalprep.validation._validation import Validation
from signalprep.validation._verdict import Verdict

__all__ = [
    "Audit",
    "ClassificationValidation",
    "Comparison",
    "Diagnosis",
    "LeakPrices",
    "LearningCurve",
    "Validation",
    "Verdict",
    "audit",
    "check_limits",
    "compare",
    "cycle_learning_curve",
    "diagnose",
    "price_of_leaks",
    "validate",
]
