"""QuantizedRegressor: a pipeline fitted in float that predicts in integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import RegressorMixin
from sklearn.linear_model import Ridge

from signalprep.embedded.lowering import Bits, Format
from signalprep.embedded.quantize._quantized import Quantized
from signalprep.errors import InvalidParameterError
from signalprep.flow import Handed, handed, tree
from signalprep.metrics import require_regressor, task_of

__all__ = ["QuantizedRegressor"]


class QuantizedRegressor(RegressorMixin, Quantized):
    """A regressor or pipeline, fitted in float, that predicts in integers as its C does.

    `fit` fits the estimator on the training rows, then lowers it: see :func:`embedded.lower`, whose
    steps and models can stand here. What it predicts is what a controller will, to the last bit, so
    ``validate``, ``compare`` and searches tell what few bits cost.

    Parameters
    ----------
    estimator : regressor or pipeline, default=None
        Cloned. None is ``Ridge()``.
    weight_bits : int or dict, default=8
        Of the weights of networks, from 2 (-1, 0 and 1) to 16; or {layer: bits}, layers 1, 2, ...
        from the input, -1, -2, ... from the output, "other" for those not named (8 without it).
        Symmetric, without the most negative code. Up to 4 bits, the step is that of the least
        squared error. Linear models keep 32 bits, trees are exact.
    activation_bits : int or dict, default=8
        Of what enters the layers of networks, from 4 to 16; or {layer: bits}, as for weights.
    state_bits : int, default=16
        Of the states of recurrent networks, from 8 to 24.
    granularity : {"channel", "tensor"}, default="channel"
        Whether the weights of each output of a layer have a step of their own, or all of them one.
    calibration : {"minmax", "percentile", "mse"}, default="minmax"
        What is made of the values that training rows give between layers: from the least to the
        greatest, the central 99.9 %, or what gives the least squared error. What is beyond
        saturates. Of more than 100,000 rows so many are drawn at random.
    input_formats : dict {channel: Format}, default=None
        How raw codes stand for the values of the channels. None: 16 bits, signed, over the range of
        the training rows widened by a quarter; ``integer_`` shows them.
    output_format : Format, default=None
        Codes of the prediction. None: the sums of the last layer as they are.
    power_of_two : bool, default=False
        Whether steps of weights and activations are powers of two about 0 (Qm.n).
    regimes : RegimeBinner or dict of bins, default=None
        Operating map by whose cells `calibration_` tells what is cut off.
    random_state : int, RandomState instance or None, default=None
        Of the draw of rows.

    Attributes
    ----------
    estimator_ : estimator
        The fitted float pipeline.
    integer_ : IntegerModel
        Its integers: ``formats_``, ``proof_``, ``cost_``, to be exported with ``export_c``.
    calibration_ : CalibrationReport
        Ranges, histograms and saturation over the training rows, in total and by regime.
    cycles_ : Index
        Cycles that it has learned from.
    lookahead_, memory_, delay_ : int
        Those of the estimator.

    Raises
    ------
    LoweringError
        A step has no integer form. Names it and says why.
    ProofError
        A sum could need more bits than there are.
    InvalidParameterError
        A parameter out of its range, a classifier, or ``calibration="dynamic"``: ranges that are
        made while it runs cannot be proven.
    LostIndexError
        Fitted on a log, but `predict` gets data without the (cycle, time) index.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.neural_network import MLPRegressor
    >>> from signalprep.embedded import QuantizedRegressor
    >>> X = np.random.default_rng(0).normal(size=(400, 2))
    >>> y = X[:, 0] * X[:, 1]
    >>> network = MLPRegressor(hidden_layer_sizes=(16,), max_iter=300, tol=1e-2, random_state=0)
    >>> model = QuantizedRegressor(sp.make_pipeline(sp.Scaler(), network)).fit(X, y)
    >>> off = model.predict(X) - model.estimator_.predict(X)
    >>> bool(np.abs(off).max() < 0.1)
    True
    """

    _default = Ridge

    def __init__(
        self,
        estimator: Any = None,
        weight_bits: Bits = 8,
        activation_bits: Bits = 8,
        state_bits: int = 16,
        granularity: str = "channel",
        calibration: str = "minmax",
        input_formats: Mapping[Any, Format] | None = None,
        output_format: Format | None = None,
        power_of_two: bool = False,
        regimes: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.weight_bits = weight_bits
        self.activation_bits = activation_bits
        self.state_bits = state_bits
        self.granularity = granularity
        self.calibration = calibration
        self.input_formats = input_formats
        self.output_format = output_format
        self.power_of_two = power_of_two
        self.regimes = regimes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuantizedRegressor:
        """Fit the pipeline, then make integers of it.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or an array that is one recording.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row in the fit, at least 0. Ranges are made of rows that weigh anything,
            all alike.

        Returns
        -------
        self : QuantizedRegressor
        """
        inner = self._prototype()
        require_regressor(inner)
        if task_of(inner) is None:
            raise InvalidParameterError(
                f"estimator must be a regressor; got {type(inner).__name__}, which predicts "
                "nothing. signalprep.embedded.lower takes steps without a model, too"
            )
        self._fit(X, y, sample_weight, inner, y_numeric=True, multi_output=True)
        return self


@tree.register
def _(estimator: QuantizedRegressor) -> Handed:
    return handed(estimator, "estimator", Ridge)
