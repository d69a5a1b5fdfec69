"""What a user may catch.

Every message names the parameter, what was expected and what was found; errors about data also
name the first cycle, channel and row. Each class is a ``ValueError`` too, so code written for
scikit-learn catches them without knowing this module.
"""

__all__ = [
    "InvalidLogError",
    "InvalidParameterError",
    "LeakError",
    "LostIndexError",
    "LoweringError",
    "ProofError",
    "ReadError",
    "SignalprepError",
    "ToolError",
    "TrainingDivergedError",
]


class SignalprepError(Exception):
    """Base of every error that signalprep raises on purpose."""


class InvalidParameterError(SignalprepError, ValueError):
    """A parameter has a value that cannot work, alone or together with the data."""


class InvalidLogError(SignalprepError, ValueError):
    """The rows are not a drive log: order, time, rate, gaps or values are not usable."""


class LostIndexError(InvalidLogError):
    """A step lost the (cycle, time) index, so cycle borders can no longer be seen."""


class LeakError(SignalprepError, ValueError):
    """The validation would report a number that an unseen cycle would not reproduce."""


class LoweringError(SignalprepError, ValueError):
    """A step of a fitted pipeline has no integer form."""


class ProofError(SignalprepError, ValueError):
    """An integer program could leave the numbers that hold it: a sum, a product or a state."""


class ReadError(SignalprepError, ValueError):
    """A file cannot be read as a log."""


class ToolError(SignalprepError, ValueError):
    """A program that is not part of signalprep is missing, or has not done what it is for."""


class TrainingDivergedError(SignalprepError, ValueError):
    """The loss of a network grew beyond all bounds while it was trained."""
