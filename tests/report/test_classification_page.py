"""The page of a classifier: the same order as a regressor's, closed, reachable by keyboard."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

import signalprep as sp
from example_studies import example_audit
from json_schema_subset import violations
from report_page import Element, check_closed, read_page, region
from signalprep.errors import InvalidParameterError
from signalprep.report import json_schema
from signalprep.report.opening import opening
from signalprep.report.sections import Found

NASTY = "$x_$ <script>alert(1)</script> & \"q\" 'n'"


class Threshold(ClassifierMixin, BaseEstimator):
    """High speed is the last class, whatever training says."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[(X["speed"].to_numpy() > 0.5).astype(int) * (len(self.classes_) - 1)]


def classified(n_cycles: int = 6, n: int = 40, names: tuple[str, str] = ("no", "yes")):
    """Cycle k is wrong in its first k rows, which are called yes although they are no."""
    cycle = np.repeat(np.arange(n_cycles), n)
    time = np.tile(np.arange(n) / 10.0, n_cycles)
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    row = np.tile(np.arange(n), n_cycles)
    speed = np.where((row < cycle) | (row >= n // 2), 1.0, 0.0)
    truth = np.where(row >= n // 2, names[1], names[0])
    X = pd.DataFrame({"speed": speed, "torque": np.sin(row / 5.0)}, index=index)
    y = pd.Series(truth, index, name="state")
    regimes = {"torque": [-1.0, 0.0, 1.0]}
    return sp.validate(Threshold(), X, y, cv=min(3, n_cycles), regimes=regimes, n_bootstrap=50)


def page_of(validation, folder: Path, **studies) -> Element:
    validation.to_html(folder / "page.html", **studies)
    text = (folder / "page.html").read_text(encoding="utf-8")
    page = read_page(text)
    check_closed(text, page)
    return page


@pytest.fixture(scope="module")
def validation():
    return classified()


@pytest.fixture(scope="module")
def page(validation, tmp_path_factory) -> Element:
    audit = example_audit(validation)
    return page_of(
        validation, tmp_path_factory.mktemp("page"), limits={"accuracy": 0.99}, audit=audit
    )


def test_sections_stand_in_the_order_of_a_regressors_page(page: Element) -> None:
    assert [heading.text for heading in page.all("h2")] == [
        "Verdict",
        "Where it fails",
        "Which class is taken for which",
        "Worst cycle: 5",
        "What to record next",
        "Details",
    ]
    links = [link.attributes["href"] for link in page.all("nav")[0].all("a")]
    assert links == ["#verdict", "#map", "#cycle", "#next", "#details"]


def test_numbers_are_those_of_the_validation(validation, page: Element) -> None:
    cards = {
        card.all("dt")[0].text: card.all("dd")[0].text for card in page.all("dl")[0].all("div")
    }
    accuracy = next(value for text, value in cards.items() if text.startswith("accuracy"))
    assert accuracy == f"{validation.overall['accuracy']:.3f}"
    rows = region(page, "confusion of all rows")
    assert [(row["no"], row["yes"]) for row in rows] == [("105", "15"), ("0", "120")]
    assert region(page, "cycles")[0]["cycle"] == "5"


def test_the_worst_cycle_is_drawn_by_class(page: Element) -> None:
    section = next(s for s in page.all("section") if s.all("h2")[0].text.startswith("Worst"))
    assert "Accuracy 0.875. In 12.5\xa0% of its rows, no is taken for yes." in section.text
    bars = {
        width: [
            p.attributes["d"]
            for p in section.all("path")
            if p.attributes.get("stroke-width") == width
        ]
        for width in ("18", "4", "8")
    }
    truth, right, wrong = bars["18"], bars["4"], bars["8"]
    assert len(truth) == len(right) == 2
    assert len(wrong) == 1, "only yes is wrong, where the truth is no"
    (start, stop) = (float(part) for part in wrong[0][1:].replace("H", " ").split(" ")[::2])
    share = (stop - start) / (670 - 10)
    assert share == pytest.approx(5 / 40, abs=0.002)
    ticks = [text.text for text in section.all("text")]
    assert ticks[ticks.index("no") : ticks.index("no") + 2] == ["no", "yes"]


def test_a_leak_is_told_at_the_head(validation, page: Element, tmp_path: Path) -> None:
    assert page.all("strong", "warning")[0].text == "Leak found: Looks ahead (i_q)."
    audit = next(d for d in page.all("details") if d.all("summary")[0].text.startswith("Audit: "))
    assert "open" in audit.attributes
    assert not page_of(validation, tmp_path).all("strong", "warning")


def test_the_opening_names_the_class_found_least(validation, page: Element) -> None:
    words = page.all("p", "opening")[0].text
    assert " the model predicts state with an accuracy of 0.938 (95\xa0% interval over " in words
    assert " The class that is found least is no: recall 0.875 (120 rows). " in words
    few = dataclasses.replace(validation, settings=validation.settings | {"min_cycles": 7})
    assert "found least" not in " ".join(each.text for each in opening(Found(few)))


def test_without_errors_and_with_many_classes(tmp_path: Path) -> None:
    validation = classified(n_cycles=2)
    assert "Every row is given the right class" not in page_of(validation, tmp_path).text
    cycle = validation.predictions.index.get_level_values("cycle")
    X = pd.DataFrame({"speed": 0.0}, index=validation.predictions.index)
    y = pd.Series([f"c{k % 20:02d}" for k in range(len(cycle))], X.index, name="state")
    many = page_of(sp.validate(Threshold(), X, y, cv=2, n_bootstrap=20), tmp_path)
    assert "Worst cycle: 0" in [heading.text for heading in many.all("h2")]
    assert not many.all("svg"), "twenty lanes are too many"
    late = (y > "c09").rename("late")
    X = X.assign(speed=late.astype(float))
    right = sp.validate(Threshold(), X, late, cv=2, n_bootstrap=20, allow_leak=True)
    assert "Every row is given the right class" in page_of(right, tmp_path).text


def test_nasty_names_are_only_text(tmp_path: Path) -> None:
    validation = classified(names=("a", NASTY))
    audit = example_audit(validation)
    audit.findings[["step", "channel", "what", "remedy", "unit"]] = NASTY
    page = page_of(validation, tmp_path, audit=audit, limits={"f1": 0.5})
    assert "$x_$" in page.text


def test_winding_faults_of_a_real_motor(real_data, tmp_path: Path) -> None:
    log = sp.read_log(real_data("itsc"), names=["i_a", "i_b", "i_c"], rate=1000.0)
    log = log.groupby(level="cycle", sort=False).head(1500)
    names = log.index.get_level_values("cycle").str.extract(r"([ABC])[1-4]", expand=False)
    fault = pd.Series(names.fillna("healthy"), log.index, name="fault")
    model = sp.make_pipeline(sp.ExponentialFeatures(["0.2s"]), sp.Scaler(), LogisticRegression())
    result = sp.validate(model, log, fault, regimes={"i_a": "q3", "i_b": "q2"}, n_bootstrap=50)
    assert result.classes == ["A", "B", "C", "healthy"]
    assert 0.4 < result.overall["accuracy"] < 0.95
    numbers = pd.Series(pd.factorize(fault, sort=True)[0], log.index, name="fault")
    audit = sp.audit(model, log, numbers)
    page = page_of(result, tmp_path, limits={"accuracy": 0.9}, audit=audit)
    assert (tmp_path / "page.html").stat().st_size <= 700_000
    assert len(region(page, "confusion of all rows")) == 4
    assert f"Audit: {audit.verdict()}" in page.text
    result.to_json(tmp_path / "page.json", limits={"accuracy": 0.9}, audit=audit)
    content = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    assert violations(content, json_schema(), json_schema()) == []


def test_studies_of_errors_and_of_another_target_are_refused(validation, tmp_path: Path) -> None:
    for name in ("prices", "learning_curve"):
        with pytest.raises(InvalidParameterError, match=f"limits, loss and audit only; got {name}"):
            validation.to_html(tmp_path / "page.html", **{name: object()})
    other = example_audit(validation, target="speed")
    for write in (validation.to_html, validation.to_json):
        with pytest.raises(InvalidParameterError, match="audit must be about the target 'state'"):
            write(tmp_path / "page", audit=other)
    assert not list(tmp_path.iterdir())
