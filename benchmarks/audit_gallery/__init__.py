"""Galleries of leaks and of honest work, as people hand them over: does the audit tell them apart?

The cases of the first were written from public notebooks and from the public docs, by somebody who
had not read the checks; those of `second` are other instances of what it then missed; those of
`third` by somebody else who had not read the checks either. Each was frozen before the first run.
`python -m benchmarks.audit_gallery` runs them.
"""

from . import (  # noqa: F401  the cases register themselves
    careful_data,
    careful_steps,
    given_rows,
    held,
    looking_ahead,
    prepared,
    sharing,
    third,
    with_history,
    without_trace,
)
from .second import drives_again, honest, steps_and_tables  # noqa: F401
