"""A validation as one self-contained HTML page, and as JSON."""

from signalprep.report._write_audit import write_audit
from signalprep.report._write_json import write_json
from signalprep.report._write_report import write_report

__all__ = ["write_audit", "write_json", "write_report"]
