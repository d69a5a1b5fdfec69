from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from example_validation import example_rows, example_validation
from report_page import Element, read_page, region
from signalprep.wording import format_number

LIMITS = {"rmse": 0.9, "p95": 1.6, "max": 3.0}
NASTY = "<script>alert(1)</script>"


def page_of(validation, folder: Path, limits) -> tuple[str, Element]:
    validation.to_html(folder / "page.html", limits=limits)
    text = (folder / "page.html").read_text(encoding="utf-8")
    return text, read_page(text)


@pytest.fixture(scope="module")
def validation():
    return example_validation()


@pytest.fixture(scope="module")
def page(validation, tmp_path_factory) -> Element:
    return page_of(validation, tmp_path_factory.mktemp("report"), LIMITS)[1]


def test_the_verdict_comes_first(validation, page: Element) -> None:
    assert page.all("h2")[0].text == "Verdict"
    card = page.all("dl", "cards")[0].all("div")[0]
    n_fail = int((validation.verdict(LIMITS).by_cell == "fail").sum())
    assert n_fail > 0
    assert card.all("dd")[0].text == "fail"
    assert f"; {n_fail} cell{'s fail' if n_fail > 1 else ' fails'};" in card.all("dt")[0].text
    text = card.all("dt")[0].text
    assert text.startswith("verdict: RMSE at most 0.9 K, p95 at most 1.6 K, max at most 3 K")
    assert "warn" in card.classes


def test_every_limit_has_a_row(validation, page: Element) -> None:
    verdict = validation.verdict(LIMITS)
    rows = region(page, "limits")
    counts = verdict.counts()
    assert [row["status"] for row in rows] == verdict.overall["status"].tolist()
    for row, (_, count) in zip(rows, counts.iterrows(), strict=True):
        for status in ("pass", "fail", "underpowered", "no evidence"):
            assert row[f"cells: {status}"] == str(count[status])
    assert rows[2]["interval"] == "–", "the largest error has none"
    assert "The largest error has no upper end" in page.text


def test_failing_cells_are_listed_the_furthest_beyond_first(validation, page: Element) -> None:
    rows = region(page, "cells that fail")
    failed = validation.verdict(LIMITS).failed
    assert len(rows) == min(10, len(failed))
    beyond = (failed["value"] / failed["limit"]).nlargest(len(rows))
    first = failed.loc[beyond.index[0]]
    assert rows[0]["value"].replace("\xa0", " ") == f"{format_number(first['value'])} K"
    assert rows[0]["cycles"] == str(first["n_cycles"])
    assert int(rows[0]["worth independent rows"]) == pytest.approx(first["n_effective"], abs=0.5)


def test_cells_of_the_map_carry_their_mark(validation, page: Element) -> None:
    by_cell = validation.verdict(LIMITS).by_cell
    evidence = validation.by_regime["evidence"]
    cells = [c for m in page.all("table", "map")[:3] for c in m.all("tbody")[0].all("td")]
    assert sum("fail" in c.classes for c in cells) == ((by_cell == "fail") & evidence).sum()
    assert sum("open" in c.classes for c in cells) == (by_cell == "underpowered").sum()
    failing = next(c for c in cells if "fail" in c.classes)
    assert "fails the limit of" in failing.text
    undecided = next(c for c in cells if "open" in c.classes)
    assert "cannot tell yet about" in undecided.text
    bias = [c for m in page.all("table", "map")[3:] for c in m.all("tbody")[0].all("td")]
    assert not any({"fail", "open"} & set(c.classes) for c in bias)
    key = page.all("p", "key")[0].text
    assert "fails a limit" in key
    assert "cannot tell yet" in key
    words = {row["verdict"].partition(" (")[0] for row in region(page, "all cells")}
    assert words >= {"fail", "underpowered", "no evidence"}, "no cell passes a limit of max"
    assert any(row["verdict"].startswith("fail (RMSE") for row in region(page, "all cells"))


