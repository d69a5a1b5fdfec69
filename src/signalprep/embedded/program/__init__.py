"""The integer program: few dumb ops, run over integers, intervals and as C."""

from signalprep.embedded.program._builder import Builder, Value
from signalprep.embedded.program._c_text import STATUS, Printed, print_c
from signalprep.embedded.program._c_types import literal
from signalprep.embedded.program._cost import Cost, cost
from signalprep.embedded.program._integers import Integers, Memory, advance, blocks, run
from signalprep.embedded.program._intervals import Interval, Intervals, Proof, bits_of, prove
from signalprep.embedded.program._json import PROGRAM_SCHEMA, from_json, to_json
from signalprep.embedded.program._ops import OPS, Op, Program
from signalprep.embedded.program._order import trimmed
from signalprep.embedded.program._watched import unlimited, watched

__all__ = [
    "OPS",
    "PROGRAM_SCHEMA",
    "STATUS",
    "Builder",
    "Cost",
    "Integers",
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
    "blocks",
    "cost",
    "from_json",
    "literal",
    "print_c",
    "prove",
    "run",
    "to_json",
    "trimmed",
    "unlimited",
    "watched",
]
