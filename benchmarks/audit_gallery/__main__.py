"""Run the galleries: recall on leaks that leave a trace, and leaks claimed of honest work.

python -m benchmarks.audit_gallery                    all cases, one line each
python -m benchmarks.audit_gallery --only centered_mean
python -m benchmarks.audit_gallery --gallery second
"""

from __future__ import annotations

import argparse
import time

from .case import CASES, Case
from .running import found, right

GALLERIES = ("first", "second", "third")


def run(cases: list[Case]) -> dict[str, bool | None]:
    """Whether the audit was right of each case; None where it ended with an error."""
    told: dict[str, bool | None] = {}
    for case in cases:
        begin = time.perf_counter()
        try:
            severity, said = found(case)
            told[case.name] = right(case, severity)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            severity, said = "broken", f"{type(error).__name__}: {error}"[:200]
            told[case.name] = None
        mark = "  " if told[case.name] else "X "
        seconds = time.perf_counter() - begin
        print(
            f"{mark}{case.name:<34} {case.expected:<8} {severity:<8} {seconds:5.1f} s  {said}",
            flush=True,
        )
    return told


def report(name: str, cases: list[Case]) -> None:
    """Run a gallery and say how the audit did."""
    print(f"== {name} gallery")
    start = time.perf_counter()
    told = run(cases)
    traced = [c.name for c in cases if c.leak is not None and c.trace]
    honest = [c.name for c in cases if c.leak is None]
    missed = [n for n in traced if not told[n]]
    false = [n for n in honest if told[n] is False]
    if traced:
        share = 1 - len(missed) / len(traced)
        print(f"recall on leaks that leave a trace: {share:.3f} of {len(traced)}; missed: {missed}")
    print(f"leaks found in honest work: {len(false)} of {len(honest)}: {false}")
    print(f"ended with an error: {[n for n, ok in told.items() if ok is None]}")
    unseen = len(cases) - len(traced) - len(honest)
    print(f"leaks without a trace: {unseen}; {time.perf_counter() - start:.0f} s in all")


def main() -> None:
    """Run all cases, those of one gallery, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", help="name of one case")
    parser.add_argument("--gallery", choices=GALLERIES, help="one of the three")
    chosen = parser.parse_args()
    for name in GALLERIES:
        cases = [
            case
            for case in CASES.values()
            if case.gallery == name and chosen.only in (None, case.name)
        ]
        if cases and chosen.gallery in (None, name):
            report(name, cases)


if __name__ == "__main__":
    main()
