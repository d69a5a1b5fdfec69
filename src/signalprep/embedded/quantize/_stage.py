"""Stage of a quantized estimator: the integer program, its memory kept between rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep.embedded.lowering import IntegerStream
from signalprep.embedded.quantize._quantized import Quantized
from signalprep.streaming import Place, check_runs, open_stage


class IntegerStage:
    """A quantized estimator; `push` gives its predictions, one a sample.

    Parameters
    ----------
    model : QuantizedRegressor or QuantizedClassifier
        Fitted.
    place : Place
        Where it stands.
    """

    predicts = True

    def __init__(self, model: Any, place: Place) -> None:
        check_runs(model, place)
        self._model = model.integer_
        self.reset()

    def push(self, x: np.ndarray) -> np.ndarray:
        return self._stream.push(np.ascontiguousarray(x.T))

    def reset(self) -> None:
        self._stream = IntegerStream(self._model)

    def remember(self) -> Any:
        return self._stream.remember()

    def recall(self, memory: Any) -> None:
        self._stream.recall(memory)


@open_stage.register
def _(model: Quantized, place: Place) -> IntegerStage:
    return IntegerStage(model, place)
