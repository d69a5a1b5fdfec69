"""The integer program: few dumb ops, run over integers, intervals and as C."""

from signalprep.embedded.program._builder import Builder, Value
from signalprep.embedded.program._c_text import STATUS, Printed, print_c
from signalprep.embedded.program._c_types import literal
from signalprep.embedded.program._integers import Memory, advance, run
from signalprep.embedded.program._intervals import Intervals, Proof, bits_of, prove
from signalprep.embedded.program._ops import OPS, Op, Program

__all__ = [
    "OPS",
    "STATUS",
    "Builder",
    "Intervals",
    "Memory",
    "Op",
    "Printed",
    "Program",
    "Proof",
    "Value",
    "advance",
    "bits_of",
    "literal",
    "print_c",
    "prove",
    "run",
]
