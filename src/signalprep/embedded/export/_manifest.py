"""The manifest: what an exported folder holds, for a program to read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np

from signalprep._version import __version__
from signalprep.embedded.export._source import outputs_of, raw_type
from signalprep.embedded.lowering import STATUS_WORDS, IntegerModel
from signalprep.embedded.program import Cost, Program, Proof

__all__ = ["COMPILER", "FAIL", "manifest", "manifest_schema"]

VERSION = "1.0"
"""Of the manifest: major.minor."""
COMPILER = "gcc 12 -O2, Cortex-M4"
"""What the bounds of instructions, code and stack are for."""
FAIL = "fail"
"""Answer of the evidence that an export must be forced against."""


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the ``manifest.json`` of an exported folder.

    Returns
    -------
    schema : dict

    Examples
    --------
    >>> from signalprep.embedded import manifest_schema
    >>> manifest_schema()["$id"]
    'urn:signalprep:export:1.0'
    """
    text = files("signalprep.embedded.export").joinpath("manifest.schema.json").read_text("utf-8")
    return json.loads(text)


def manifest(
    model: IntegerModel, costs: Cost, name: str, texts: dict[str, str], answer: str | None
) -> str:
    """The text of the manifest, of files whose text is given."""
    found = {
        "schema": "signalprep-export",
        "schema_version": VERSION,
        "name": name,
        "versions": {"signalprep": __version__},
        "function": f"{name}_step",
        "raw_type": raw_type(model.program),
        "inputs": [
            {"channel": str(channel), **_plain(asdict(one))}
            for channel, one in model.formats.items()
        ],
        "outputs": _outputs(model),
        "status": {str(bit): words for bit, words in STATUS_WORDS.items()},
        "options": _plain(model.options.to_json()),
        "proven": _proven(model.program, model.proof),
        "costs": {
            "compiler": COMPILER,
            "instructions_at_most": int(costs.instructions.sum()),
            "table_bytes": int(costs.tables.sum()),
            "state_bytes": costs.ram,
            "code_bytes_at_most": int(costs.code.sum()),
            "stack_bytes_at_most": costs.stack,
            "macs": int(costs.macs.sum()),
            "bops": int(costs.bops.sum()),
        },
        "evidence": None if answer is None else {"answer": answer, "forced": answer == FAIL},
        "sample_time": model.sample_time_,
        "training_cycles": [str(cycle) for cycle in model.training_cycles_],
        "sha256": {file: hashlib.sha256(text.encode()).hexdigest() for file, text in texts.items()},
    }
    return json.dumps(found, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.item() if isinstance(value, np.generic) else value
        for key, value in record.items()
    }


def _outputs(model: IntegerModel) -> list[dict[str, Any]]:
    """What each output stands for: ``lsb * code + offset``, or one of the classes."""
    number = model.program.outputs["y"]
    low, high = model.proof.ranges[number]
    found = []
    for k, output in enumerate(outputs_of(model.program)):
        classes = None if model.classes_ is None else [str(one) for one in model.classes_]
        scaled = classes is None
        found.append(
            {
                "output": output,
                "lsb": float(np.ravel(model.lsb_)[k]) if scaled else 1.0,
                "offset": float(np.ravel(model.offset_)[k]) if scaled else 0.0,
                "classes": classes,
                "low": int(low[k]),
                "high": int(high[k]),
            }
        )
    return found


def _proven(program: Program, proof: Proof) -> list[dict[str, Any]]:
    """The range of every op, and of its sums on the way."""
    found = []
    for number, (op, value) in enumerate(zip(program.ops, proof.ranges, strict=True)):
        entry = {
            "step": op.label, "op": type(op).__name__, "size": op.size,
            "low": int(min(value.low)), "high": int(max(value.high)),
        }  # fmt: skip
        if number in proof.sums:
            sums = proof.sums[number]
            entry |= {"sums_low": int(min(sums.low)), "sums_high": int(max(sums.high))}
        found.append(entry)
    return found
