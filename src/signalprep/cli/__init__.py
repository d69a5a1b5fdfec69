"""The command line: signalprep report | check | export.

The commands are imported when they are run: what is to be said on the way, such as that nothing can
be kept on disk, is said as they say it.
"""

from signalprep._lazy import lazy
from signalprep.cli._main import main

__all__ = ["app", "main", "parse_regimes"]

__getattr__ = lazy(__name__, {"app": "_app", "parse_regimes": "_operating_map"})
