"""A decimal mark that the first lines do not show."""

from __future__ import annotations

import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError


@pytest.mark.parametrize(("mark", "separator"), [(",", ";"), (".", ";"), (",", "\t")])
def test_the_decimal_mark_of_later_lines(tmp_path, mark, separator):
    lines = [f"{k}{separator}{k}" for k in range(400)]
    lines += [f"{k}{separator}{k}{mark}5" for k in range(400, 410)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([f"t{separator}x", *lines]) + "\n", encoding="utf-8")
    log = sp.read_log(path, time="t")
    assert log["x"].iloc[0] == 0.0
    assert log["x"].iloc[-1] == 409.5
    other = "," if mark == "." else "."
    with pytest.raises(InvalidLogError):
        sp.read_log(path, time="t", decimal=other)
