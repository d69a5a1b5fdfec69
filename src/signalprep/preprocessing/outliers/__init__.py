"""Outliers: a judge tells which samples they are, an act puts something in their place."""

from signalprep.preprocessing.outliers._hampel_filter import HampelFilter

__all__ = ["HampelFilter"]
