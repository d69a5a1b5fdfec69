"""From a fitted estimator to an integer program."""

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._encoded import encoded
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._format import Format
from signalprep.embedded.lowering._integer_model import IntegerModel, IntegerStream
from signalprep.embedded.lowering._lower import lower
from signalprep.embedded.lowering._options import Bits, check_ranges
from signalprep.embedded.lowering._status import STATUS_WORDS

__all__ = [
    "STATUS_WORDS",
    "Bits",
    "Channels",
    "Context",
    "Format",
    "IntegerModel",
    "IntegerStream",
    "check_ranges",
    "encoded",
    "lower",
    "lowers",
]
