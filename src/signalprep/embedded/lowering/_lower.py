"""lower: a fitted pipeline as an integer program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from signalprep.embedded.lowering import (  # noqa: F401  register
    _at_rate,
    _binner,
    _clarke,
    _constants,
    _exponential,
    _forests,
    _hampel,
    _highpass,
    _kalman,
    _limits,
    _linear,
    _linear_classifiers,
    _networks,
    _park,
    _per_regime,
    _projections,
    _recurrent,
    _savgol,
    _scalers,
    _selectors,
    _targets,
    _wrappers,
)
from signalprep.embedded.lowering._calibration import Calibration
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._encoded import encoded
from signalprep.embedded.lowering._fold import lowered
from signalprep.embedded.lowering._format import Format
from signalprep.embedded.lowering._integer_model import IntegerModel
from signalprep.embedded.lowering._options import Bits, Options, check_options, check_ranges
from signalprep.embedded.lowering._status import SATURATED, UNAVAILABLE, UNKNOWN, WARMING
from signalprep.embedded.program import STATUS, Builder, Value, prove
from signalprep.errors import InvalidParameterError
from signalprep.flow import inside, reach, tree, walk
from signalprep.log import to_samples

__all__ = ["lower"]


def lower(
    fitted: Any,
    formats: Mapping[Any, Format],
    *,
    calibration: Any = None,
    ranges: str = "minmax",
    calibration_rows: Any = None,
    random_state: Any = None,
    weight_bits: Bits = 8,
    activation_bits: Bits = 16,
    state_bits: int = 16,
    granularity: str = "channel",
    power_of_two: bool = False,
    output_format: Format | None = None,
    warm_up: int | str | None = None,
) -> IntegerModel:
    """Turn a fitted causal pipeline, filters and model together, into an integer program.

    Parameters
    ----------
    fitted : estimator
        A fitted pipeline or model. What of it has no integer form is refused by its name.
    formats : dict {channel: Format}
        How the raw codes of each channel stand for its values.
    calibration : DataFrame or array of shape (n_samples, n_channels), default=None
        A log of training cycles, in the units of the channels. What passes between the layers of a
        network is given the range that it has over these rows; None: the range that it is proven
        never to leave.
    ranges : {"minmax", "percentile", "mse"}, default="minmax"
        What is made of those rows: from the least to the greatest, the central 99.9 %, or what
        gives the least squared error. What is beyond saturates.
    calibration_rows : int or array of int, default=None
        How many of them, drawn at random, the ranges are made of, or the positions of those. None:
        all. Filters see every row in any case.
    random_state : int, RandomState instance or None, default=None
        Of that draw.
    weight_bits : int or dict, default=8
        Of the weights of networks, from 2 (-1, 0 and 1) to 16; or {layer: bits}, layers 1, 2, ...
        from the input, -1, -2, ... from the output, "other" for those not named (8 without it).
        Linear models keep 32 bits.
    activation_bits : int or dict, default=16
        Of what enters the layers of networks, from 4 to 16; or {layer: bits}.
    state_bits : int, default=16
        Of the states of recurrent networks, from 8 to 24; slow units need more than 8.
    granularity : {"channel", "tensor"}, default="channel"
        Whether the weights of each output of a layer have a step of their own, or all of them one.
    power_of_two : bool, default=False
        Whether the steps of weights and of what passes between layers are powers of two, with the
        code 0 for 0 (Qm.n).
    output_format : Format, default=None
        Codes that a regressor is to give; what is beyond saturates. None: its sums as they are.
    warm_up : int or str, default=None
        For how many rows, or how long ("10min"), after a reset the status says that the model is
        warming up. None: as many rows as its filters remember (``memory_``).

    Returns
    -------
    model : IntegerModel
        Predicts as the C that it is exported to, to the last bit.

    Raises
    ------
    LoweringError
        A step has no integer form. Names it and says why.
    ProofError
        A sum or a state could need more bits than there are. Names step, sum and bits.
    InvalidParameterError
        No estimator, a channel without a format, a format without a channel, or bits that cannot
        be.
    sklearn.exceptions.NotFittedError
        A step is not fitted.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> from signalprep.embedded import Format, lower
    >>> log = sp.as_log(np.arange(12.0).reshape(-1, 2), rate=10.0)
    >>> model = Ridge().fit(log, log["x0"])
    >>> integer = lower(model, {"x0": Format(0.001), "x1": Format(0.001)})
    >>> bool(np.abs(integer.predict(log) - model.predict(log)).max() < 1e-6)
    True
    """
    _check_model(fitted)
    options = Options(weight_bits, activation_bits, state_bits, granularity, ranges, power_of_two)
    check_options(options)
    check_ranges("ranges", ranges)
    names = _names(fitted)
    chosen = _formats(names, formats)
    builder = Builder(names, max(one.container for one in chosen.values()))
    every = _sample_time(fitted)
    known = None
    if calibration is not None:
        holds = any(one.not_available is not None for one in chosen.values())
        remembers = holds or reach(fitted).memory > 0
        rows = encoded(chosen, calibration, sample_time=every, remembers=remembers)
        known = Calibration(*rows, ranges, _drawn(len(rows[0]), calibration_rows, random_state))
    elif ranges != "minmax":
        raise InvalidParameterError(
            f"ranges={ranges!r} is made of rows; give calibration a log of training cycles"
        )
    context = Context(builder, options, known)
    inputs, flags = _inputs(context, chosen)
    seen = None if known is None else _unknown(context, inputs)
    node = tree(fitted)
    with context.inside(inside("", node)):
        outputs = lowered(node, context, inputs)
    if output_format is not None:
        builder.label = "output"
        outputs = _in_format(context, outputs, output_format)
    builder.label = STATUS
    flags |= {UNKNOWN: seen} if seen is not None else {}
    cold = reach(fitted).memory if warm_up is None else _rows_of(fitted, warm_up)
    if cold > 0:
        flags[WARMING] = builder.flag(builder.count(cold + 1), "<", builder.const(cold + 1))
    program = builder.build(y=outputs.value, **{STATUS: _status(builder, flags)})
    return IntegerModel(
        program, chosen, outputs.lsb, outputs.offset, outputs.classes, options, prove(program),
        _training_cycles(fitted, calibration), every,
    )  # fmt: skip


def _check_model(fitted: Any) -> None:
    """Raise unless it is a fitted estimator."""
    if isinstance(fitted, type) or not hasattr(fitted, "fit"):
        found = f"the class {fitted.__name__}" if isinstance(fitted, type) else repr(fitted)[:60]
        raise InvalidParameterError(
            f"fitted must be a fitted pipeline or model; got {found}: fit an instance on a log"
        )
    check_is_fitted(fitted)


def _drawn(n_rows: int, wanted: Any, random_state: Any) -> np.ndarray | None:
    """Positions of the rows that ranges are made of; None: all."""
    if wanted is None:
        return None
    if isinstance(wanted, np.ndarray):
        return wanted
    if isinstance(wanted, bool) or not isinstance(wanted, int | np.integer) or wanted < 1:
        raise InvalidParameterError(
            f"calibration_rows must be an int above 0, or an array of positions; got {wanted!r}"
        )
    if wanted >= n_rows:
        return None
    drawn = check_random_state(random_state).permutation(n_rows)[:wanted]
    return np.asarray(np.sort(drawn))


def _in_format(context: Context, outputs: Channels, one: Any) -> Channels:
    """Outputs as codes of a format."""
    if not isinstance(one, Format):
        raise InvalidParameterError(f"output_format must be a Format; got {type(one).__name__}")
    if outputs.classes is not None:
        raise InvalidParameterError("output_format is for regressors; a classifier gives classes")
    builder = context.builder
    away = (outputs.offset - one.offset) / one.lsb
    zero = np.round(away).astype(np.int64)
    rest = np.round((away - zero) * one.lsb / outputs.lsb).astype(np.int64)
    value = context.rescaled(
        builder.add(outputs.value, builder.const(rest)), outputs.lsb / one.lsb,
        zero=zero, low=one.low, high=one.high, names=outputs.names,
    )  # fmt: skip
    return outputs.made(value, lsb=one.lsb, offset=one.offset)


def _rows_of(fitted: Any, warm_up: int | str) -> int:
    """The rows of a warm-up."""
    if isinstance(warm_up, int | np.integer) and not isinstance(warm_up, bool) and warm_up >= 0:
        return int(warm_up)
    return to_samples(warm_up, _sample_time(fitted), "warm_up")


def _sample_time(fitted: Any) -> float | None:
    """Seconds from row to row of the log that it was fitted on, where a step has asked."""
    known = (getattr(part, "sample_time_", None) for _, part in walk(fitted))
    return next((float(dt) for dt in known if dt is not None), None)


def _names(fitted: Any) -> list[Any]:
    """Names of the raw channels."""
    for _, part in walk(fitted):
        if hasattr(part, "feature_names_in_"):
            return list(part.feature_names_in_)
    for _, part in walk(fitted):
        if hasattr(part, "n_features_in_"):
            return [f"x{k}" for k in range(part.n_features_in_)]
    raise InvalidParameterError(
        f"{type(fitted).__name__} does not say which channels it was fitted on; fit it on a log"
    )


def _formats(names: list[Any], formats: Mapping[Any, Format]) -> dict[Any, Format]:
    """The format of each channel, in the order of a row."""
    if not isinstance(formats, Mapping):
        raise InvalidParameterError(f"formats must be a dict of channel: Format; got {formats!r}")
    missing = [name for name in names if name not in formats]
    extra = [name for name in formats if name not in names]
    if missing or extra:
        raise InvalidParameterError(
            "formats must name the channels that the pipeline was fitted on"
            + (f"; it has none for {', '.join(map(repr, missing))}" if missing else "")
            + (f"; there is no channel {', '.join(map(repr, extra))}" if extra else "")
        )
    for name in names:
        if not isinstance(formats[name], Format):
            raise InvalidParameterError(
                f"formats[{name!r}] must be a Format; got {type(formats[name]).__name__}"
            )
    return {name: formats[name] for name in names}


def _inputs(context: Context, formats: dict[Any, Format]) -> tuple[Channels, dict[int, Value]]:
    """The raw channels within their formats, with what is not available held."""
    builder, raw = context.builder, context.builder.raw
    low = np.array([one.low for one in formats.values()])
    high = np.array([one.high for one in formats.values()])
    flags: dict[int, Value] = {}
    value, zero = raw, builder.const(0)
    bits = max(one.container for one in formats.values())
    if (low > -(1 << (bits - 1))).any() or (high < (1 << (bits - 1)) - 1).any():
        value = builder.clamp(raw, low, high)
        same = builder.flag(value, "==", raw)
        flags[SATURATED] = _any(builder, builder.select(same, "==", zero, builder.const(1), zero))
    codes = [one.not_available for one in formats.values()]
    if any(code is not None for code in codes):
        # a code outside the container never comes
        absent = builder.const([1 << bits if code is None else code for code in codes])
        known = builder.select(raw, "==", absent, zero, builder.const(1))
        start = np.clip(0, low, high)
        value = builder.hold(value, known, start)
        flags[UNAVAILABLE] = _any(
            builder, builder.select(known, "==", zero, builder.const(1), zero)
        )
    lsb = np.array([one.lsb for one in formats.values()])
    offset = np.array([one.offset for one in formats.values()])
    names = tuple(map(str, formats))
    return Channels(value, names, lsb, offset, (None,) * len(names)), flags


def _any(builder: Builder, flags: Value) -> Value:
    """1 where any of the flags is."""
    total = builder.dot(flags, np.ones((1, flags.size), dtype=np.int64))
    return builder.flag(builder.const(1), "<=", total)


def _unknown(context: Context, inputs: Channels) -> Value:
    """1 where an input is beyond what the calibration rows hold."""
    builder = context.builder
    low, high = context.span(inputs.value)
    inside = builder.clamp(inputs.value, low, high)
    zero, one = builder.const(0), builder.const(1)
    return _any(builder, builder.select(inside, "==", inputs.value, zero, one))


def _status(builder: Builder, flags: dict[int, Value]) -> Value:
    """The flags as bits of one number."""
    if not flags:
        return builder.const(0)
    bits = builder.gather(*((flag, None) for flag in flags.values()))
    return builder.dot(bits, np.array([list(flags)]))


def _training_cycles(fitted: Any, calibration: Any) -> pd.Index:
    """Ids of the cycles that the pipeline or the ranges have learned from."""
    cycles = [
        part.cycles_
        for _, part in walk(fitted)
        if isinstance(getattr(part, "cycles_", None), pd.Index)
    ]
    if isinstance(calibration, pd.DataFrame) and isinstance(calibration.index, pd.MultiIndex):
        cycles.append(calibration.index.get_level_values(0).unique())
    found = pd.Index([])
    for some in cycles:
        found = some if len(found) == 0 else found.append(some[~some.isin(found)])
    return found
