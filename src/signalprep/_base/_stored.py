"""Stored: the mark of what a model file may hold."""

from __future__ import annotations

import sys
from inspect import isclass

__all__ = ["Stored", "is_stored"]


class Stored:
    """Mark of the classes of this package that a model file may hold, and of their children here.

    An estimator, or what one keeps of its fit. It is made anew by setting its attributes, and that
    must run nothing. A class that stands below this one says ``_stored = True`` itself.
    """

    _stored = True


def is_stored(name: str) -> bool:
    """Whether a full name is that of a class of signalprep that carries the mark.

    What inherits the mark elsewhere is not. Nothing is imported: the name may be of any file.
    """
    module, _, attribute = name.rpartition(".")
    if not module.startswith("signalprep.") or module not in sys.modules:
        return False
    found = vars(sys.modules[module]).get(attribute)
    named = isclass(found) and (found.__module__, found.__qualname__) == (module, attribute)
    return named and getattr(found, "_stored", False) is True
