"""Several targets on one page and in one JSON file: what is shared is said once."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pytest

import signalprep as sp
from example_studies import example_audit, example_prices
from example_validation import example_rows, example_validation
from json_schema_subset import violations
from report_page import Element, check_closed, read_page
from signalprep.errors import InvalidParameterError
from signalprep.report import json_schema

NASTY = "$x_$ <script>alert(1)</script> & \"q\" 'n'"


@pytest.fixture(scope="module")
def validations() -> sp.Validations:
    rows = example_rows(n=120)
    warm = example_validation(rows, n_bootstrap=20)
    other = example_validation(rows.assign(prediction=rows["prediction"] + 2.0), n_bootstrap=20)
    settings = warm.settings | {"allow_leak": True}
    other = dataclasses.replace(other, target=NASTY, settings=settings)
    warm = dataclasses.replace(warm, settings=settings)
    return sp.Validations({"T_pm": warm, NASTY: other})


@pytest.fixture(scope="module")
def known(validations) -> dict:
    warm = validations["T_pm"]
    limits = {"T_pm": {"rmse": 1e3}, NASTY: {"rmse": 0.1}}
    audit = example_audit(validations[NASTY])
    return {"limits": limits, "prices": {"T_pm": example_prices(warm)}, "audit": {NASTY: audit}}


@pytest.fixture(scope="module")
def page(validations, known, tmp_path_factory) -> Element:
    path = tmp_path_factory.mktemp("page") / "page.html"
    validations.to_html(path, **known)
    text = path.read_text(encoding="utf-8")
    check_closed(text, read_page(text))
    return read_page(text)


@pytest.fixture(scope="module")
def content(validations, known, tmp_path_factory) -> dict:
    path = tmp_path_factory.mktemp("json") / "page.json"
    validations.to_json(path, **known)
    return json.loads(path.read_text(encoding="utf-8"))


def test_each_target_has_its_section_and_the_rest_is_said_once(page: Element) -> None:
    headings = [h.text for h in page.all("h2")]
    assert headings == ["T_pm [°C]", NASTY, "Details of all targets"]
    sections = page.all("section", "target")
    own = [[h.text.split(":")[0] for h in section.all("h3")] for section in sections]
    always = ["Verdict", "Where it fails", "Worst cycle", "What to record next"]
    assert [name for name in own[1] if name in always] == always
    assert set(own[0]) == {*always, "What a less honest test would have said"}
    folded = [d.all("summary")[0].text.split(":")[0] for d in page.all("details")]
    for once in ("Pipeline", "Data quality of the log", "How this was computed", "Audit"):
        assert folded.count(once) == 1
    assert folded.count("Diagnosis") == folded.count("Cycles") == 2
    assert "Audit" in sections[1].text, "with the target that it is about"
    shared, *own = page.all("header")[0].all("p", "opening")
    assert [w.text[:18] for w in shared.all("strong", "warning")] == [
        "Leaks were allowed",
        "Unseen cycles may ",
    ]
    assert own[0].text.startswith("T_pm: On 8 cycles, the model predicts T_pm ")
    assert own[1].text.startswith(f"{NASTY}: Leak found: Looks ahead (i_q). On 8 cycles, ")
    assert page.text.count("Leaks were allowed") == 1
    assert page.text.count("data quality of the log") == 1


def test_a_table_holds_all_targets_side_by_side(page: Element, validations) -> None:
    rows = [[c.text for c in row.all("td")] for row in page.all("table")[0].all("tr")[1:]]
    assert [row[:2] for row in rows] == [["T_pm", "pass"], [NASTY, "fail"]]
    assert all("K" in rows[0][k] for k in (2, 4, 5))
    answer = next(p.text for p in page.all("p") if p.text.startswith("Fail"))
    assert f"{NASTY} fails; T_pm passes" in answer


def test_every_anchor_is_there_once(page: Element) -> None:
    ids = [e.attributes["id"] for e in page.every() if e.attributes.get("id")]
    assert len(ids) == len(set(ids))
    links = [str(a.attributes["href"]) for a in page.all("a")]
    pointed = [
        e.attributes["aria-labelledby"] for e in page.every() if "aria-labelledby" in e.attributes
    ]
    names = {link.removeprefix("#") for link in links} | set(" ".join(map(str, pointed)).split())
    assert names <= set(ids)
    assert len(pointed) > 4


def test_the_file_keeps_to_the_schema(content: dict, validations, known, tmp_path) -> None:
    schema = json_schema()
    assert content["schema"] == "signalprep-validations"
    assert violations(content, schema, schema) == []
    assert set(content) == set(schema["$defs"]["validations"]["properties"])
    for target, own in content["targets"].items():
        assert set(own) == set(schema["$defs"]["of_target"]["properties"])
        studies = {name: of_targets.get(target) for name, of_targets in known.items()}
        validations[target].to_json(tmp_path / "one.json", **studies)
        alone = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
        joined = {**content, **own, "schema": alone["schema"]}
        assert {name: joined[name] for name in alone} == alone, "the file of one is a part of it"
    for path in ((), ("targets", "T_pm"), ("steps", 0)):
        broken = copy.deepcopy(content)
        place = broken
        for key in path:
            place = place[key]
        place["undeclared"] = {}
        assert violations(broken, schema, schema)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"limits": {"T_x": {"rmse": 1.0}}}, "limits must name targets of 'T_pm', .*; got 'T_x'"),
        ({"prices": {"T_x": 1}}, "prices must name targets"),
        ({"audit": 3}, "audit must map targets to what there is of each"),
        ({"weather": {"T_pm": 3}}, "takes limits, prices, loss, audit and learning_curve only"),
    ],
)
def test_what_belongs_to_no_target_is_refused(validations, tmp_path: Path, given, message) -> None:
    for write in (validations.to_html, validations.to_json):
        with pytest.raises(InvalidParameterError, match=message):
            write(tmp_path / "out", **given)
    assert not list(tmp_path.iterdir())


def test_a_study_of_another_target_is_refused(validations, tmp_path: Path) -> None:
    audit = example_audit(validations["T_pm"])
    with pytest.raises(InvalidParameterError, match="audit must be about the target"):
        validations.to_html(tmp_path / "out", audit={NASTY: audit})
