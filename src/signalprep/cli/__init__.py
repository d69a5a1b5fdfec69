"""The command line: signalprep report | check | export."""

from signalprep.cli._app import app
from signalprep.cli._main import main
from signalprep.cli._operating_map import parse_regimes

__all__ = ["app", "main", "parse_regimes"]
