from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from signalprep.errors import InvalidParameterError
from signalprep.layout import colour_scale
from signalprep.metrics import METRICS


def luminance(rgb: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("metric", ["rmse", "bias", "r2", "share"])
def test_text_can_be_read_on_every_colour(metric: str) -> None:
    scale = colour_scale(METRICS[metric], [-2.0, 3.0])
    for value in np.linspace(scale.low, scale.high, 101):
        light = luminance(scale.face(value))
        text = 0.0 if scale.ink(value) == "black" else 1.0
        contrast = (max(light, text) + 0.05) / (min(light, text) + 0.05)
        assert contrast >= 4.5


@pytest.mark.parametrize("metric", ["rmse", "r2"])
def test_luminance_falls_as_the_model_gets_worse(metric: str) -> None:
    scale = colour_scale(METRICS[metric], [1.0])
    light = [luminance(scale.face(v)) for v in np.linspace(scale.low, scale.high, 50)]
    assert (np.diff(light) * (-1 if metric == "rmse" else 1) > 0).all()


def test_ends() -> None:
    sizes = colour_scale(METRICS["rmse"], [2.0, 5.0, math.nan])
    assert (sizes.low, sizes.high, sizes.extend()) == (0.0, 5.0, "neither")
    bias = colour_scale(METRICS["bias"], [-1.0, 4.0])
    assert (bias.low, bias.high) == (-4.0, 4.0)
    r2 = colour_scale(METRICS["r2"], [-3.0, 0.9])
    assert (r2.low, r2.high, r2.extend()) == (0.0, 1.0, "min")
    nothing = colour_scale(METRICS["rmse"], [])
    assert nothing.low < nothing.high


def test_given_ends_show_what_lies_beyond() -> None:
    assert colour_scale(METRICS["rmse"], [1.0, 9.0], low=2.0, high=5.0).extend() == "both"
    with pytest.raises(InvalidParameterError, match="vmin must be below vmax; got 5.0 and 2.0"):
        colour_scale(METRICS["rmse"], [1.0], low=5.0, high=2.0)


def test_no_drawing_library_is_loaded() -> None:
    code = (
        "import sys; from signalprep.layout import colour_scale; "
        "from signalprep.metrics import METRICS; "
        "colour_scale(METRICS['bias'], [1.0]).face(0.5); sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
