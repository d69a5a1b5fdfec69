"""export_c: a pipeline as files of C, and what can be asked of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from signalprep._atomic import write_atomic
from signalprep.embedded.export._benchmark import Benchmark, benchmarked
from signalprep.embedded.export._files import files_of
from signalprep.embedded.export._identifiers import check_name
from signalprep.embedded.export._manifest import FAIL
from signalprep.embedded.export._prove import ForeignProof, proven
from signalprep.embedded.export._rows import adversarial_rows
from signalprep.embedded.export._vectors import Vectors, outputs_and_status, vectors_of
from signalprep.embedded.export._verify import Verification, verified
from signalprep.embedded.lowering import IntegerModel, encoded
from signalprep.embedded.program import print_c
from signalprep.errors import InvalidParameterError

__all__ = ["Export", "export_c"]


def export_c(
    model: Any,
    folder: str | os.PathLike[str],
    name: str,
    *,
    evidence: Any = None,
    force: bool = False,
) -> Export:
    """Write a pipeline as a function of C99 over raw codes.

    The folder gets ``name.c`` and ``name.h``, an example of a main, test vectors, a manifest for
    programs and a README for people. The same model gives the same files to the byte.

    Parameters
    ----------
    model : IntegerModel, QuantizedRegressor or QuantizedClassifier
        Made by :func:`~signalprep.embedded.lower`, or a fitted estimator that holds one.
    folder : path-like
        Where to write; made where it is not there. Files of the same names are replaced.
    name : str
        Of the files and of the functions: an identifier of C with at most 24 characters.
    evidence : RegimeLoss, Verdict or similar, default=None
        What was found of the model, such as what it loses in each regime
        (:func:`~signalprep.regime_loss`). It is refused where ``evidence.answer``, the only thing
        that is read of it, is "fail"; README and manifest hold the answer.
    force : bool, default=False
        Write whatever the evidence says; README and manifest then say that it was forced.

    Returns
    -------
    export : Export

    Raises
    ------
    InvalidParameterError
        The model is no IntegerModel, the name is no identifier, the folder is a file or holds an
        export of another name, or the evidence says "fail".
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile, numpy as np, signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> from signalprep.embedded import Format, export_c, lower
    >>> log = sp.as_log(np.arange(12.0).reshape(-1, 2), rate=10.0)
    >>> integer = lower(Ridge().fit(log, log["x0"]), {"x0": Format(0.1), "x1": Format(0.1)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_c(integer, folder, "winding").files[:2]
    ['winding.c', 'winding.h']
    """
    model = getattr(model, "integer_", model)
    if not isinstance(model, IntegerModel):
        raise InvalidParameterError(
            "model must be an IntegerModel, as lower gives it, or hold one as integer_; got "
            f"{type(model).__name__}"
        )
    check_name(name)
    answer = _answer(evidence)
    if answer == FAIL and not force:
        raise InvalidParameterError(
            f"evidence must not fail; got {type(evidence).__name__} with answer='fail': give it "
            "more bits or wider formats, or the limits that it is to keep, or write it all the "
            "same with force=True"
        )
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise InvalidParameterError(f"folder must be a folder; got the file {os.fspath(folder)!r}")
    other = _name_in(place)
    if other not in (None, name):
        raise InvalidParameterError(
            f"folder must not hold another export; {os.fspath(folder)!r} holds {other!r}: remove "
            "that, or write to another folder"
        )
    texts = files_of(model, name, answer)
    place.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        write_atomic(place / file, text)
    return Export(model, place, name, list(texts))


def _answer(evidence: Any) -> str | None:
    """What the evidence says in a word; None without."""
    if evidence is None:
        return None
    answer = getattr(evidence, "answer", None)
    if not isinstance(answer, str):
        raise InvalidParameterError(
            "evidence must have an answer, such as what regime_loss or Validation.verdict returns; "
            f"got {type(evidence).__name__}"
        )
    return answer


def _name_in(folder: Path) -> Any:
    """The name of what has been exported into a folder; None for nothing."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(found, dict) and found.get("schema") == "signalprep-export"
    return found.get("name") if known else None


class Export:
    """Exported files, and what can be asked of them. Made by :func:`~signalprep.embedded.export_c`.

    Attributes
    ----------
    model : IntegerModel
    folder : Path
    name : str
        Of the functions.
    files : list of str
        Names of the files in the folder.
    """

    def __init__(self, model: IntegerModel, folder: Path, name: str, files: list[str]) -> None:
        self.model, self.folder, self.name, self.files = model, folder, name, files

    def verify(
        self,
        X: Any = None,
        *,
        codes: bool = False,
        n_rows: int = 100_000,
        seed: int = 0,
        progress: bool | None = None,
    ) -> Verification:
        """Compile the files with gcc and compare every output and every status with Python.

        They are compiled without optimisation, with -O2, with the sanitizer of undefined behaviour,
        and with bytes of 16 bits; each time with all warnings and gcc's analyzer. The state is
        reset at the borders of segments.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels), default=None
            As for `IntegerModel.predict`. None: adversarial rows, which are codes of every size and
            the ends of all formats in segments of every length.
        codes : bool, default=False
            Whether X holds raw codes.
        n_rows : int, default=100_000
            Adversarial rows.
        seed : int, default=0
            Of the adversarial rows.
        progress : bool, default=None
            Whether to show progress; None shows it on a terminal.

        Returns
        -------
        verification : Verification

        Raises
        ------
        ToolError
            gcc is not installed.
        InvalidParameterError
            No rows are asked for, or the seed is negative.
        """
        program = self.model.program
        if X is None:
            for what, given, least in (("n_rows", n_rows, 1), ("seed", seed, 0)):
                if not isinstance(given, int | np.integer) or given < least:
                    raise InvalidParameterError(
                        f"{what} must be an int of at least {least}; got {given!r}"
                    )
            at, bounds = adversarial_rows(self.model, n_rows, seed)
            rows = f"adversarial, seed {seed}"
        else:
            at, bounds = encoded(
                self.model.formats, X, codes=codes, sample_time=self.model.sample_time_,
                remembers=program.remembers,
            )  # fmt: skip
            top = 1 << (program.ops[0].bits - 1)  # type: ignore[attr-defined]
            at, rows = np.clip(at, -top, top - 1), "of X"
        vectors = Vectors(at, bounds, outputs_and_status(program, at, bounds))
        return verified(program, self.folder, self.name, vectors, rows, progress)

    def prove(self, *, seconds: float = 60.0) -> ForeignProof:
        """Ask Eva of Frama-C about the files, with any raw codes and any state.

        It is a prover of others, which sees the C as it is. What it is asked: that nothing
        overflows, no cast loses anything, no array is accessed beyond its end, and state and
        outputs stay within their declared ranges.

        Parameters
        ----------
        seconds : float, default=60.0
            After which it is given up.

        Returns
        -------
        proof : ForeignProof

        Raises
        ------
        ToolError
            Frama-C is not installed, or has not ended in time.
        """
        model = self.model
        printed = print_c(model.program, model.proof)
        return proven(model.program, model.proof, printed, self.folder, self.name, seconds)

    def benchmark(self, *, progress: bool | None = None) -> Benchmark:
        """Time a row on this machine, and run the files on emulated controllers where there are.

        A Cortex-M4 (QEMU, instructions counted one by one), an AVR (simavr) and a big-endian
        PowerPC (qemu-user) run some hundred rows that a generator makes, and must give the same
        hash of outputs as Python.

        Parameters
        ----------
        progress : bool, default=None
            Whether to show progress; None shows it on a terminal.

        Returns
        -------
        benchmark : Benchmark

        Raises
        ------
        ToolError
            gcc is not installed. Other tools that are missing are named in the result.
        """
        program = self.model.program
        state = int(self.model.cost_["state"].iloc[-1])
        vectors = vectors_of(self.model)
        return benchmarked(program, self.folder, self.name, vectors, state, progress)

    def __repr__(self) -> str:
        return f"Export({self.name!r}, {len(self.files)} files in {str(self.folder)!r})"
