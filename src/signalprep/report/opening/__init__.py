"""The opening of the page: what a reader in a hurry takes along, in a few sentences."""

from signalprep.report.opening._opening import opening

__all__ = ["opening"]
