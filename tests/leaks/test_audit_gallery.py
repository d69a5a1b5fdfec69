"""The galleries of benchmarks/audit_gallery: a fifth of the cases, all by `make gallery`.

`pytest -m gallery` runs the others. What is missed is a list with reasons: a case of it that is
found makes its test fail, and so does a leak claimed of honest work.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest
from benchmarks.audit_gallery.case import CASES
from benchmarks.audit_gallery.running import found, right

MISSED = {
    "samples_of_two_minutes": "a warning: what lies beside a piece tells less than a quarter of "
    "what the target does in it, so the error is nearly that on another recording",
    "exported_by_two_loggers": "the other logger averaged and started later: chance makes short "
    "drives as alike as that",
}


def cases() -> list[Any]:
    """Every case that leaves a trace or is honest; four fifths, by their names, are marked."""
    names = [name for name, case in CASES.items() if case.trace]
    left = [crc32(name.encode()) % 5 > 0 for name in names]
    return [
        pytest.param(name, marks=[pytest.mark.gallery] * later)
        for name, later in zip(names, left, strict=True)
    ]


@pytest.mark.parametrize("name", cases())
def test_the_audit_tells_leaks_from_honest_work(name):
    severity, said = found(CASES[name])
    assert right(CASES[name], severity) == (name not in MISSED), said or "nothing found"


def test_what_is_missed_are_leaks_that_leave_a_trace():
    assert all(CASES[name].leak and CASES[name].trace for name in MISSED)
