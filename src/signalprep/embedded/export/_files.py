"""files_of: the whole exported folder as text."""

from __future__ import annotations

from signalprep.embedded.export._example import example
from signalprep.embedded.export._manifest import manifest
from signalprep.embedded.export._readme import readme
from signalprep.embedded.export._source import header, source
from signalprep.embedded.export._vectors import vectors_of, vectors_text
from signalprep.embedded.lowering import IntegerModel
from signalprep.embedded.program import cost, print_c

__all__ = ["files_of"]


def files_of(model: IntegerModel, name: str, answer: str | None = None) -> dict[str, str]:
    """The text of every file, the same for the same model wherever and whenever it is asked for.

    `answer` is that of the evidence; None: there was none.
    """
    printed = print_c(model.program, model.proof)
    costs = cost(model.program, model.proof, printed)
    vectors = vectors_of(model)
    texts = {
        f"{name}.c": source(model.program, printed, name),
        f"{name}.h": header(model.program, printed, name),
        f"{name}_example.c": example(model, vectors, name),
        f"{name}_vectors.csv": vectors_text(model, vectors),
        "README.md": readme(model, costs, name, len(vectors.codes), answer),
    }
    return {**texts, "manifest.json": manifest(model, costs, name, texts, answer)}
