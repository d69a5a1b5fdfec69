"""Text from files, made harmless for a terminal."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that steer a terminal or cannot be seen: controls, formats (the marks
of writing direction among them), halves of surrogate pairs, separators of lines and paragraphs."""


def safe_text(text: str, *, lines: bool = False) -> str:
    r"""Show the characters that steer a terminal as escapes.

    Names in a log come from whoever wrote the file, and a terminal obeys what it is sent: it may be
    cleared, renamed, told what to paste, or show text in another order than it is written in.

    Parameters
    ----------
    text : str
        What is to be printed.
    lines : bool, default=False
        Keep line feeds, for text of several lines.

    Returns
    -------
    text : str
        The same in printable characters, blanks and, with `lines`, line feeds.

    Examples
    --------
    >>> print(safe_text("speed\x1b[2J\n"))
    speed\x1b[2J\n
    """
    kept = "\n" if lines else ""
    if text.isprintable():
        return text
    return "".join(
        ascii(char)[1:-1]
        if unicodedata.category(char) in UNPRINTABLE and char not in kept
        else char
        for char in text
    )
