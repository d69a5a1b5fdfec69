"""check_name, comment: names that C takes, and text that a comment of C takes."""

from __future__ import annotations

import re

from signalprep.errors import InvalidParameterError

__all__ = ["check_name", "comment"]

_MOST = 24  # with "_example" still within the 31 characters that C99 tells apart
_TAKEN = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while""".split()
)
_STEERING = '*?\\"'


def check_name(name: object) -> str:
    """The name, which can stand before ``_step`` and as a file; raises where it cannot."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise InvalidParameterError(
            "name must be an identifier of C, letters (a-z), digits and _ after a letter; "
            f"got {name!r}"
        )
    if len(name) > _MOST:
        raise InvalidParameterError(
            f"name must have at most {_MOST} characters, so that C99 tells its functions apart; "
            f"got {name!r} of {len(name)}"
        )
    if name in _TAKEN:
        raise InvalidParameterError(f"name must be no keyword of C; got {name!r}")
    return name


def comment(text: object) -> str:
    """Text as a comment of C can hold it: plain characters, nothing that begins or ends one."""
    plain = "".join(
        char if " " <= char <= "~" and char not in _STEERING else f"<U+{ord(char):04X}>"
        for char in str(text)
    )
    return plain.replace("//", "/ /")
