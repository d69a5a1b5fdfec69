"""Operating regimes: binning the signals that span the map, and what the logs cover of it."""

from signalprep.regimes._regime_binner import RegimeBinner

__all__ = ["RegimeBinner"]
