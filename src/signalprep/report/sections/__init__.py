"""The sections of page and JSON, a file each; `signalprep.report._pages` lists them by name."""

from signalprep.report.sections._section import Found, Section, Study

__all__ = ["Found", "Section", "Study"]
