"""What is said of the audit elsewhere keeps up with it: docs, docstring, headings of the page."""

from pathlib import Path

import signalprep as sp
from signalprep.leaks._audit import CHECKS
from signalprep.leaks._finding import REMEDIES
from signalprep.report.sections._audit import HEADINGS

PAGE = Path(__file__).parents[2] / "docs" / "validation.rst"


def test_the_guide_lists_each_check_in_order():
    text = PAGE.read_text(encoding="utf-8")
    places = [text.index(f"   * - {check.name}\n") for check in CHECKS]
    assert places == sorted(places)


def test_every_kind_of_finding_has_a_heading_and_is_in_the_docstring():
    assert set(HEADINGS) == set(REMEDIES)
    assert all(f'"{kind}"' in str(sp.audit.__doc__) for kind in REMEDIES)
