"""What quantization costs, on the page and in the JSON."""

from __future__ import annotations

import json

import pytest

import signalprep as sp
from example_loss import Labels, Says, drive, saturating
from json_schema_subset import violations
from report_page import check_closed, read_page
from signalprep.report import json_schema


def written(loss, folder):
    """Page and JSON of the quantized model's own errors, with its loss."""
    loss.quantized.to_html(folder / "page.html", loss=loss)
    loss.quantized.to_json(folder / "page.json", loss=loss)
    text = (folder / "page.html").read_text(encoding="utf-8")
    page = read_page(text)
    check_closed(text, page)
    content = json.loads((folder / "page.json").read_text(encoding="utf-8"))
    schema = json_schema()
    assert violations(content, schema, schema) == []
    section = next(s for s in page.all("section") if s.all("h2") and "costs" in s.all("h2")[0].text)
    return page, section, content["loss"]


def cells_of(table):
    return [[cell.text for cell in row.all("td")] for row in table.all("tbody")[0].all("tr")]


def test_everything_that_is_known_is_on_the_page(tmp_path):
    log, speed = drive()
    quantized, flags = saturating(log, speed)
    loss = sp.regime_loss(
        Says("reference"), quantized, log, log["y"], speed, n_bootstrap=50,
        limits={"rmse": "20 %", "bias": {"high": 0.5}},
    )  # fmt: skip
    page, section, content = written(loss, tmp_path)
    said = section.text
    assert "the quantized model has RMSE 3.55, its reference 2.01: +1.53" in said
    assert "Fail: RMSE at most 20 % more than the reference; |bias|: what is given" in said
    assert "2 cycles were trained on" in said
    where = section.all("table", "map")[0].all("td", "fail")
    assert [cell.all("b")[0].text for cell in where] == ["+2.6"]
    assert "something saturates in 30.5 % of rows" in where[0].text
    overall, worst, saturated = section.all("table", "list")
    assert [row[0] for row in cells_of(overall)] == ["bias", "MAE", "RMSE", "p95", "R²"]
    assert [row[0] for row in cells_of(worst)] == ["high", "low"]
    assert cells_of(worst)[0][5:8] == ["reference better", "fail (RMSE, bias)", "30.5"]
    n_high = str(flags["scaler", "i_q"].sum())
    assert cells_of(saturated) == [
        ["scaler", "i_q", "high", "30.5", n_high, "8"],
        ["input", "speed", "rare", "100.0", "10", "2"],
    ]
    assert "1 has none, seen by fewer than 3 cycles" in said
    cards = [card.text for card in page.all("dl", "cards")[0].all("div", "warn")]
    assert any("RMSE of the quantized model minus that of its reference; limits: fail" in card
               for card in cards)  # fmt: skip
    assert content["limits"] == {"rmse": "20 %", "bias": [{"cell": "high", "limit": 0.5}]}
    assert content["answer"] == "fail"
    assert content["saturation_by_regime"][0]["regime"] == {"speed": "high"}
    assert content["trained_on"] == ["1", "5"]
    assert len(content["by_regime"]) == 3 * len(content["overall"])


@pytest.mark.parametrize("known", [True, False])
def test_a_loss_without_map_and_limits_says_less(tmp_path, known):
    log, _ = drive()
    model = Says("quantized")
    if known:
        model, flags = saturating(log, log["y"] > 1e9)
        flags.loc[:, :] = False
    loss = sp.regime_loss(Says("reference"), model, log, log["y"], n_bootstrap=0)
    _, section, content = written(loss, tmp_path)
    said = "Nothing saturates" if known else "does not tell what saturates"
    assert said in section.text
    assert "Cannot tell" not in section.text
    assert not section.all("table", "map")
    assert content["by_regime"] is content["limits"] is content["judged"] is None
    assert content["saturation"] == ([] if known else None)


def test_classes_have_the_section_too(tmp_path):
    log, speed = drive()
    labels = (log > 0).replace({True: "on", False: "off"})
    loss = sp.regime_loss(
        Labels("reference"), Labels("broken"), labels, labels["y"], speed, n_bootstrap=20
    )
    _, section, content = written(loss, tmp_path)
    assert "quantized model has accuracy" in section.text
    assert content["overall"][0]["metric"] == "accuracy"
