"""Options: what `lower` is asked for, and of how many bits each layer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError

__all__ = ["CALIBRATIONS", "GRANULARITIES", "Bits", "Options", "check_options", "check_ranges"]

GRANULARITIES = ("channel", "tensor")
CALIBRATIONS = ("minmax", "percentile", "mse")
OTHER = "other"

Bits = int | Mapping[Any, int]
"""Of every layer alike, or {layer: bits}, as `lower` says."""

_DEFAULT = {"weight_bits": 8, "activation_bits": 16}
_LIMITS = {"weight_bits": (2, 16), "activation_bits": (4, 16), "state_bits": (8, 24)}


@dataclass(frozen=True)
class Options:
    """What `lower` was asked for.

    Attributes
    ----------
    weight_bits, activation_bits : int or dict
        Of every layer, or by layer.
    state_bits : int
    granularity : {"channel", "tensor"}
        Whether each output of a layer has a step of its weights, or all of them one.
    ranges : {"minmax", "percentile", "mse"}
        What is made of calibration rows.
    power_of_two : bool
        Whether steps of weights and of what passes between layers are powers of two, about 0.
    most_flash : int
        Bytes of the tables of one step.
    """

    weight_bits: Bits = 8
    activation_bits: Bits = 16
    state_bits: int = 16
    granularity: str = "channel"
    ranges: str = "minmax"
    power_of_two: bool = False
    most_flash: int = 65536

    def bits_of(self, name: str, layer: int, n_layers: int) -> int:
        """Bits of the weights of a layer, or of what enters it; layers count from 1."""
        bits = getattr(self, name)
        if isinstance(bits, Mapping):
            far = [one for one in bits if one != OTHER and abs(one) > n_layers]
            if far:
                raise InvalidParameterError(f"{name} names layer {far[0]}; there are {n_layers}")
            if layer in bits and layer - n_layers - 1 in bits:
                raise InvalidParameterError(
                    f"{name} names layer {layer} twice, as {layer} and {layer - n_layers - 1}; "
                    f"there are {n_layers}: leave one of them out"
                )
            other = bits.get(OTHER, _DEFAULT[name])
            return int(bits.get(layer, bits.get(layer - n_layers - 1, other)))
        return int(bits)

    def to_json(self) -> dict[str, Any]:
        """What ``json.dumps`` takes; layers as words."""
        return {
            name: {str(k): int(v) for k, v in one.items()}
            if isinstance(one, Mapping)
            else one.item()
            if isinstance(one, np.generic)
            else one
            for name, one in asdict(self).items()
        }

    @classmethod
    def from_json(cls, contents: dict[str, Any]) -> Options:
        """The options of JSON."""
        given: dict[str, Any] = {
            name: {_layer(k): int(v) for k, v in one.items()} if isinstance(one, dict) else one
            for name, one in contents.items()
        }
        return cls(**given)


def _layer(word: str) -> int | str:
    return word if word == OTHER else int(word)


def check_options(options: Options) -> None:
    """Raise for bits or words that cannot be."""
    for name, (low, high) in _LIMITS.items():
        bits = getattr(options, name)
        if name == "state_bits" or not isinstance(bits, Mapping):
            _check_bits(name, bits, low, high)
            continue
        for layer, one in bits.items():
            if layer != OTHER and (not _is_int(layer) or layer == 0):
                raise InvalidParameterError(
                    f"{name} must be an int or a dict of layers: 1, 2, ... from the input, -1, -2, "
                    f"... from the output, {OTHER!r} for those that it does not name; got {layer!r}"
                )
            _check_bits(f"{name}[{layer!r}]", one, low, high)
    if options.granularity not in GRANULARITIES:
        words = " or ".join(map(repr, GRANULARITIES))
        raise InvalidParameterError(f"granularity must be {words}; got {options.granularity!r}")
    if not isinstance(options.power_of_two, bool | np.bool_):
        raise InvalidParameterError(
            f"power_of_two must be True or False; got {options.power_of_two!r}"
        )


def check_ranges(name: str, ranges: Any) -> None:
    """Raise for a way to make ranges of rows that there is not."""
    known = isinstance(ranges, str)
    if known and ranges == "dynamic":
        raise InvalidParameterError(
            f"{name}='dynamic' takes the range of every row while it runs: that needs a division a "
            "row, its steps cannot be proven beforehand, and a row that saturates cannot be told "
            f"from one that does not. {name} must be one of {', '.join(map(repr, CALIBRATIONS))}"
        )
    if not known or ranges not in CALIBRATIONS:
        raise InvalidParameterError(
            f"{name} must be one of {', '.join(map(repr, CALIBRATIONS))}; got {ranges!r}"
        )


def _is_int(number: Any) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _check_bits(name: str, bits: Any, low: int, high: int) -> None:
    if not _is_int(bits) or not low <= bits <= high:
        raise InvalidParameterError(f"{name} must be an int from {low} to {high}; got {bits!r}")
