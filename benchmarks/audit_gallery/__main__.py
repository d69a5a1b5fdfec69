"""Run the gallery: recall on leaks that leave a trace, and leaks claimed of honest work.

python -m benchmarks.audit_gallery                    all cases, one line each
python -m benchmarks.audit_gallery --only centered_mean
"""

from __future__ import annotations

import argparse
import time
import warnings

import signalprep as sp

from . import (  # noqa: F401  the cases register themselves
    careful_data,
    careful_steps,
    given_rows,
    held,
    looking_ahead,
    prepared,
    sharing,
    with_history,
    without_trace,
)
from .case import CASES, Case

RANK = {"none": 0, "note": 0, "info": 0, "warning": 1, "leak": 2}


def found(case: Case) -> tuple[str, str]:
    """Worst severity, and what was found, worst first."""
    shown = case.build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        audit = sp.audit(
            shown.pop("estimator"),
            shown.pop("X"),
            shown.pop("y"),
            n_jobs=1,
            progress=False,
            **shown,
        )
    table = audit.findings
    ranks = table["severity"].map(RANK).fillna(0)
    said = [
        ":".join(str(part) for part in row if part is not None and str(part))
        for row in table.loc[
            ranks.sort_values(ascending=False, kind="stable").index,
            ["severity", "kind", "step", "channel"],
        ].itertuples(index=False)
    ]
    worst = table["severity"].loc[ranks.idxmax()] if len(table) else "none"
    return str(worst), " ".join(said)


def right(case: Case, severity: str) -> bool:
    """Whether the audit said what it should, or was not asked to see it."""
    rank = RANK.get(severity, 0)
    if case.leak is None:
        return rank < RANK["leak"]
    return not case.trace or rank >= RANK[case.least]


def main() -> None:
    """Run all cases, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", help="name of one case")
    only = parser.parse_args().only
    cases = [CASES[only]] if only else list(CASES.values())
    wrong: list[str] = []
    broken: list[str] = []
    start = time.perf_counter()
    for case in cases:
        begin = time.perf_counter()
        try:
            severity, said = found(case)
            ok = right(case, severity)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            severity, said, ok = "broken", f"{type(error).__name__}: {error}"[:200], False
            broken.append(case.name)
        if not ok:
            wrong.append(case.name)
        mark = "  " if ok else "X "
        seconds = time.perf_counter() - begin
        print(
            f"{mark}{case.name:<34} {case.expected:<8} {severity:<8} {seconds:5.1f} s  {said}",
            flush=True,
        )
    traced = [c for c in cases if c.leak is not None and c.trace]
    honest = [c for c in cases if c.leak is None]
    unseen = [c for c in cases if c.leak is not None and not c.trace]
    missed = [c.name for c in traced if c.name in wrong]
    false = [c.name for c in honest if c.name in wrong and c.name not in broken]
    if traced:
        share = 1 - len(missed) / len(traced)
        print(f"recall on leaks that leave a trace: {share:.3f} of {len(traced)}; missed: {missed}")
    print(f"leaks found in honest work: {len(false)} of {len(honest)}: {false}")
    print(f"ended with an error: {broken}")
    print(f"leaks without a trace: {len(unseen)}; {time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
