"""audit(): what leaks, by which step, how much."""

from signalprep.validation._audit._audit import audit
from signalprep.validation._audit._result import Audit

__all__ = ["Audit", "audit"]
