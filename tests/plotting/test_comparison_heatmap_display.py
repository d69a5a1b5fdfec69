from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import signalprep as sp
from example_validation import example_labels, example_rows, example_validation
from signalprep import ComparisonHeatmapDisplay
from signalprep.errors import InvalidParameterError


@pytest.fixture(scope="module")
def comparison():
    """Model b is worse at high speed and better at low speed; in between chance decides."""
    rows = example_rows()
    a = example_validation(rows, example_labels(rows))
    speed = rows["omega_m"].to_numpy()
    factor = np.where(speed > 4000, 1.5, np.where(speed < 2500, 0.6, 1.0))
    noise = 0.02 * np.random.default_rng(0).normal(size=len(rows))
    error = (rows["prediction"] - rows["truth"]) * factor + noise
    moved = rows.assign(prediction=rows["truth"] + error)
    b = example_validation(moved, example_labels(moved))
    return sp.compare(a, b, names=("ridge", "$trees_1$"), n_bootstrap=200)


def test_the_map_diverges_from_zero_and_says_what_the_sign_means(comparison) -> None:
    display = ComparisonHeatmapDisplay.from_comparison(comparison)
    assert display.im_.norm.vmin == -display.im_.norm.vmax
    middle = display.im_.cmap(0.5)[:3]
    assert max(middle) - min(middle) < 0.05
    label = display.colorbar_.ax.get_ylabel()
    assert label == "RMSE, ridge minus $trees_1$\n(positive: $trees_1$ better) [K]"
    title = display.axes_[0].get_title(loc="left")
    assert title.startswith("T_coolant [°C]")
    display.figure_.canvas.draw()


def test_cells_show_the_difference_its_interval_and_the_cycles(comparison) -> None:
    display = ComparisonHeatmapDisplay.from_comparison(comparison)
    table = comparison.by_regime
    shown = [
        float(text.get_text().replace("−", "-"))
        for k, texts in enumerate(display.texts_)
        for place, text in texts.items()
        if place not in display.hatches_[k]
    ]
    values = table.loc[table["evidence"], "rmse"]
    assert sorted(shown) == pytest.approx(sorted(values), abs=0.006)
    details = [d.get_text() for each in display.details_ for d in each.values()]
    assert any(" to " in text and "cyc" in text for text in details)


def test_bold_where_a_difference_is_shown_hatched_without_evidence(comparison) -> None:
    display = ComparisonHeatmapDisplay.from_comparison(comparison)
    table = comparison.by_regime
    weights = [t.get_fontweight() for texts in display.texts_ for t in texts.values()]
    assert weights.count("bold") == table["rmse_status"].isin(["a better", "b better"]).sum()
    assert 0 < weights.count("bold") < table["evidence"].sum()
    n_hatched = sum(len(hatches) for hatches in display.hatches_)
    cells = sum(len(texts) for texts in display.texts_)
    assert n_hatched == cells - table["evidence"].sum()
    legend = display.figure_.legends[0].get_texts()[0].get_text()
    assert legend == "no evidence: too few cycles. Bold: a difference is shown"


def test_of_r2_the_larger_is_better(comparison) -> None:
    display = ComparisonHeatmapDisplay.from_comparison(comparison, "r2")
    label = display.colorbar_.ax.get_ylabel()
    assert label == "R², ridge minus $trees_1$\n(positive: ridge better)"


def test_axes_and_options_are_taken(comparison) -> None:
    _, axes = plt.subplots(1, 3)
    display = ComparisonHeatmapDisplay.from_comparison(
        comparison, "p95", columns="T_m", rows="omega_m", panels="T_coolant", ax=axes, vmin=-2,
        vmax=2, colorbar=False, interval=False,
    )  # fmt: skip
    assert display.colorbar_ is None
    assert display.im_.norm.vmax == 2
    assert display.axes_[0].get_xlabel() == "T_m [N m]"
    assert not any(" to " in d.get_text() for each in display.details_ for d in each.values())


def test_what_cannot_be_drawn_is_refused(comparison) -> None:
    with pytest.raises(
        InvalidParameterError, match="metric must be one of bias, mae, rmse, p95, r"
    ):
        ComparisonHeatmapDisplay.from_comparison(comparison, "max")
    with pytest.raises(InvalidParameterError, match="must name each regime variable once"):
        ComparisonHeatmapDisplay.from_comparison(comparison, columns="T_m")
    bare = example_validation(regimes=None)
    with pytest.raises(InvalidParameterError, match="pass regimes= to validate"):
        ComparisonHeatmapDisplay.from_comparison(sp.compare(bare, bare, n_bootstrap=0))
