from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from example_validation import binned, example_labels, example_rows, example_validation
from signalprep import RegimeHeatmapDisplay
from signalprep.errors import InvalidParameterError
from signalprep.layout import colour_scale
from signalprep.metrics import METRICS, regime_metrics
from signalprep.plotting._cell_colours import cell_colours
from signalprep.wording import WEAK


@pytest.fixture(scope="module")
def validation():
    return example_validation()


def test_three_variables_give_a_map_for_each_label_of_the_third(validation) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation)
    assert display.ax_ is None
    titles = [ax.get_title(loc="left") for ax in display.axes_]
    assert titles == [f"T_coolant [°C]: {label}" for label in ("[15, 35)", "[35, 60)", "[60, 85]")]
    assert display.axes_[0].get_xlabel() == "omega_m [rpm]"
    assert display.axes_[0].get_ylabel() == "T_m [N m]"
    assert display.colorbar_.ax.get_ylabel() == "RMSE [K]"
    assert len({mesh.norm.vmax for mesh in display.meshes_}) == 1


def test_cells_show_value_interval_and_cycles(validation) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation, columns="omega_m", rows="T_m")
    labels = validation.regimes[["omega_m", "T_m"]]
    predictions = validation.predictions
    truth, prediction = predictions["truth"], predictions["prediction"]
    n_bootstrap = validation.settings["n_bootstrap"]
    table = regime_metrics(truth, prediction, labels, n_bootstrap=n_bootstrap)
    cell = table.loc[("[1000, 2500)", "[0, 50)")]
    below = [
        "below" in [text.get_text() for text in labels]
        for labels in (display.ax_.get_yticklabels(), display.ax_.get_xticklabels())
    ]
    row, column = 1 + below[0], 1 + below[1]
    assert float(display.texts_[0][row, column].get_text()) == pytest.approx(cell["rmse"], abs=0.01)
    interval, cycles = display.details_[0][row, column].get_text().split("\n")
    low, high = map(float, interval.split("–"))
    assert low == pytest.approx(cell["rmse_low"], abs=0.01)
    assert high == pytest.approx(cell["rmse_high"], abs=0.01)
    assert cycles == f"{cell['n_cycles']} cycles"


def test_cells_without_evidence_are_hatched_and_not_coloured(validation) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation)
    evidence = validation.by_regime["evidence"]
    assert 0 < evidence.sum() < len(evidence)
    coloured = sum(int(mesh.get_array().count()) for mesh in display.meshes_)
    assert coloured == evidence.sum()
    cells = sum(len(texts) for texts in display.texts_)
    hatches = [patch for hatches in display.hatches_ for patch in hatches.values()]
    assert len(hatches) == cells - evidence.sum()
    assert all(patch.get_hatch() for patch in hatches)
    counts = {
        display.texts_[k][place].get_text().split()[0]
        for k, hatched in enumerate(display.hatches_)
        for place in hatched
    }
    assert counts <= {"0", "1", "2"}


@pytest.mark.parametrize("metric", ["rmse", "p95", "bias", "max"])
def test_cells_are_faded_where_the_metric_shown_is_weak(validation, metric: str) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation, metric)
    weak = METRICS[metric].weak_in(validation.by_regime)
    assert weak.any() == (metric in {"rmse", "p95"})
    patches = [patch for found in display.weak_ for patch in found.values()]
    assert len(patches) == weak.sum()
    hatches = {patch.get_hatch() for found in display.hatches_ for patch in found.values()}
    assert not hatches & {patch.get_hatch() for patch in patches}
    assert len({patch.get_facecolor() for patch in patches}) > 1 or not weak.any()
    (legend,) = display.figure_.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said == [display.hatch_text, WEAK][: 1 + weak.any()]


