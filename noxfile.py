"""Tests without extras, on other Pythons and on the oldest versions of what is needed.

``make pythons`` and ``make oldest`` run these. CI has one Python and the newest versions.
"""

import nox
from nox.project import load_toml

PROJECT = load_toml("pyproject.toml")["project"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
RUNNERS = ["pytest>=8.3", "pytest-xdist>=3.6", "hypothesis>=6.100"]
OLD = (
    *("--ignore", "tests/test_estimators.py"),  # strict expected failures came with 1.8
    *("-W", "ignore::DeprecationWarning"),  # what these old ones need is not as old as they are
)

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


def run_tests(session: nox.Session, *options: str) -> None:
    """Kernels first, in one process: the parallel ones find them compiled."""
    session.run("python", "-m", "pip", "list", silent=False)
    session.run("pytest", "tests/_kernels", "--quiet")
    session.run("pytest", "--numprocesses", "2", "--ignore", "tests/_kernels", *options)


@nox.session(python=PYTHONS)
def pythons(session: nox.Session) -> None:
    """The newest versions, on every Python that is here."""
    session.install(".", *RUNNERS)
    run_tests(session, *session.posargs)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The oldest versions that pyproject.toml states, on the oldest Python."""
    stated = [need.replace(">=", "==") for need in PROJECT["dependencies"]]
    session.install(*stated, ".", *RUNNERS)
    run_tests(session, *OLD, *session.posargs)
