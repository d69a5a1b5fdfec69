from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from example_validation import binned, example_labels, example_rows, example_validation
from report_page import Element, check_closed, read_page, region
from signalprep.report import write_report
from signalprep.wording import WEAK, format_number

NASTY = "$x_$ <script>alert(1)</script> =cmd() \"quoted\" 'n' & " + "long" * 8


def page_of(validation, folder: Path) -> tuple[str, Element]:
    path = folder / "report.html"
    validation.to_html(path)
    text = path.read_text(encoding="utf-8")
    return text, read_page(text)


@pytest.fixture(scope="module")
def validation():
    return example_validation()


@pytest.fixture(scope="module")
def page(validation, tmp_path_factory) -> tuple[str, Element]:
    return page_of(validation, tmp_path_factory.mktemp("report"))


def luminance(colour: str) -> float:
    short = {"#000": "#000000", "#fff": "#ffffff"}.get(colour, colour)
    rgb = [int(short[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_page_is_whole_and_closed(page: tuple[str, Element]) -> None:
    text, tree = page
    check_closed(text, tree)
    assert text.startswith("<!doctype html>")
    html = tree.all("html")[0]
    assert html.attributes["lang"] == "en"
    assert tree.all("title")[0].text.startswith("T_pm")
    headings = [e.tag for e in tree.every() if re.fullmatch("h[1-6]", e.tag)]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    levels = [int(tag[1]) for tag in headings]
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    ids = [e.attributes["id"] for e in tree.every() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_style_sheet_is_balanced(page: tuple[str, Element]) -> None:
    style = page[1].all("style")[0].text
    assert style.count("{") == style.count("}")
    assert len(re.findall("^@media", style, re.MULTILINE)) == 3
    assert "@media print" in style


def test_sections_come_in_order(page: tuple[str, Element]) -> None:
    titles = [e.text for e in page[1].all("h2")]
    assert titles == [
        "Where it fails",
        f"Worst cycle: {example_validation().by_cycle['rmse'].idxmax()}",
        "What to record next",
        "Details",
    ]


def test_details_are_folded_and_say_what_they_hold(page: tuple[str, Element]) -> None:
    details = page[1].all("section")[-1].all("details")
    assert not any("open" in each.attributes for each in details)
    said = [each.all("summary")[0].text.replace("\xa0", " ") for each in details]
    worst = example_validation().by_cycle["rmse"]
    assert said == [
        f"All cells as a table ({len(region(page[1], 'all cells'))} with rows)",
        f"Cycles: 8, RMSE {format_number(worst.min())} to {format_number(worst.max())} K",
        "Pipeline: looks 0 samples ahead, remembers 9,479 samples (948 s)",
        said[3],
        "Data quality of the log: 1 warning",
        "How this was computed: definitions, folds, settings, versions",
    ]
    assert said[3].startswith("Diagnosis: no cold start shown; errors stay alike for ")


def test_cards_give_the_answer(validation, page: tuple[str, Element]) -> None:
    cards = {c.all("dt")[0].text: c.all("dd")[0].text for c in page[1].all("dl")[0].all("div")}
    words = " | ".join(f"{value} {text}" for text, value in cards.items()).replace("\xa0", " ")
    overall = validation.overall
    assert f"{format_number(overall['rmse'])} K RMSE; 95 % interval over cycles" in words
    assert f"{format_number(overall['rmse_low'])}–{format_number(overall['rmse_high'])} K" in words
    assert f"±{format_number(overall['p95'])} K" in words
    error = validation.predictions["prediction"] - validation.predictions["truth"]
    cycle, time = error.abs().idxmax()
    assert f"largest error: cycle {cycle} at {format_number(time)} s" in words
    evidence, weak = (validation.by_regime[name] for name in ("evidence", "weak"))
    seen = f"{evidence.sum()} of {len(evidence)}; {weak.sum()} of them weak"
    assert f"{seen} cells with evidence (3 cycles or more); {WEAK}" in words
    assert "in 4 rows a regime variable lies beyond its training range" in words
    assert "1 warning data quality" in words


def test_every_cell_is_in_the_table(validation, page: tuple[str, Element]) -> None:
    rows = region(page[1], "all cells")
    visited = validation.by_regime[validation.by_regime["n"] > 0]
    assert len(rows) == len(visited)
    for row, (labels, cell) in zip(rows, visited.iterrows(), strict=True):
        assert (row["omega_m [rpm]"], row["T_m [N m]"], row["T_coolant [°C]"]) == labels
        assert row["rows"] == f"{cell['n']:,}"
        assert row["cycles"] == str(cell["n_cycles"])
        for title, name in (("RMSE [K]", "rmse"), ("MAE [K]", "mae"), ("max [K]", "max")):
            assert float(row[title]) == pytest.approx(cell[name], abs=0.006)
        assert float(row["bias [K]"].replace("−", "-")) == pytest.approx(cell["bias"], abs=0.06)
        assert (row["evidence"] == "yes") == cell["evidence"]


def test_maps_show_every_cell(validation, page: tuple[str, Element]) -> None:
    maps = page[1].all("table", "map")
    assert len(maps) == 6
    cells = [cell for each in maps[:3] for cell in each.all("tbody")[0].all("td")]
    known = [cell for cell in cells if "none" not in cell.classes]
    evidence = validation.by_regime["evidence"]
    assert len(known) == evidence.sum()
    shown = sorted(float(cell.all("b")[0].text) for cell in known)
    rmse = validation.by_regime.loc[evidence, "rmse"]
    assert shown == pytest.approx(sorted(rmse.round(3)), abs=0.006)
    for cell in cells:
        if "none" in cell.classes:
            assert "style" not in cell.attributes
            assert re.fullmatch("[0-2] cyc", cell.all("i")[0].text)


def test_weak_cells_look_and_read_weak(validation, page: tuple[str, Element]) -> None:
    cells = [
        [cell for each in maps for cell in each.all("tbody")[0].all("td")]
        for maps in (page[1].all("table", "map")[:3], page[1].all("table", "map")[3:])
    ]
    table = validation.by_regime
    weak = [cell for cell in cells[0] if "weak" in cell.classes]
    assert len(weak) == table["weak"].sum() > 0
    assert all(WEAK in cell.text for cell in weak)
    assert sum(WEAK in cell.text for cell in cells[0]) == len(weak)
    faces = [re.search("background-color:(#\\w+)", cell.attributes["style"])[1] for cell in weak]
    assert min(map(luminance, faces)) > 0.35, "faded"
    dots = re.search(r"\.map \.weak,.*radial-gradient\((#\w+)", page[0])[1]
    assert (luminance(dots) + 0.05) / 0.05 >= 4.5, "black text on the dots"
    assert not any("weak" in cell.classes for cell in cells[1]), "the bias is never weak"
    assert [WEAK in key.text for key in page[1].all("p", "key")] == [True, False]
    said = [row["RMSE 95\xa0%"].endswith(", weak") for row in region(page[1], "all cells")]
    assert said == table.loc[table["n"] > 0, "weak"].tolist()
    cells = next(d for d in page[1].all("details") if "All cells" in d.all("summary")[0].text)
    rows = cells.all("tbody")[0].all("tr")
    assert ["weak" in row.classes for row in rows] == said, "faded in tables too"


def test_tooltips_can_be_reached_by_keyboard(validation, page: tuple[str, Element]) -> None:
    cells = [cell for each in page[1].all("table", "map")[:3] for cell in each.all("td")]
    tips = [cell for cell in cells if cell.all("span")]
    assert len(tips) == (validation.by_regime["n"] > 0).sum()
    assert all(cell.attributes["tabindex"] == "0" for cell in tips)
    text = max((cell.text for cell in tips), key=len)
    for word in ("RMSE", "bias", "MAE", "p95", "largest", "R²", "of squared error", "rows from"):
        assert word in text


def test_text_on_colours_has_contrast(page: tuple[str, Element]) -> None:
    pattern = re.compile(r"background-color:(#\w+);color:(#\w+)")
    pairs = {
        pattern.search(e.attributes["style"]).groups()
        for e in page[1].all("td")
        if "background-color" in (e.attributes.get("style") or "")
    }
    assert len(pairs) > 20
    for face, ink in pairs:
        light, dark = sorted((luminance(face), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_worst_come_first(validation, page: tuple[str, Element]) -> None:
    cells = [float(row["RMSE [K]"]) for row in region(page[1], "worst cells")]
    seen = validation.by_regime[validation.by_regime["evidence"]]
    assert len(cells) == 10
    expected = seen.loc[~seen["weak"], "rmse"].nlargest(10).tolist()
    assert expected != seen["rmse"].nlargest(10).tolist(), "weak ones would head the list"
    assert cells == pytest.approx(expected, abs=0.006)
    cycles = [row["cycle"] for row in region(page[1], "all cycles")]
    order = validation.by_cycle["rmse"].sort_values(ascending=False).index
    assert cycles == [str(cycle) for cycle in order[: len(cycles)]]


def test_drawings_have_descriptions(page: tuple[str, Element]) -> None:
    drawings = page[1].all("svg")
    assert len(drawings) == 5
    for drawing in drawings:
        assert drawing.attributes["role"] == "img"
        named = drawing.attributes["aria-labelledby"].split()
        assert {e.attributes["id"] for e in drawing.every() if "id" in e.attributes} == set(named)
    trace = next(d for d in drawings if "trace-title" in d.attributes["aria-labelledby"])
    texts = {e.text for e in trace.all("text")}
    assert {"T_pm [°C]", "error [K]", "time [s]"} <= texts
    assert not any(trace in box.every() for box in page[1].all("div", "scroll"))
    legend = [line.text for line in page[1].all("p", "legend")[0].all("span")]
    assert legend == ["truth", "prediction", "prediction minus truth", "○ largest error"]


@pytest.mark.parametrize(
    ("n", "left_out"), [(4, []), (9, []), (12, ["no-values"]), (16, ["no-values"])]
)
def test_maps_are_squeezed_to_a_phone(tmp_path: Path, n: int, left_out: list[str]) -> None:
    rows = example_rows(n_cycles=6, n=120)
    speed = rows["omega_m"].to_numpy()
    edges = np.linspace(speed.min(), speed.max(), n + 1).round(-2)
    labels = pd.DataFrame({"speed": binned(speed, edges)}, index=rows.index)
    _, page = page_of(example_validation(rows, labels), tmp_path)
    maps = page.all("div", "maps")[0]
    assert maps.classes[1 + ("dense" in maps.classes) :] == left_out
    sizes = dict(part.split(":") for part in maps.attributes["style"].split(";")[:4])
    assert int(sizes["--n"]) in range(n - 1, n + 3)  # with what lies outside
    ends = [cell.all("i")[0] for cell in maps.all("td") if cell.all("i") and "–" in cell.text]
    assert all(len(end.all("wbr")) == end.text.count("–") for end in ends)


def test_nasty_names_are_only_text(tmp_path: Path) -> None:
    rows = example_rows(n_cycles=4, n=60)
    labels = pd.DataFrame(
        {
            NASTY: np.where(rows["T_m"] > 60, NASTY, "<img src=x onerror=alert(1)>"),
            "b\x00\x1b\u202e": binned(rows["T_m"].to_numpy(), [-50, 0, 200]),
        },
        index=rows.index,
    )
    cycles = [NASTY + str(cycle) for cycle in rows.index.get_level_values("cycle")]
    index = pd.MultiIndex.from_arrays(
        [cycles, rows.index.get_level_values("time")], names=["cycle", "time"]
    )
    validation = example_validation(
        rows.set_axis(index),
        labels.set_axis(index),
        target=NASTY,
        units={NASTY: "</title><b>", "T_m": '" onload="x'},
        cv=NASTY,
    )
    text, page = page_of(validation, tmp_path)
    check_closed(text, page)
    assert NASTY in page.all("h1")[0].text
    assert "alert(1)" in page.text
    assert not re.search("[\x00\x1b\u202e]", text)


def test_undecodable_names_do_not_stop_the_page(tmp_path: Path) -> None:
    _text, page = page_of(example_validation(target="T\udce4"), tmp_path)
    assert "T\N{REPLACEMENT CHARACTER}" in page.all("h1")[0].text


def test_without_regimes(tmp_path: Path) -> None:
    text, page = page_of(example_validation(regimes=None), tmp_path)
    check_closed(text, page)
    assert "without operating regimes" in page.text
    assert not page.all("table", "map")
    assert not any("cells" in e.text for e in page.all("summary"))


@pytest.mark.parametrize("variables", [("omega_m",), ("omega_m", "T_m")])
def test_fewer_variables_give_one_map(variables: tuple[str, ...], tmp_path: Path) -> None:
    rows = example_rows()
    _, page = page_of(example_validation(rows, example_labels(rows, variables)), tmp_path)
    assert len(page.all("table", "map")) == 2
    heads = [e.text for e in page.all("table", "map")[0].all("tfoot")[0].all("th")]
    assert any("1000 to 2500" in head for head in heads)


def test_more_variables_give_maps_of_what_occurs(tmp_path: Path) -> None:
    rows = example_rows()
    labels = example_labels(rows)
    labels["half"] = np.where(rows.index.get_level_values("cycle") > 4, "second", "first")
    _, page = page_of(example_validation(rows, labels), tmp_path)
    captions = [e.text for e in page.all("figcaption")]
    assert "T_coolant [°C]: 15 to 35, half: first" in captions
    assert "T_coolant [°C]: 15 to 35, half: second" not in captions


def test_no_cell_with_evidence(tmp_path: Path) -> None:
    rows = example_rows(n_cycles=2, n=50)
    _, page = page_of(example_validation(rows), tmp_path)
    assert "none has evidence" in page.text
    assert "too few cycles for an interval" in page.text


def test_a_look_ahead_is_a_warning(tmp_path: Path) -> None:
    _, page = page_of(example_validation(regimes=None, lookahead=5), tmp_path)
    first = page.all("p", "opening")[0].all("strong", "warning")[0]
    assert first.text.startswith("The model looks ahead by 5 samples (0.500\xa0s), ")
    _, page = page_of(example_validation(regimes=None), tmp_path)
    assert not page.all("strong", "warning")


def test_allowed_leaks_are_a_warning(tmp_path: Path) -> None:
    _, page = page_of(example_validation(regimes=None, allow_leak=True), tmp_path)
    assert page.all("strong", "warning")[0].text.startswith("Leaks were allowed")


@pytest.mark.parametrize("kind", ["timedelta", "datetime"])
def test_other_time_axes(kind: str, tmp_path: Path) -> None:
    rows = example_rows(n_cycles=3, n=50)
    time = pd.to_timedelta(rows.index.get_level_values("time"), unit="s")
    if kind == "datetime":
        time = pd.Timestamp("2024-05-06") + time
    cycle = rows.index.get_level_values("cycle")
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    _, page = page_of(example_validation(rows.set_axis(index), None), tmp_path)
    assert re.search(
        "cycle [123] at " + ("2024-05-06 00:00:0" if kind == "datetime" else r"\d"),
        page.all("dl")[0].text,
    )


def test_size_stays_within_bounds(tmp_path: Path) -> None:
    rows = example_rows(n_cycles=31, n=20_000)
    text, _ = page_of(example_validation(rows, n_bootstrap=2), tmp_path)
    assert len(text.encode()) <= 500_000


@pytest.mark.parametrize(("across", "up", "apart"), [(20, 15, 1), (20, 20, 1), (20, 20, 7)])
def test_large_maps_stay_within_bounds(across: int, up: int, apart: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = example_rows(n_cycles=10, n=2000)
    sizes = {"a" * 80: across, "b" * 80: up, "c" * 80: apart}
    labels = pd.DataFrame(
        {
            name: binned(rng.uniform(0, size, len(rows)), list(range(size + 1)))
            for name, size in sizes.items()
        },
        index=rows.index,
    )
    text, page = page_of(example_validation(rows, labels, n_bootstrap=2), tmp_path)
    assert len(text.encode()) <= 500_000
    cells = [cell for each in page.all("table", "map")[:apart] for cell in each.all("td")]
    assert len(cells) >= across * up * apart
    assert not [c for c in cells if c.all("i") and "none" not in c.classes]


def test_maps_too_large_to_draw_are_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = example_rows(n_cycles=4, n=200)
    labels = pd.DataFrame(
        {k: binned(rng.uniform(0, 60, len(rows)), list(range(61))) for k in "ab"}, index=rows.index
    )
    text, page = page_of(example_validation(rows, labels, n_bootstrap=2), tmp_path)
    assert "The map has 3,600 cells, too many to draw" in page.text
    assert not page.all("table", "map")
    assert len(text.encode()) <= 500_000


def test_a_failure_while_rendering_leaves_the_old_page(
    validation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(_: object) -> str:
        raise RuntimeError("template")

    monkeypatch.setattr("signalprep.report._write_report.render", fail)
    with pytest.raises(RuntimeError, match="template"):
        write_report(validation, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.html"]


def test_same_validation_gives_the_same_page(validation, page, tmp_path: Path) -> None:
    validation.to_html(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page[0]
