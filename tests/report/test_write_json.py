from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from example_validation import example_validation
from signalprep.report import write_json


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


@pytest.fixture(scope="module")
def validation():
    return example_validation()


def test_tables_come_back(validation, tmp_path: Path) -> None:
    write_json(validation, tmp_path / "out.json")
    content = read(tmp_path / "out.json")
    assert (content["schema"], content["schema_version"]) == ("signalprep-validation", "1.0")
    assert (content["target"], content["unit"], content["error_unit"]) == ("T_pm", "°C", "K")
    assert content["regimes"] == ["omega_m", "T_m", "T_coolant"]
    assert content["rate_hz"] == 10.0
    metrics = pd.DataFrame(content["by_regime"]).drop(columns="regime")
    expected = validation.by_regime.reset_index(drop=True)
    pd.testing.assert_frame_equal(metrics, expected, check_dtype=False)
    labels = pd.DataFrame([cell["regime"] for cell in content["by_regime"]])
    assert [tuple(row) for row in labels.to_numpy()] == list(validation.by_regime.index)
    by_cycle = pd.DataFrame(content["by_cycle"]).set_index("cycle")
    pd.testing.assert_frame_equal(by_cycle, validation.by_cycle, check_dtype=False)
    assert content["overall"]["rmse"] == validation.overall["rmse"]
    assert content["steps"][-1]["memory"] == 9479
    assert len(content["folds"]) == 4
    assert content["settings"]["versions"]["signalprep"] == "0.1.0"


def test_quality_is_there(validation, tmp_path: Path) -> None:
    write_json(validation, tmp_path / "out.json")
    quality = read(tmp_path / "out.json")["quality"]
    assert quality["usable"] is True
    assert [p["kind"] for p in quality["problems"]] == [p.kind for p in validation.quality.problems]
    assert {row["channel"] for row in quality["channels"]} == {"omega_m", "T_m", "constant"}
    assert len(quality["cycles"]) == 8


def test_no_predictions(validation, tmp_path: Path) -> None:
    write_json(validation, tmp_path / "out.json")
    assert "predictions" not in read(tmp_path / "out.json")


def test_without_regimes(tmp_path: Path) -> None:
    write_json(example_validation(regimes=None), tmp_path / "out.json")
    content = read(tmp_path / "out.json")
    assert content["by_regime"] is None
    assert content["regimes"] is None


def test_odd_values_become_json(validation, tmp_path: Path) -> None:
    odd = dataclasses.replace(
        validation,
        settings={
            "nan": np.float64("nan"),
            "inf": float("-inf"),
            "count": np.int64(3),
            "yes": np.bool_(True),
            "array": np.array([1.5, np.nan]),
            "when": pd.Timestamp("2024-01-02 03:04:05"),
            "long": pd.Timedelta("90s"),
            "never": pd.NaT,
            "object": Path("a"),
            "name": "trip\udce4 <script>",
            ("a", 1): None,
        },
    )
    write_json(odd, tmp_path / "out.json")
    assert read(tmp_path / "out.json")["settings"] == {
        "nan": None,
        "inf": None,
        "count": 3,
        "yes": True,
        "array": [1.5, None],
        "when": "2024-01-02T03:04:05",
        "long": 90.0,
        "never": None,
        "object": "a",
        "name": "trip\udce4 <script>",
        "('a', 1)": None,
    }


def test_method_of_the_validation(validation, tmp_path: Path) -> None:
    validation.to_json(tmp_path / "a.json")
    write_json(validation, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