@pytest.mark.parametrize("metric", ["bias", "rmse"])
def test_text_can_be_read_on_its_cell(validation, metric: str) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation, metric)

    def luminance(rgb):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    display.figure_.canvas.draw()
    drawn = zip(display.meshes_, display.texts_, display.hatches_, display.weak_, strict=True)
    for mesh, texts, hatches, weak in drawn:
        faces = {
            (round(np.mean(path.vertices[:4, 0]), 6), round(np.mean(path.vertices[:4, 1]), 6)): face
            for path, face in zip(mesh.get_paths(), mesh.get_facecolors(), strict=True)
        }
        for place, text in texts.items():
            if place in hatches:
                continue
            behind = [faces[round(text.xy[0], 6), round(text.xy[1], 6)][:3]]
            if place in weak:
                behind = [weak[place].get_facecolor()[:3], weak[place].get_edgecolor()[:3]]
            for light, ink in (
                (luminance(face), luminance(to_rgb(text.get_color()))) for face in behind
            ):
                assert (max(light, ink) + 0.05) / (min(light, ink) + 0.05) >= 4.5


def test_ticks_lie_at_the_edges_and_outside_cells_apart() -> None:
    values = np.array([-1.0, 5.0, 15.0, 25.0, np.nan])
    labels = pd.DataFrame({"a": binned(values, [0, 10, 20])})
    display = RegimeHeatmapDisplay.from_predictions(
        np.zeros(5), np.ones(5), labels, cycles=range(5), min_cycles=1, n_bootstrap=0
    )
    ticks = dict(
        zip(
            [text.get_text() for text in display.ax_.get_xticklabels()],
            display.ax_.get_xticks(),
            strict=True,
        )
    )
    assert list(ticks) == ["0", "10", "20", "below", "above", "missing"]
    assert ticks["10"] - ticks["0"] == pytest.approx(1.0)
    assert ticks["0"] - ticks["below"] > 0.6
    assert ticks["above"] - ticks["20"] > 0.6
    assert ticks["missing"] - ticks["above"] == pytest.approx(1.0)


def test_bias_is_centred_at_zero(validation) -> None:
    display = RegimeHeatmapDisplay.from_validation(validation, "bias")
    assert display.im_.norm.vmin == -display.im_.norm.vmax
    middle = display.im_.cmap(0.5)[:3]
    assert max(middle) - min(middle) < 0.05
    shown = [text.get_text() for texts in display.texts_ for text in texts.values()]
    assert any(text.startswith("+") for text in shown)
    assert any(text.startswith("−") for text in shown)


@pytest.mark.parametrize("metric", ["rmse", "bias", "r2"])
def test_plots_and_page_colour_a_cell_alike(metric: str) -> None:
    scale = colour_scale(METRICS[metric], [-2.0, 7.0])
    colours = cell_colours(METRICS[metric], scale)
    for value in np.linspace(scale.low - 1.0, scale.high + 1.0, 997).tolist():
        drawn = colours.cmap(colours.norm(value))[:3]
        assert [round(255 * part) for part in drawn] == [
            round(255 * part) for part in scale.face(value)
        ]
        assert colours.ink(value) == scale.ink(value)


def test_unknown_colour_map_is_named(validation) -> None:
    with pytest.raises(InvalidParameterError, match="matplotlib colour map; got 'rainbows'"):
        RegimeHeatmapDisplay.from_validation(validation, cmap="rainbows")


def test_strips() -> None:
    rows = example_rows()
    labels = example_labels(rows, ("omega_m",))
    across = RegimeHeatmapDisplay.from_predictions(rows["truth"], rows["prediction"], labels)
    assert across.ax_.get_ylabel() == ""
    assert len(across.ax_.get_yticks()) == 0
    up = RegimeHeatmapDisplay.from_predictions(
        rows["truth"], rows["prediction"], labels, rows="omega_m"
    )
    assert up.ax_.get_xlabel() == ""
    assert up.ax_.get_ylabel() == "omega_m"


