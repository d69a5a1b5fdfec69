"""IntegerModel: a fitted pipeline as an integer program, which predicts as its C does."""

from __future__ import annotations

import copy
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from signalprep import _doors
from signalprep._atomic import write_atomic
from signalprep.embedded.lowering._encoded import columns_of, encoded, raw_codes
from signalprep.embedded.lowering._format import Format
from signalprep.embedded.lowering._options import Bits, Options
from signalprep.embedded.lowering._saturated import asked_for, cut_off, places
from signalprep.embedded.program import (
    STATUS,
    Cost,
    Memory,
    Program,
    Proof,
    advance,
    bits_of,
    cost,
    from_json,
    print_c,
    prove,
    run,
    to_json,
)
from signalprep.errors import ReadError

__all__ = ["IntegerModel", "IntegerStream"]

FORMAT = 1  # of the files
_SHOWN = 6  # channels in a repr


class IntegerModel:
    """A fitted pipeline as an integer program. Made by :func:`~signalprep.embedded.lower`.

    It is the outcome of a fit and is not fitted or cloned itself.

    Attributes
    ----------
    program : Program
    formats : dict of {channel: Format}
    lsb_, offset_ : ndarray of shape (n_outputs,)
        An output is ``lsb_ * code + offset_``.
    classes_ : ndarray or None
        Of a classifier: what its code stands for.
    options : Options
        What was asked for.
    proof : Proof
    training_cycles_ : Index
        Ids of the cycles that the pipeline, or the ranges of the program, have learned from.
    sample_time_ : float or None
        Seconds from row to row that the pipeline was fitted for; a log at another rate is refused.
        None: it has no step that asks for a rate.
    """

    def __init__(
        self,
        program: Program,
        formats: dict[Any, Format],
        lsb: np.ndarray,
        offset: np.ndarray,
        classes: np.ndarray | None,
        options: Options,
        proof: Proof,
        training_cycles: pd.Index,
        sample_time: float | None,
    ) -> None:
        self.program, self.formats, self.options, self.proof = program, formats, options, proof
        self.lsb_, self.offset_, self.classes_ = lsb, offset, classes
        self.training_cycles_, self.sample_time_ = training_cycles, sample_time

    @property
    def formats_(self) -> pd.DataFrame:
        """Formats of the inputs, a row for each channel."""
        rows = {
            name: [one.lsb, one.offset, one.bits, one.signed, one.not_available, one.low, one.high]
            for name, one in self.formats.items()
        }
        columns = ["lsb", "offset", "bits", "signed", "not_available", "low", "high"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return table.rename_axis("channel")

    @property
    def proof_(self) -> pd.DataFrame:
        """What is proven: the range of the value of every op, and of the sums on the way to it."""
        rows = []
        for number, (op, value) in enumerate(zip(self.program.ops, self.proof.ranges, strict=True)):
            low, high = min(value.low.tolist()), max(value.high.tolist())
            sums = self.proof.sums.get(number)
            within = bits_of(low, high)
            if sums is not None:
                within = bits_of(min(sums.low.tolist()), max(sums.high.tolist()))
            rows.append(
                [op.label, type(op).__name__, op.size, low, high, bits_of(low, high), within]
            )
        columns = ["step", "op", "size", "low", "high", "bits", "sum_bits"]
        return pd.DataFrame(rows, columns=columns).rename_axis("number")

    @property
    def cost_(self) -> pd.DataFrame:
        """What every op costs on a controller, and all of them together.

        Bytes of tables and of the state are exact. Instructions of a row and bytes of code are
        bounds for gcc 12 at -O2 on a Cortex-M4.
        """
        found = self._cost
        table = pd.DataFrame(
            {
                "step": [op.label for op in self.program.ops],
                "op": [type(op).__name__ for op in self.program.ops],
                "macs": found.macs,
                "bops": found.bops,
                "instructions": found.instructions,
                "code": found.code,
                "tables": found.tables,
                "state": found.state,
            }
        )
        total = table.sum(numeric_only=True)
        table.loc["all"] = ["", "", *total]
        return table.rename_axis("number")

    @cached_property
    def _cost(self) -> Cost:
        return cost(self.program, self.proof, print_c(self.program, self.proof))

    def predict(self, X: Any, *, codes: bool = False) -> np.ndarray:
        """Predict every row.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log, or an array that is one recording, in the units of the channels.
        codes : bool, default=False
            Whether X holds raw codes instead.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the unit of the target, or classes.
        """
        return self._decoded(self.predict_codes(X, codes=codes))

    def predict_codes(self, X: Any, *, codes: bool = False) -> np.ndarray:
        """Predict every row, as the codes that the C gives.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `predict`.
        codes : bool, default=False
            As for `predict`.

        Returns
        -------
        y : int64 ndarray of shape (n_samples, n_outputs)
        """
        return self._run(X, codes)["y"]

    def status(self, X: Any, *, codes: bool = False) -> np.ndarray:
        """What the C returns for every row: the sum of the bits of `STATUS_WORDS` that hold.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `predict`.
        codes : bool, default=False
            As for `predict`.

        Returns
        -------
        status : int64 ndarray of shape (n_samples,)
        """
        return self._run(X, codes)[STATUS][:, 0]

    def saturations(self, X: Any, *, codes: bool = False) -> pd.DataFrame:
        """Where limits cut off what is meant, by more than a code: inputs, layers, outputs.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `predict`.
        codes : bool, default=False
            As for `predict`.

        Returns
        -------
        saturated : DataFrame of bool, of shape (n_samples, n_places)
            With the index of X. A column for each place: step and channel (of a layer: its unit).
        """
        table = columns_of(self.formats, X)
        raw, bounds = encoded(self.formats, X, codes=codes, doubts=False, **self._asks)
        ends = [
            (raw[:, k] < one.low) | (raw[:, k] > one.high) if codes else one.beyond(table[:, k])
            for k, one in enumerate(self.formats.values())
        ]
        found = np.column_stack([*ends, cut_off(self.program, raw, bounds)])
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(found, index=index, columns=places(self.program, self.formats))

    def asked_for(self, X: Any) -> Iterator[tuple[int, int, np.ndarray]]:
        """What each place of `saturations` is asked to hold, in codes.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            In the units of the channels.

        Yields
        ------
        low, high : int
            The least and the greatest code that it has.
        numbers : ndarray
            Those that it would give without, in the rows in which it runs.
        """
        table = columns_of(self.formats, X)
        for one, values in zip(self.formats.values(), table.T, strict=True):
            numbers = np.floor((np.asarray(values, dtype=np.float64) - one.offset) / one.lsb + 0.5)
            yield one.low, one.high, numbers[~np.isnan(numbers)]
        found = encoded(self.formats, X, doubts=False, **self._asks)
        yield from asked_for(self.program, *found)

    @property
    def _asks(self) -> dict[str, Any]:
        """What a log must be like."""
        return {"sample_time": self.sample_time_, "remembers": self.program.remembers}

    def _run(self, X: Any, codes: bool) -> dict[str, np.ndarray]:
        found = encoded(self.formats, X, codes=codes, **self._asks)
        return run(self.program, *found)

    def _decoded(self, found: np.ndarray) -> np.ndarray:
        if self.classes_ is not None:
            return self.classes_[found[:, 0]]
        values = found * self.lsb_ + self.offset_
        return values[:, 0] if values.shape[1] == 1 else values

    def plot(self, *, detail: str | None = None, ax: Any = None) -> _doors.plotting.ProgramDisplay:
        """Draw the program: ops or steps as boxes, formats on the lines.

        Parameters
        ----------
        detail : {"steps", "ops"}, default=None
            What a box stands for. None: an op, where there are few enough to be read.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : ProgramDisplay
        """
        return _doors.plotting.ProgramDisplay.from_model(self, detail=detail, ax=ax)

    def to_json(self) -> dict[str, Any]:
        """Everything that it is, as what ``json.dumps`` takes.

        Returns
        -------
        contents : dict
            ``format``, ``program`` (of ``program.PROGRAM_SCHEMA``), ``formats``, ``outputs``,
            ``options``, ``training_cycles``, ``sample_time``. The same model gives the same bytes.
        """
        classes = None if self.classes_ is None else self.classes_.tolist()
        return {
            "format": FORMAT,
            "program": to_json(self.program),
            "formats": [{"channel": name, **asdict(one)} for name, one in self.formats.items()],
            "outputs": {
                "lsb": self.lsb_.tolist(),
                "offset": self.offset_.tolist(),
                "classes": classes,
            },
            "options": self.options.to_json(),
            "training_cycles": [
                cycle if isinstance(cycle, str | int | float) else str(cycle)
                for cycle in self.training_cycles_.tolist()
            ],
            "sample_time": self.sample_time_,
        }

    @classmethod
    def from_json(cls, contents: Any) -> IntegerModel:
        """The model of JSON. Its program is proven anew; nothing that it holds is run.

        Parameters
        ----------
        contents : dict
            As `to_json` gives it.

        Returns
        -------
        model : IntegerModel

        Raises
        ------
        ReadError
            It is no integer model of this format, it is damaged, or it cannot be proven.
        """
        if not isinstance(contents, dict) or contents.get("format") != FORMAT:
            raise ReadError(f"this is no integer model of format {FORMAT}")
        program = from_json(contents.get("program"))
        try:
            formats = {}
            for one in contents["formats"]:
                given = dict(one)
                name = given.pop("channel")
                formats[name] = Format(**given)
            outputs = contents["outputs"]
            lsb, offset = (np.array(outputs[name], dtype=float) for name in ("lsb", "offset"))
            if not len(lsb) == len(offset) == program.ops[program.outputs["y"]].size:
                raise ValueError("it does not say what its outputs stand for")
            if len(formats) != len(program.inputs):
                raise ValueError("it has not a format for every channel")
            classes = None if outputs["classes"] is None else np.array(outputs["classes"])
            options = Options.from_json(contents["options"])
            cycles = pd.Index(contents["training_cycles"])
            every = contents["sample_time"]
            if every is not None and not 0 < float(every) < math.inf:
                raise ValueError(f"sample_time must be above 0; it is {every!r}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReadError(f"the integer model is damaged: {error}") from None
        proof = prove(program)
        return cls(program, formats, lsb, offset, classes, options, proof, cycles, every)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file of JSON; replaced in one step.

        Parameters
        ----------
        path : path-like
        """
        write_atomic(path, json.dumps(self.to_json(), separators=(",", ":"), allow_nan=False))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> IntegerModel:
        """Read what `save` has written.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        model : IntegerModel

        Raises
        ------
        ReadError
            No file, or what `from_json` refuses.
        """
        try:
            with open(path, encoding="utf-8") as file:
                contents = json.load(file)
        except (OSError, ValueError, RecursionError) as error:
            raise ReadError(f"{os.fspath(path)!r} cannot be read: {error}") from None
        try:
            return cls.from_json(contents)
        except ReadError as error:
            raise ReadError(f"{os.fspath(path)!r}: {error}") from None

    def stream(self) -> IntegerStream:
        """Run it row by row, as the controller does.

        Returns
        -------
        stream : IntegerStream
        """
        return IntegerStream(self)

    def __repr__(self) -> str:
        own = (STATUS, "input")
        steps = dict.fromkeys(op.label for op in self.program.ops if op.label not in own)
        found = self._cost
        shown = [*self.formats.items()][:_SHOWN]
        words = [f"{name} {one.bits} bits of {one.lsb:.4g}" for name, one in shown]
        more = len(self.formats) - len(shown)
        inputs = ", ".join([*words, *([f"{more} more"] if more else [])])
        return (
            f"IntegerModel({len(self.formats)} channels -> {' -> '.join(steps)})\n"
            f"  {inputs}\n"
            f"  weights {_bits(self.options.weight_bits)}, activations "
            f"{_bits(self.options.activation_bits)}\n"
            f"  at most {found.flash} B flash, {found.stack} B stack and "
            f"{int(found.instructions.sum())} instructions a row; {found.ram} B RAM"
        )


def _bits(bits: Bits) -> str:
    """How many, in words."""
    if not isinstance(bits, Mapping):
        return f"{bits} bits"
    return ", ".join(f"layer {layer} {one}" for layer, one in bits.items()) + " bits"


class IntegerStream:
    """An integer program that takes one row, or some, at a time.

    Made by :meth:`IntegerModel.stream`. Call `reset` before the first row of another segment.

    Parameters
    ----------
    model : IntegerModel
    """

    def __init__(self, model: IntegerModel) -> None:
        self._model = model
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._memory: Memory = {}

    def remember(self) -> Memory:
        """A copy of what it knows of the rows so far, for `recall`.

        Returns
        -------
        memory : dict
        """
        return copy.deepcopy(self._memory)

    def recall(self, memory: Memory) -> None:
        """Go on from what `remember` gave.

        Parameters
        ----------
        memory : dict
        """
        self._memory = copy.deepcopy(memory)

    def push(self, rows: Any, *, codes: bool = False) -> np.ndarray:
        """Predict the next row or rows.

        Parameters
        ----------
        rows : mapping, Series, DataFrame, or array of shape (n_channels,) or (n_rows, n_channels)
            In the units of the channels.
        codes : bool, default=False
            Whether they are raw codes instead.

        Returns
        -------
        y : ndarray
            As `predict` gives it, of the rows pushed.
        """
        if isinstance(rows, Mapping | pd.Series):
            rows = pd.DataFrame([dict(rows)])
        table = rows if isinstance(rows, pd.DataFrame) else np.atleast_2d(np.asarray(rows))
        raw = raw_codes(self._model.formats, columns_of(self._model.formats, table), codes)
        bounds = np.array([0, len(raw)])
        return self._model._decoded(advance(self._model.program, raw, bounds, self._memory)["y"])
