"""Fitted models to files and back, without pickle."""

from signalprep.persistence._model_file import load_model, save_model

__all__ = ["load_model", "save_model"]
