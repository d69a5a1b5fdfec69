"""The version: the one place that says it. The build, pages, model files and the docs read it."""

from __future__ import annotations

__all__ = ["versions"]

__version__ = "0.1.0"

PACKAGES = ("scikit-learn", "numpy", "pandas", "scipy")


def versions() -> dict[str, str]:
    """Versions of all that numbers depend on, as pages and model files record them."""
    import platform
    from importlib.metadata import version

    others = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "signalprep": __version__, **others}
