"""Whether every row of a text table has its fields, and whether the last one was cut off."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np

from signalprep.errors import ReadError


@dataclass
class Rows:
    """The rows below the header.

    Attributes
    ----------
    n_rows : rows to read, without a last row that is left out.
    lines : line number of each row in the file, counted from 1.
    n_fields : fields of a row; one more than names where every row ends with a separator.
    note : what was done about the last row, empty when nothing was.
    """

    n_rows: int
    lines: np.ndarray
    n_fields: int
    note: str


def check_rows(
    file: str, body: bytes, separator: str, n_fields: int, first_line: int, truncated: str
) -> Rows:
    """Count the fields of every row.

    A row with another number of fields than the header is an error. The last row may have been
    cut off: with too few fields it certainly was, without a line end it may have been, in the
    middle of a number.
    """
    if b'"' in body:
        counts, trailing, lines = _count_quoted(file, body, separator, first_line)
    else:
        counts, trailing, lines = _count_plain(body, separator, blank_is_row=n_fields == 1)
    lines = lines + first_line
    if len(counts) == 0:
        raise ReadError(f"{file}: no rows below the header")
    complete = body.endswith(b"\n")
    if trailing and (counts[: len(counts) - (not complete)] == n_fields + 1).all():
        n_fields += 1
    keep, note = _judge_last(file, counts, lines, n_fields, complete, truncated)
    wrong = counts[:keep] != n_fields
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ReadError(
            f"{file}: every row must have {n_fields} fields; line {lines[row]} has {counts[row]}"
        )
    if keep == 0:
        raise ReadError(f"{file}: no complete row: {note}")
    return Rows(keep, lines[:keep], n_fields, note)


def _judge_last(
    file: str, counts: np.ndarray, lines: np.ndarray, n_fields: int, complete: bool, truncated: str
) -> tuple[int, str]:
    """Rows to keep, and a note on the last one."""
    n_rows, line = len(counts), lines[-1]
    if counts[-1] < n_fields:
        if truncated != "drop":
            raise ReadError(
                f"{file}: the last row is cut off (line {line} has {counts[-1]} of {n_fields} "
                "fields); truncated='drop' leaves it out"
            )
        return n_rows - 1, f"last row left out: line {line} is cut off"
    if complete or counts[-1] > n_fields:
        return n_rows, ""
    if truncated == "keep":
        return n_rows, f"no line end after line {line}: its last number may be cut off"
    return n_rows - 1, f"last row left out: line {line} has no line end, so it may be cut off"


def _count_plain(
    body: bytes, separator: str, blank_is_row: bool
) -> tuple[np.ndarray, bool, np.ndarray]:
    """Fields of each line, whether every complete line ends with a separator, line numbers."""
    letters = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if not body.endswith(b"\n") and body:
        ends = np.append(ends, len(body))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    marks = np.flatnonzero(letters == ord(separator))
    edges = np.searchsorted(marks, np.concatenate((starts[:1], ends)))
    counts = np.diff(edges) + 1
    filled = ends > starts
    lines = np.flatnonzero(filled)
    if blank_is_row and len(lines):
        lines = np.arange(lines[-1] + 1)
    last = letters[np.minimum(ends[lines], len(body)) - 1] if len(lines) else letters[:0]
    if len(lines) and not body.endswith(b"\n"):
        last = last[:-1]
    trailing = bool(len(last)) and bool((last == ord(separator)).all())
    return counts[lines], trailing, lines


def _count_quoted(
    file: str, body: bytes, separator: str, first_line: int
) -> tuple[np.ndarray, bool, np.ndarray]:
    """Fields of each line, as `_count_plain` does, where quotes may protect separators."""
    reader = csv.reader(
        io.StringIO(body.decode("utf-8"), newline="\n"),
        delimiter=separator,
        skipinitialspace=True,
        strict=True,
    )
    counts, lines, trailing, before = [], [], [], 0
    try:
        for row in reader:
            if row:
                counts.append(len(row))
                lines.append(before)
                trailing.append(row[-1] == "")
            before = reader.line_num
    except csv.Error as error:
        raise ReadError(
            f"{file}: quotes do not match (from line {before + first_line}: {error})"
        ) from error
    if trailing and not body.endswith(b"\n"):
        trailing = trailing[:-1]
    return np.array(counts, dtype=np.int64), all(trailing), np.array(lines, dtype=np.int64)
