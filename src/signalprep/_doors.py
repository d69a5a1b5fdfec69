"""The only way up: what draws and writes results, for the results that offer `plot` and `to_html`.

Every other import leads down. A result says ``_doors.plotting.DiagnosisDisplay(...)``, and names
types in its annotations the same way; the import is made at the first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalprep import plotting, report

__all__ = ["plotting", "report"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module(f"signalprep.{name}")
    raise AttributeError(f"module 'signalprep._doors' has no attribute {name!r}")
