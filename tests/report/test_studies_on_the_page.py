"""What the page shows besides the validation: prices, audit, diagnosis, learning curve, bands."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from example_studies import example_audit, example_curve, example_prices
from example_validation import example_rows, example_validation
from report_page import Element, check_closed, read_page, region
from signalprep.errors import InvalidParameterError
from signalprep.wording import format_number

NASTY = "$x_$ <script>alert(1)</script> & \"q\" 'n'"


def page_of(validation, folder: Path, **studies) -> tuple[str, Element]:
    validation.to_html(folder / "page.html", **studies)
    text = (folder / "page.html").read_text(encoding="utf-8")
    return text, read_page(text)


def all_of(validation) -> dict:
    return {
        "prices": example_prices(validation),
        "audit": example_audit(validation),
        "learning_curve": example_curve(validation),
    }


def fold(page: Element, start: str) -> Element:
    return next(d for d in page.all("details") if d.all("summary")[0].text.startswith(start))


@pytest.fixture(scope="module")
def validation():
    return example_validation()


@pytest.fixture(scope="module")
def page(validation, tmp_path_factory) -> tuple[str, Element]:
    folder = tmp_path_factory.mktemp("page")
    return page_of(validation, folder, limits={"rmse": 1.0}, **all_of(validation))


def test_page_stays_closed_small_and_in_order(validation, page: tuple[str, Element]) -> None:
    text, tree = page
    check_closed(text, tree)
    assert len(text.encode()) <= 500_000
    assert [e.text for e in tree.all("h2")] == [
        "Verdict",
        "Where it fails",
        "What a less honest test would have said",
        f"Worst cycle: {validation.by_cycle['rmse'].idxmax()}",
        "What to record next",
        "Details",
    ]
    ids = [e.attributes["id"] for e in tree.every() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_prices_are_a_table_with_bars(validation, page: tuple[str, Element]) -> None:
    table = page[1].all("table", "prices")[0]
    rows = table.all("tbody")[0].all("tr")
    rmse = float(validation.overall["rmse"])
    names = [row.all("th")[0].text for row in rows]
    assert names[0].startswith("random rowsnot honest: ")
    assert names[3].startswith("unseen cycle (this page)honest: ")
    assert rows[0].all("td")[0].text.startswith(format_number(0.3 * rmse, 2))
    bars = [row.all("div", "bar") for row in rows]
    assert [len(bar) for bar in bars] == [1, 1, 0, 1, 1, 1]
    hatched = ["flattering" in bar[0].classes for bar in bars if bar]
    assert hatched == [True, True, False, False, False]
    widths = [float(bar[0].attributes["style"][6:-1]) for bar in bars if bar]
    assert widths == pytest.approx([6.0, 14.0, 20.0, 28.0, 50.0], abs=0.11)
    assert "does not apply: no step is causal" in rows[2].text
    assert [len(row.all("div", "beyond")) for row in rows] == [0, 0, 0, 0, 0, 1]
    said = next(s for s in page[1].all("section") if s.all("table", "prices")).all("p")[0].text
    assert said.startswith("Tested with random rows, this model would have claimed ")
    assert said.endswith("3.3 times as much.")


def test_prices_of_another_split_say_so(validation, tmp_path: Path) -> None:
    prices = example_prices(validation)
    prices.table[["rmse", "rmse_low", "rmse_high"]] *= 1.01
    text, _ = page_of(validation, tmp_path, prices=prices)
    assert "(this page)" not in text
    assert "not the one of this page" in text


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.99, "None of the usual leaks makes"), (np.nan, "None of the usual leaks applies")],
)
def test_leaks_that_gain_nothing_say_so(validation, share, said, tmp_path: Path) -> None:
    prices = example_prices(validation)
    flattering = ~prices.table["honest"].astype(bool)
    prices.table.loc[flattering, "rmse"] = share * validation.overall["rmse"]
    _, page = page_of(validation, tmp_path, prices=prices)
    assert said in page.text


def test_intervals_that_are_not_known_leave_the_bars(validation, tmp_path: Path) -> None:
    prices = example_prices(validation)
    prices.table[["rmse_low", "rmse_high"]] = np.nan
    _, page = page_of(validation, tmp_path, prices=prices)
    table = page.all("table", "prices")[0]
    assert not table.all("div", "whisker")
    assert len(table.all("div", "bar")) == 5


def test_a_leak_is_told_at_the_head_and_unfolds_the_audit(page: tuple[str, Element]) -> None:
    head = page[1].all("header")[0]
    opening = head.all("p", "opening")[0]
    assert opening.text.startswith("Leak found: Looks ahead (i_q). Unseen cycles may not reach ")
    assert opening.all("strong", "warning")[0].text == "Leak found: Looks ahead (i_q)."
    cards = {c.all("dt")[0].text: c for c in head.all("dl", "cards")[0].all("div")}
    card = cards["audit: 2 of 3 checks done, 1 warning"]
    assert card.all("dd")[0].text == "1 leak"
    assert "warn" in card.classes
    assert next(iter(cards.values())) is card, "before the verdict"
    audit = fold(page[1], "Audit: ")
    assert "open" in audit.attributes
    assert [h.text for h in audit.all("h3")] == ["leak: Looks ahead", "warning: Could not be tried"]
    for words in ("Sees the future.", "smooth", "5 samples", "Stop.", "overlap in time"):
        assert words in audit.text
    assert "Not done: preparation of raw (no raw and prepare given)" in audit.text


def test_an_audit_without_leaks_stays_folded(validation, tmp_path: Path) -> None:
    audit = example_audit(validation)
    clean = dataclasses.replace(audit, findings=audit.findings.iloc[1:])
    _, page = page_of(validation, tmp_path, audit=clean)
    assert "open" not in fold(page, "Audit: no leak found, 1 warning").attributes
    assert not page.all("strong", "warning")


def test_diagnosis_has_words_and_three_drawings(validation, page: tuple[str, Element]) -> None:
    section = fold(page[1], "Diagnosis: ")
    found = sp.diagnose(validation)
    assert [item.text for item in section.all("li")] == found.findings
    drawings = section.all("svg", "small")
    assert len(drawings) == 3
    titles = [d.all("title")[0].text for d in drawings]
    assert titles[0].startswith("Error over the time since the start of a cycle: RMSE ")
    assert titles[1].startswith("Autocorrelation of the error over the lag up to ")
    assert titles[2].startswith("Error over the prediction: RMSE ")
    assert len(drawings[0].all("circle")) == len(found.cold_start)
    assert len(drawings[2].all("circle")) == len(found.spread)
    texts = {e.text for e in drawings[2].all("text")}
    assert {"prediction [°C]", "RMSE [K]"} <= texts
    for drawing in drawings:
        numbers = re.findall(r"[ML]([-\d.]+) ([-\d.]+)", drawing.all("path")[-1].attributes["d"])
        assert all(0 <= float(x) <= 360 and 0 <= float(y) <= 222 for x, y in numbers)


def test_learning_curve_has_words_drawing_and_table(page: tuple[str, Element]) -> None:
    section = fold(page[1], "Learning curve: more cycles would help")
    assert "With 6 training cycles the RMSE is 1.20\xa0K on unseen cycles" in section.text
    assert "fell by 20 %" in section.text
    drawing = section.all("svg")[0]
    assert len(drawing.all("circle")) == 6
    assert {"unseen cycles", "training cycles"} <= {e.text for e in drawing.all("text")}
    rows = region(section, "other models with all training cycles")
    assert [row["model"] for row in rows] == [
        "this model",
        "simpler",
        "more flexible",
        "half of the cycles",
    ]
    assert rows[2]["difference"] == "−0.10"
    assert rows[2]["95 % interval"] == "−0.30 to +0.10"


def test_bands_show_their_coverage(tmp_path: Path) -> None:
    rows = example_rows()
    plain = example_validation(rows)
    found = plain.predictions.assign(low=rows["prediction"] - 1.0, high=rows["prediction"] + 1.0)
    settings = plain.settings | {"coverage": 0.85}
    validation = dataclasses.replace(plain, predictions=found, settings=settings)
    _, page = page_of(validation, tmp_path)
    within = 100 * (rows["truth"] - rows["prediction"]).abs().le(1.0)
    section = fold(page, "Prediction intervals: ")
    share = f"{within.groupby(level='cycle').mean().mean():.1f}\xa0% of a cycle lie within"
    assert f"{share}, 85\xa0% were promised" in section.text
    assert f"of all rows {within.mean():.1f}\xa0%" in section.text
    table = region(section, "coverage of the prediction intervals")
    n_cells = (validation.by_regime["n"] > 0).sum()
    assert len(table) == 100
    assert f"The first 100 of {n_cells} cells" in section.text
    assert {row["mean width [K]"] for row in table} == {"2.00"}


def test_without_regimes_and_with_few_rows(tmp_path: Path) -> None:
    validation = example_validation(example_rows(n_cycles=2, n=12), None)
    text, page = page_of(validation, tmp_path, **all_of(validation))
    check_closed(text, page)
    assert len(page.all("svg", "small")) == 4


def test_nasty_names_are_only_text(tmp_path: Path) -> None:
    cycles = [NASTY + str(k) for k in example_rows(n_cycles=4, n=60).index.get_level_values(0)]
    rows = example_rows(n_cycles=4, n=60)
    index = pd.MultiIndex.from_arrays(
        [cycles, rows.index.get_level_values(1)], names=["cycle", "time"]
    )
    validation = example_validation(
        rows.set_axis(index), None, target=NASTY, units={NASTY: "</title><b>"}
    )
    audit = example_audit(validation)
    audit.findings[["step", "channel", "what", "remedy", "unit"]] = NASTY
    audit.checks[["check", "note"]] = NASTY
    prices = example_prices(validation, unit=NASTY)
    prices.table["note"] = NASTY
    curve = example_curve(validation, unit=NASTY)
    text, page = page_of(
        validation, tmp_path, audit=audit, prices=prices, learning_curve=curve, limits={"rmse": 0.1}
    )
    check_closed(text, page)
    assert "$x_$" in fold(page, "Audit").text
    assert "<script>" not in text


def test_a_study_of_another_target_is_refused(validation, tmp_path: Path) -> None:
    other = example_validation(target="T_winding")
    for name, study in all_of(other).items():
        with pytest.raises(InvalidParameterError, match=f"{name} must be about the target 'T_pm'"):
            validation.to_html(tmp_path / "page.html", **{name: study})
        with pytest.raises(InvalidParameterError, match="got 'T_winding'"):
            validation.to_json(tmp_path / "page.json", **{name: study})
    assert not list(tmp_path.iterdir())
