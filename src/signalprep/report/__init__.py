"""A validation as one self-contained HTML page, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep._lazy import lazy

if TYPE_CHECKING:
    from signalprep.report._json_schema import json_schema
    from signalprep.report._pages import studies_of
    from signalprep.report._write_audit import write_audit
    from signalprep.report._write_json import write_json
    from signalprep.report._write_report import write_report
    from signalprep.report._write_targets import write_targets, write_targets_json

__all__ = [
    "json_schema",
    "studies_of",
    "write_audit",
    "write_json",
    "write_report",
    "write_targets",
    "write_targets_json",
]

__getattr__ = lazy(
    __name__,
    {
        "json_schema": "_json_schema",
        "studies_of": "_pages",
        "write_audit": "_write_audit",
        "write_json": "_write_json",
        "write_report": "_write_report",
        "write_targets": "_write_targets",
        "write_targets_json": "_write_targets",
    },
)
