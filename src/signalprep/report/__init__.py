"""A validation as one self-contained HTML page, and as JSON."""

from signalprep.report._write_json import write_json
from signalprep.report._write_report import write_report

__all__ = ["write_json", "write_report"]