def test_strange_names_show_as_they_are() -> None:
    name = "$x_$ <script>"
    labels = pd.DataFrame({name: pd.Categorical(["$a$", "$a^", "$a$", "$a^"])})
    display = RegimeHeatmapDisplay.from_predictions(
        np.zeros(4), np.ones(4), labels, cycles=range(4), min_cycles=1, unit="$^", n_bootstrap=0
    )
    assert display.ax_.get_xlabel() == name
    assert not display.ax_.xaxis.label.get_parse_math()
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == ["$a$", "$a^"]
    display.figure_.canvas.draw()
    titled = RegimeHeatmapDisplay(display.table, panels=name).plot()
    titled.figure_.canvas.draw()


def test_long_names_are_cut() -> None:
    name = "a" * 80
    labels = pd.DataFrame({name: ["b" * 80, "c" * 80] * 2})
    display = RegimeHeatmapDisplay.from_predictions(
        np.zeros(4), np.ones(4), labels, cycles=range(4), n_bootstrap=0
    )
    assert len(display.ax_.get_xlabel()) < 50
    assert display.ax_.get_xlabel().endswith("…")


def test_large_maps_keep_texts_inside_their_cells() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    labels = pd.DataFrame(
        {
            "a": binned(rng.uniform(0, 20, n), list(range(21))),
            "b": binned(rng.uniform(0, 15, n), list(range(16))),
        }
    )
    display = RegimeHeatmapDisplay.from_predictions(
        np.zeros(n), rng.normal(size=n), labels, cycles=np.arange(n) // 500, n_bootstrap=20
    )
    figure = display.figure_
    figure.canvas.draw()
    box = display.ax_.get_window_extent()
    width, height = box.width / 20, box.height / 15
    for text in display.texts_[0].values():
        extent = text.get_window_extent()
        assert extent.width <= width
        assert extent.height <= height


def test_own_axes_are_used(validation) -> None:
    figure, axes = plt.subplots(1, 3)
    display = RegimeHeatmapDisplay.from_validation(validation, ax=axes, colorbar=False)
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes)
    assert display.colorbar_ is None
    with pytest.raises(InvalidParameterError, match="one axes for each of 3 maps; got 1"):
        RegimeHeatmapDisplay.from_validation(validation, ax=axes[0])


def test_more_than_three_variables_must_be_picked_from() -> None:
    rows = example_rows(n_cycles=4, n=60)
    labels = example_labels(rows).assign(speed=example_labels(rows)["omega_m"])
    with pytest.raises(InvalidParameterError, match=r"at most 3 .*got 4: pick some of 'omega_m'"):
        RegimeHeatmapDisplay.from_predictions(rows["truth"], rows["prediction"], labels)
    table = regime_metrics(rows["truth"], rows["prediction"], labels, n_bootstrap=0)
    with pytest.raises(InvalidParameterError, match="at most 3"):
        RegimeHeatmapDisplay(table).plot()
    display = RegimeHeatmapDisplay.from_predictions(
        rows["truth"], rows["prediction"], labels, columns="speed", n_bootstrap=0
    )
    assert display.ax_.get_xlabel() == "speed"


def test_naming_all_variables_keeps_the_table(validation) -> None:
    display = RegimeHeatmapDisplay.from_validation(
        validation, rows="omega_m", columns="T_coolant", panels="T_m"
    )
    assert display.table is validation.by_regime
    assert display.axes_[0].get_ylabel() == "omega_m [rpm]"


def test_wrong_requests_are_refused(validation) -> None:
    with pytest.raises(InvalidParameterError, match="made with regimes"):
        RegimeHeatmapDisplay.from_validation(example_validation(regimes=None))
    with pytest.raises(InvalidParameterError, match="got 'omega'"):
        RegimeHeatmapDisplay.from_validation(validation, columns="omega")
    with pytest.raises(InvalidParameterError, match="metric must be one of"):
        RegimeHeatmapDisplay.from_validation(validation, "rms")
