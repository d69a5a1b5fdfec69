"""A validation as one self-contained HTML page, and as JSON."""

from signalprep.report._classification_json import write_classification_json
from signalprep.report._classification_page import write_classification_report
from signalprep.report._json_schema import json_schema
from signalprep.report._studies import Studies
from signalprep.report._write_audit import write_audit
from signalprep.report._write_json import write_json
from signalprep.report._write_report import write_report

__all__ = [
    "Studies",
    "json_schema",
    "write_audit",
    "write_classification_json",
    "write_classification_report",
    "write_json",
    "write_report",
]