def test_what_to_record_next_is_ranked_and_the_rest_folded(validation, page: Element) -> None:
    section = next(s for s in page.all("section") if s.all("h2")[0].text == "What to record next")
    assert len(section.all("details")) == 1
    rows = region(section, "what to record next")
    assert len(rows) == 5
    rows += region(section.all("details")[0], "what to record after these")
    expected = validation.next_tests(None, limits=LIMITS)
    assert len(rows) == min(15, len(expected))
    assert [row["why"] for row in rows] == expected["why"].tolist()[: len(rows)]
    assert [int(row["more cycles"]) for row in rows] == expected["more_cycles"].tolist()[:15]


def test_without_limits_there_is_no_verdict_but_still_what_to_record(validation, tmp_path) -> None:
    _, page = page_of(validation, tmp_path, None)
    titles = [e.text for e in page.all("h2")]
    assert "Verdict" not in titles
    assert "What to record next" in titles
    assert "verdict" not in region(page, "all cells")[0]
    assert not [c for c in page.all("td") if {"fail", "open"} & set(c.classes)]


def test_kept_limits_say_so(tmp_path) -> None:
    result = example_validation(regimes=None)
    _, page = page_of(result, tmp_path, {"rmse": 1e3, "r2": -5.0})
    card = page.all("dl", "cards")[0].all("div")[0]
    assert card.all("dd")[0].text == "pass"
    assert "warn" not in card.classes
    assert region(page, "limits")[1]["limit"] == "R² at least -5"
    _, page = page_of(result, tmp_path, {"rmse": 1e-3})
    assert page.all("dl", "cards")[0].all("div")[0].all("dd")[0].text == "fail"


def test_nasty_names_are_only_text(tmp_path: Path) -> None:
    rows = example_rows(n_cycles=4, n=60)
    labels = pd.DataFrame({NASTY: np.where(rows["T_m"] > 60, NASTY, "<b>")}, index=rows.index)
    text, page = page_of(example_validation(rows, labels), tmp_path, {"rmse": 0.1, "p95": 1.0})
    assert "<script>" not in text
    assert NASTY in page.text


def test_json_holds_verdict_and_next_tests(validation, tmp_path) -> None:
    verdict = validation.verdict(LIMITS | {"bias": {"overall": 2.0}})
    validation.to_json(tmp_path / "page.json", limits=verdict)
    content = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    found = content["verdict"]
    assert (found["answer"], found["ok"]) == ("fail", False)
    assert found["limits"]["rmse"] == 0.9
    assert found["limits"]["bias"] == [{"cell": "overall", "limit": 2.0}]
    assert [row["metric"] for row in found["overall"]] == ["rmse", "p95", "max", "bias"]
    assert len(found["by_regime"]) == len(verdict.by_regime)
    assert [row["status"] for row in found["by_regime"]] == verdict.by_regime["status"].tolist()
    assert set(found["by_regime"][0]["regime"]) == {"omega_m", "T_m", "T_coolant"}
    ranked = validation.next_tests(None, limits=verdict)
    assert [row["more_cycles"] for row in content["next_tests"]] == ranked["more_cycles"].tolist()
    bare = example_validation(regimes=None)
    bare.to_json(tmp_path / "bare.json")
    content = json.loads((tmp_path / "bare.json").read_text(encoding="utf-8"))
    assert content["verdict"] is None
    assert content["next_tests"] is None


def test_a_limit_for_one_cell_leaves_the_others_without_a_verdict(validation, tmp_path) -> None:
    cell = validation.by_regime["n"].idxmax()
    _, page = page_of(validation, tmp_path, {"rmse": {cell: 1e-3}})
    words = [row["verdict"] for row in region(page, "all cells")]
    assert sorted(set(words)) == ["fail (RMSE)", "–"], "no limit, no status"
    assert words.count("fail (RMSE)") == 1
