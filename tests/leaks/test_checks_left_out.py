"""audit(checks=): some checks are done, others left out, and everything says so."""

import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from leaks.leak_gallery import PLANTED, case
from signalprep.errors import InvalidParameterError

NUMBERS = "columns that number rows or cycles"


def test_a_check_that_is_left_out_finds_nothing_and_is_told(tmp_path):
    arguments = PLANTED["row_counter"]().arguments
    others = {"steps that look ahead": True, "steps that remember longer than they claim": False}
    found = sp.audit(**arguments, checks={NUMBERS: False, **others})
    assert found.ok
    notes = found.checks.set_index("check")["note"]
    assert notes[NUMBERS] == "left out by checks="
    assert notes["steps that look ahead"] == ""
    assert "2 checks left out" in found.verdict()
    assert f"not checked: {NUMBERS} (left out by checks=)" in repr(found)
    found.to_html(tmp_path / "audit.html")
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "2 checks left out" in page
    assert "left out by checks=" in page


@pytest.mark.parametrize("wanted", [[NUMBERS], NUMBERS, {NUMBERS}])
def test_only_the_checks_named_are_done(wanted):
    found = sp.audit(**PLANTED["row_counter"]().arguments, checks=wanted)
    assert found.findings["kind"].tolist() == ["identifier"]
    assert found.checks.loc[found.checks["note"].eq(""), "check"].tolist() == [NUMBERS]


def test_a_check_that_does_not_exist_is_refused():
    with pytest.raises(InvalidParameterError, match="checks must name checks .*got 'scales'"):
        sp.audit(**case(Ridge()), checks={"scales": False})
