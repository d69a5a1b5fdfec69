"""write_audit: an audit as one self-contained HTML page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from signalprep._atomic import write_atomic
from signalprep.report._write_report import render
from signalprep.report.sections._audit import audit_facts

if TYPE_CHECKING:
    from signalprep.results import Audit


def write_audit(audit: Audit, path: str | os.PathLike[str]) -> None:
    """Write an audit as one HTML page, without script or network, every name escaped.

    Parameters
    ----------
    audit : Audit
        What to show.
    path : path-like
        File to write; replaced in one step, never left half written.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, or `path` is no regular file.
    """
    write_atomic(path, render(audit_facts(audit), "audit.html"))
