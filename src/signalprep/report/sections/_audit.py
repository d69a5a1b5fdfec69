"""Audit: what leaks, and what was looked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signalprep.report._json_tables import plain, records
from signalprep.report._tables import as_table, count_column, text_column
from signalprep.report.sections._section import Found, Section, Study
from signalprep.wording import format_count, format_number

if TYPE_CHECKING:
    from signalprep.results import Audit

HEADINGS = {
    "shared_cycles": "Folds train on the cycles they test",
    "duplicate_cycles": "The same drive on both sides of a fold",
    "repeated_rows": "The same rows on both sides of a fold",
    "same_course": "The same course on both sides of a fold",
    "time_overlap": "Cycles overlap or touch in time across folds",
    "unseen_regime": "Tested regimes that training never saw",
    "target_in_inputs": "The target among the inputs",
    "identifier": "A column that numbers rows or cycles",
    "scaled_before_split": "Scaled with test rows",
    "clipped_before_split": "Clipped with test rows",
    "bleeding": "Sees across cycle borders",
    "lookahead": "Looks ahead",
    "memory": "Remembers longer than it claims",
    "lost_index": "Loses the cycle borders",
    "test_statistics": "Learned from test rows",
    "feature_selection": "Features selected with test rows",
    "inner_folds": "Inner folds split cycles",
    "not_probed": "Could not be tried",
}


def leak_words(audit: Audit) -> list[str]:
    """What leaks, and where."""
    leaks = audit.findings[(audit.findings["severity"] == "leak").to_numpy()]
    return [
        f"{HEADINGS[row['kind']]} ({row['channel'] or row['step']})"
        for row in leaks.to_dict("records")
    ]


def done_words(audit: Audit) -> str:
    """How many checks were done, and how many warnings they gave."""
    done = audit.checks["note"].eq("").sum()
    warnings = format_count(audit.count("warning"), "warning", "warnings")
    return f"{done} of {len(audit.checks)} checks done, {warnings}"


def audit_facts(audit: Audit) -> dict[str, Any]:
    """Everything about an audit, for a page of its own, too."""
    counts = {severity: audit.count(severity) for severity in ("leak", "warning", "note")}
    done = audit.checks[audit.checks["note"].eq("")]
    cards = [
        {
            "value": "no leak found" if audit.ok else format_count(counts["leak"], "leak", "leaks"),
            "text": "what an unseen cycle would not reproduce",
            "warn": not audit.ok,
        },
        {"value": format_count(counts["warning"]), "text": "warnings", "warn": False},
        {"value": format_count(counts["note"]), "text": "notes", "warn": False},
        {"value": f"{len(done)} of {len(audit.checks)}", "text": "checks done", "warn": False},
    ]
    settings = {key: value for key, value in audit.settings.items() if key != "versions"}
    versions = audit.settings.get("versions", {})
    return {
        "target": str(audit.target),
        "verdict": audit.verdict(),
        "cards": cards,
        "summary": f"audit: {done_words(audit)}",
        "clean": [str(row["check"]) for row in done.to_dict("records") if not row["findings"]],
        "not_done": [
            f"{row['check']} ({row['note']})"
            for row in audit.checks.to_dict("records")
            if row["note"]
        ],
        "leaks": leak_words(audit),
        "findings": [_finding(row) for row in audit.findings.to_dict("records")],
        "checks": as_table(
            [
                text_column("check", audit.checks["check"]),
                count_column("findings", audit.checks["findings"]),
                text_column("not done because", audit.checks["note"]),
            ]
        ),
        "settings": [f"{key} = {value}" for key, value in settings.items()],
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }


def _finding(row: Mapping[Any, Any]) -> dict[str, Any]:
    effect = float(row["effect"])
    known = not math.isnan(effect)
    decimals = 0 if effect.is_integer() else None
    return {
        "severity": row["severity"],
        "heading": HEADINGS[row["kind"]],
        "kind": row["kind"],
        "step": row["step"],
        "channel": row["channel"],
        "effect": f"{format_number(effect, decimals)} {row['unit']}" if known else "",
        "what": row["what"],
        "remedy": row["remedy"],
    }


def _facts(found: Found) -> dict[str, Any]:
    facts = audit_facts(found.studies["audit"])
    card = facts["cards"][0] | {"text": facts["summary"], "leak": bool(facts["leaks"])}
    return facts | {"cards": [card]}


def _content(found: Found) -> dict[str, Any]:
    audit: Audit = found.studies["audit"]
    return {
        "audit": {
            "ok": bool(audit.ok),
            "findings": records(audit.findings),
            "checks": records(audit.checks),
            "settings": plain(dict(audit.settings)),
        }
    }


SECTION = Section(
    "audit",
    "details",
    _facts,
    _content,
    study=Study(
        "audit",
        "--audit",
        "Look for leaks in log, split and pipeline (one more fit, and some 70 passes of one "
        "cycle through each step). The exit code is 1 when a leak is found.",
    ),
)
