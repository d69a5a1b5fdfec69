"""What was found, as plain tables, and what only asks them: verdicts, comparisons, diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep._lazy import lazy

if TYPE_CHECKING:
    from signalprep.results._audit import Audit
    from signalprep.results._classification_validation import PROBABILITY, ClassificationValidation
    from signalprep.results._compare import compare
    from signalprep.results._comparison import Comparison
    from signalprep.results._diagnose import diagnose
    from signalprep.results._diagnosis import Diagnosis
    from signalprep.results._judge import check_limits
    from signalprep.results._leak_prices import LeakPrices
    from signalprep.results._learning_curve import LearningCurve
    from signalprep.results._validation import Validation
    from signalprep.results._verdict import Verdict
    from signalprep.results._words import confidence_text, unit_of_error

__all__ = [
    "PROBABILITY",
    "Audit",
    "ClassificationValidation",
    "Comparison",
    "Diagnosis",
    "LeakPrices",
    "LearningCurve",
    "Validation",
    "Verdict",
    "check_limits",
    "compare",
    "confidence_text",
    "diagnose",
    "unit_of_error",
]

__getattr__ = lazy(
    __name__,
    {
        "Audit": "_audit",
        "ClassificationValidation": "_classification_validation",
        "Comparison": "_comparison",
        "Diagnosis": "_diagnosis",
        "LeakPrices": "_leak_prices",
        "LearningCurve": "_learning_curve",
        "PROBABILITY": "_classification_validation",
        "Validation": "_validation",
        "Verdict": "_verdict",
        "check_limits": "_judge",
        "compare": "_compare",
        "confidence_text": "_words",
        "diagnose": "_diagnose",
        "unit_of_error": "_words",
    },
)
