"""The JSON keeps to its schema, and the schema says something."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import signalprep as sp
from example_loss import example_loss
from example_studies import example_audit, example_curve, example_prices
from example_validation import example_cleaning, example_rows, example_validation
from json_schema_subset import violations
from signalprep.report import json_schema


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def written(validation, folder: Path, **studies) -> dict:
    validation.to_json(folder / "out.json", **studies)
    text = (folder / "out.json").read_text(encoding="utf-8")
    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> dict:
    rows = example_rows()
    validation = example_validation(rows)
    found = validation.predictions.assign(low=rows["prediction"] - 1.0, high=rows["prediction"])
    cleaning = example_cleaning(validation)
    validation = dataclasses.replace(validation, predictions=found, cleaning=cleaning)
    return written(
        validation,
        tmp_path_factory.mktemp("json"),
        limits={"rmse": 0.9, "bias": {"overall": 2.0}},
        prices=example_prices(validation),
        audit=example_audit(validation),
        learning_curve=example_curve(validation),
        loss=example_loss(validation),
    )


@pytest.fixture(scope="module")
def classified():
    log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    X, y = log[["i_d", "i_q", "omega_m"]], log["T_pm"]
    hot = y.gt(80.0).map({True: "hot", False: "cold"}).rename("magnets")
    model = sp.make_pipeline(sp.HampelFilter(), sp.Scaler(), LogisticRegression())
    options = {"cv": 3, "regimes": {"omega_m": 3}, "n_bootstrap": 50}
    return sp.validate(model, X, hot, omit=y > y.quantile(0.99), **options)


@pytest.fixture(scope="module")
def labels(classified, tmp_path_factory) -> dict:
    known = {"audit": example_audit(classified), "loss": example_loss(classified)}
    folder = tmp_path_factory.mktemp("json")
    return written(classified, folder, limits={"accuracy": 0.9}, **known)


def test_everything_keeps_to_the_schema(full: dict, labels: dict) -> None:
    schema = json_schema()
    for content, kind in ((full, "validation"), (labels, "classification")):
        assert content["schema"] == f"signalprep-{kind}"
        assert violations(content, schema, schema) == []
        described = schema["$defs"][kind]["properties"]
        assert set(content) == set(described), "what is written is described"
        assert all(content[name] is not None for name in content)


def test_the_version_is_stated(full: dict, labels: dict) -> None:
    identity = json_schema()["$id"]
    assert {content["schema_version"] for content in (full, labels)} == {identity.split(":")[-1]}
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Where the objects of a file are: of each list, in its first entry."""
    if isinstance(value, dict):
        return [path, *(p for key, each in value.items() for p in places(each, (*path, key)))]
    return places(value[0], (*path, 0)) if isinstance(value, list) and value else []


@pytest.mark.parametrize("kind", ["validation", "classification"])
def test_a_name_that_is_not_described_is_refused(kind: str, full: dict, labels: dict) -> None:
    schema = json_schema()
    content = full if kind == "validation" else labels
    free = ("settings", "units", "regime")  # names of settings and signals
    objects = [path for path in places(content) if not set(free) & set(path)]
    assert len(objects) > (12 if kind == "classification" else 25)
    for path in objects:
        broken = copy.deepcopy(content)
        place = broken
        for key in path:
            place = place[key]
        place["undeclared"] = {}
        assert violations(broken, schema, schema), f"an unknown name in {path}"


def test_the_least_keeps_to_the_schema(classified, tmp_path: Path) -> None:
    schema = json_schema()
    bare = dataclasses.replace(classified, by_regime=None, confusion_by_regime=None, regimes=None)
    content = written(bare, tmp_path)
    assert violations(content, schema, schema) == []
    content = written(example_validation(example_rows(n_cycles=2, n=12), None), tmp_path)
    assert violations(content, schema, schema) == []
    missing = ("by_regime", "regimes", "next_tests", "verdict", "prices", "audit", "band_coverage")
    missing = (*missing, "learning_curve", "cleaning", "loss")
    assert {name for name in content if content[name] is None} == set(missing)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "other"),
        (("schema_version",), "2.0"),
        (("overall", "rmse"), "big"),
        (("by_regime", 0, "regime"), None),
        (("by_cycle", 0, "fold"), 1.5),
        (("verdict", "overall", 0, "status"), "maybe"),
        (("audit", "findings", 0, "severity"), "bad"),
        (("prices", "tests", 0, "honest"), 1),
        (("diagnosis", "autocorrelation", 0, "lag_seconds"), "1"),
        (("learning_curve", "verdict"), "fine"),
        (("quality", "usable"), None),
    ],
)
def test_the_schema_refuses(full: dict, path: tuple, value: object) -> None:
    schema = json_schema()
    broken = copy.deepcopy(full)
    place = broken
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert violations(broken, schema, schema)
    del place[path[-1]]
    assert violations(broken, schema, schema) or isinstance(path[-1], int)


def test_numbers_come_back_as_they_were(tmp_path: Path) -> None:
    validation = example_validation()
    prices, curve = example_prices(validation), example_curve(validation)
    content = written(validation, tmp_path, prices=prices, learning_curve=curve)
    for row, name in zip(content["prices"]["tests"], prices.table.index, strict=True):
        value = prices.table.loc[name, "rmse"]
        assert row["rmse"] == (None if np.isnan(value) else value)
        assert row["n"] == (None if np.isnan(value) else 3200)
    assert [row["n_cycles"] for row in content["learning_curve"]["by_n_cycles"]] == [1, 3, 6]
    assert [row["test"] for row in content["learning_curve"]["by_n_cycles"]] == [2.0, 1.5, 1.2]
    by_cycle = {str(row["cycle"]): row["rmse"] for row in content["by_cycle"]}
    assert by_cycle == {str(k): v for k, v in validation.by_cycle["rmse"].items()}


def test_not_finite_is_null(tmp_path: Path) -> None:
    validation = example_validation()
    prices = example_prices(validation)
    prices.table.loc["random rows", ["rmse", "rmse_high"]] = [np.nan, np.inf]
    row = written(validation, tmp_path, prices=prices)["prices"]["tests"][0]
    assert (row["rmse"], row["rmse_high"]) == (None, None)
