"""What a new metric takes: one entry of the catalogue, and it is judged, drawn and written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from example_validation import example_labels, example_rows, example_validation
from json_schema_subset import violations
from report_page import read_page, region
from signalprep.metrics import METRICS, Metric, TaskName
from signalprep.report import json_schema

STD = Metric(
    "std",
    "standard deviation of the error",
    TaskName.REGRESSION,
    lambda cell: np.sqrt(cell.squared_error / cell.n - (cell.error / cell.n) ** 2),
    "root of the mean squared error about the bias",
    short="std",
    mapped=True,
)


@pytest.fixture
def validation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(METRICS, "std", STD)
    rows = example_rows()
    return example_validation(rows, example_labels(rows, ("omega_m", "T_m")))


def test_it_is_held_against_a_limit(validation) -> None:
    verdict = validation.verdict({"std": 0.8})
    assert "std at most 0.8 K" in repr(verdict)
    assert set(verdict.by_regime["status"]) >= {"pass", "fail"}
    assert "interval of the std" in validation.next_tests(1, metric="std")["why"].iloc[0]


def test_models_are_compared_by_it(validation) -> None:
    comparison = sp.compare(validation, validation, n_bootstrap=20)
    assert comparison.overall["std"] == 0.0
    assert comparison.overall["std_status"] == "no difference shown"
    assert "std_a" in comparison.by_cycle


def test_it_is_drawn(validation) -> None:
    display = sp.RegimeHeatmapDisplay.from_validation(validation, "std")
    assert display.colorbar_.ax.get_ylabel() == "standard deviation of the error [K]"


def test_page_and_json_hold_it(validation, tmp_path: Path) -> None:
    limits = {"std": 0.8}
    validation.to_html(tmp_path / "page.html", limits=limits)
    page = read_page((tmp_path / "page.html").read_text(encoding="utf-8"))
    for table in ("all cells", "all cycles"):
        assert float(region(page, table)[0]["std [K]"]) > 0
    assert "The same maps for the standard deviation of the error [K]" in page.text
    assert "Root of the mean squared error about the bias." in page.text
    assert "of squared errorstd 0." in page.text, "the last line where a cell explains itself"
    validation.to_json(tmp_path / "out.json", limits=limits)
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert violations(content, json_schema(), json_schema()) == []
    assert content["overall"]["std"] == validation.overall["std"]
