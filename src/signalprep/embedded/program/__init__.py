"""The integer program: few dumb ops, run over integers, intervals and as C."""

from signalprep.embedded.program._builder import Builder, Value
from signalprep.embedded.program._c_text import STATUS, Printed, print_c
from signalprep.embedded.program._c_types import literal
from signalprep.embedded.program._cost import Cost, cost
from signalprep.embedded.program._integers import Memory, advance, run
from signalprep.embedded.program._intervals import Interval, Intervals, Proof, bits_of, prove
from signalprep.embedded.program._json import PROGRAM_SCHEMA, from_json, to_json
from signalprep.embedded.program._ops import OPS, Op, Program

__all__ = [
    "OPS",
    "PROGRAM_SCHEMA",
    "STATUS",
    "Builder",
    "Cost",
    "Interval",
    "Intervals",
    "Memory",
    "Op",
    "Printed",
    "Program",
    "Proof",
    "Value",
    "advance",
    "bits_of",
    "cost",
    "from_json",
    "literal",
    "print_c",
    "prove",
    "run",
    "to_json",
]
