"""The picture of an integer program shows every op, or every step, and what goes between them."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.embedded import Format, IntegerModel, lower


@pytest.fixture(scope="module")
def model() -> IntegerModel:
    log = sp.datasets.simulate_pmsm(n_cycles=2, rate=0.5, random_state=0)
    X, y = log[["i_d", "i_q", "T_coolant"]], log["T_pm"]
    steps = (sp.PhysicalLimits({"T_coolant": (-40.0, 120.0)}), sp.Scaler(), Ridge())
    formats = {"i_d": Format(0.05), "i_q": Format(0.05), "T_coolant": Format(0.01)}
    return lower(sp.make_pipeline(*steps).fit(X, y), formats)


def test_every_op_but_constants_is_a_box(model: IntegerModel) -> None:
    display = model.plot()
    ops = [op for op in model.program.ops if type(op).__name__ != "Const"]
    assert len(display.text_) == len(ops)
    said = {text.get_text().splitlines()[0] for text in display.text_}
    assert said == {type(op).__name__ for op in ops}
    assert {"3 x 16 bit"} <= set(display.lines.values())
    places = {(box[2], box[3]) for box in display.boxes.values()}
    assert len(places) == len(display.boxes)  # none hides another
    plt.close(display.figure_)


def test_a_step_is_a_box(model: IntegerModel) -> None:
    display = model.plot(detail="steps")
    said = [text.get_text().splitlines()[0] for text in display.text_]
    assert said == ["input", "physicallimits", "ridge"]
    assert display.lines["input", "physicallimits"] == "3 x 16 bit"
    plt.close(display.figure_)


def test_it_draws_where_it_is_told_to(model: IntegerModel) -> None:
    figure, ax = plt.subplots()
    assert model.plot(ax=ax).ax_ is ax
    plt.close(figure)
    with pytest.raises(sp.errors.InvalidParameterError, match="'steps', 'ops'"):
        model.plot(detail="all")
