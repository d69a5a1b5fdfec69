"""Reading drive logs from files."""

from signalprep.io._read_log import read_log
from signalprep.io._read_ranges import read_ranges
from signalprep.io._reading_report import reading_report, units

__all__ = ["read_log", "read_ranges", "reading_report", "units"]
