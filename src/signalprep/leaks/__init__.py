"""What leaks into a validation, by which step, and what that is worth: audit, price_of_leaks."""

from signalprep.leaks._audit import audit
from signalprep.leaks._price_of_leaks import price_of_leaks

__all__ = [
    "audit",
    "price_of_leaks",
]
