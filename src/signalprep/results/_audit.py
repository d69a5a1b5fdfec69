"""Audit: what audit() found, as plain tables."""

from __future__ import annotations

import html
import math
import os
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from signalprep import _doors

LEFT_OUT = "left out by checks="
"""Note of a check that the user did not want."""


@dataclass(frozen=True)
class Audit:
    """What leaks into a validation, by which step, and how much.

    Made by :func:`signalprep.audit`.

    Attributes
    ----------
    findings : DataFrame
        One row a finding, the gravest first: ``severity`` ("leak", "warning" or "note"), ``kind``,
        ``step`` (name in the pipeline; "input", "cv" or "prepare > ..." for what lies before it),
        ``channel``, ``effect`` (a number) and its ``unit``, ``what`` (a sentence), ``remedy``.
    checks : DataFrame
        One row a check: ``check``, ``findings`` (how many), ``note`` (why it was not done, or "").
    target : str
        Name of the target.
    settings : dict
        How it was computed: splitter, allowed look-ahead, seed, seconds, versions.
    """

    findings: pd.DataFrame
    checks: pd.DataFrame
    target: str
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no leak was found; warnings and notes do not count."""
        return self.count("leak") == 0

    def count(self, severity: str) -> int:
        """Number of findings of a severity.

        Parameters
        ----------
        severity : {"leak", "warning", "note"}
        """
        return int((self.findings["severity"] == severity).sum())

    def verdict(self) -> str:
        """How many leaks, warnings and notes, and checks that were left out, in words."""
        parts = [
            f"{n} {severity}{'s' if n > 1 else ''}"
            for severity in ("leak", "warning", "note")
            if (n := self.count(severity))
        ]
        if self.ok:
            parts.insert(0, "no leak found")
        left_out = int(self.checks["note"].eq(LEFT_OUT).sum())
        if left_out:
            parts.append(f"{left_out} check{'s' if left_out > 1 else ''} left out")
        return ", ".join(parts)

    def __repr__(self) -> str:
        done = self.checks["note"].eq("").sum()
        lines = [f"Audit of {self.target!r}: {self.verdict()} ({done} checks)"]
        for finding in self.findings.to_dict("records"):
            where = ", ".join(filter(None, (finding["step"], finding["channel"])))
            lines.append(f"  {finding['severity']} {finding['kind']} in {where}")
            lines.append(f"    {finding['what']}")
            if finding["severity"] != "note":
                lines.append(f"    {finding['remedy']}")
        for check in self.checks.to_dict("records"):
            if check["note"]:
                lines.append(f"  not checked: {check['check']} ({check['note']})")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        shown = self.findings.drop(columns="unit").assign(
            effect=[
                f"{value:.3g} {unit}" if math.isfinite(value) else ""
                for value, unit in zip(self.findings["effect"], self.findings["unit"], strict=True)
            ]
        )
        head = html.escape(f"Audit of {self.target!r}: {self.verdict()}")
        if not len(shown):
            return f"<p><strong>{head}</strong></p>"
        with pd.option_context("display.max_colwidth", None):
            table = shown.to_html(index=False, escape=True, border=0)
        return f"<p><strong>{head}</strong></p>{table}"

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the audit: one self-contained HTML page.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step, never left half written.
        """
        _doors.report.write_audit(self, path)
