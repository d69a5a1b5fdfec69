"""Read a drive log from one file, several, or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from signalprep._kernels._blocks import thread_count
from signalprep._progress import track
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._assemble import assemble
from signalprep.io._csv import read_csv
from signalprep.io._files import PathLike, cycle_name, find_files
from signalprep.io._parquet import MAGIC, read_parquet
from signalprep.io._table import Request, Table
from signalprep.log import JITTER, as_log

MAX_BYTES = 1 << 31


def read_log(
    path: PathLike | Sequence[PathLike],
    *,
    cycle: str | None = None,
    time: str | bool | None = None,
    rate: float | None = None,
    columns: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    units: bool = True,
    coerce: bool = False,
    truncated: str = "raise",
    jitter: float = JITTER,
    check: bool = True,
    max_bytes: int = MAX_BYTES,
    n_jobs: int | None = None,
    progress: bool | None = False,
) -> pd.DataFrame:
    """Read a drive log from one file, several, or a folder.

    Text tables (.csv, .txt, .tsv, also .gz) are sniffed: separator, decimal mark, encoding, byte
    order mark, header line; lines above the table that begin with "#" are left out. What was
    found, assumed and changed is told by :func:`signalprep.reading_report`. Separators of
    thousands are not read: an error, not a guess.
    Units in headers such as ``Motor Torque [Nm]`` are split off: the column is ``Motor Torque``,
    its unit is in the table that :func:`signalprep.units` gives. Parquet needs pyarrow.

    Parameters
    ----------
    path : path, list of paths, or folder
        Each file is one cycle unless `cycle` is given, named by the file without its suffixes. A
        folder is read in natural order (``trip2`` before ``trip10``), without its sub-folders.
    cycle : str, default=None
        Column of cycle ids; a file may then hold several cycles, a cycle only one file. Ids that
        are whole numbers throughout are read as such, others as text.
    time : str or False, default=None
        Time column: seconds, or the unit in its header (ms, us, ns, min, h), or ISO 8601
        datetimes (an offset is converted to UTC). None: the one column named time, t or timestamp
        with a unit of time, with datetimes or, for time and t, with no unit. False: do not use a
        time column.
    rate : float, default=None
        Sampling rate in Hz. Needed without a time column; with one, see `as_log`.
    columns : list of str, default=None
        Channels to read, with or without their units, in this order. None reads all. Only these
        are parsed. Every file must have them; with None, channels that a file lacks are missing
        (NaN) in its rows.
    names : list of str, default=None
        Names of all columns, for files without a header line or to replace it. Columns without
        any name are ``x0``, ``x1``, ...
    sep, decimal, encoding : str, default=None
        Separator (one character; " " for any run of blanks), decimal mark ("." or ",") and
        encoding of text tables; None finds them.
    units : bool, default=True
        Split units off the column names.
    coerce : bool, default=False
        Read cells that are no numbers, in columns of numbers, as missing, and count them in the
        report. False raises. Columns with no number at all stay as text.
    truncated : {"raise", "drop", "keep"}, default="raise"
        A last row with too few fields was cut off: "drop" leaves it out, else it is an error. A
        last row without a line end may have been cut off in the middle of its last number:
        "keep" takes it as it is, else it is left out. Either is reported.
    jitter : float, default=0.01
        Allowed relative deviation of a time step, see `as_log`.
    check : bool, default=True
        Check order, time and rate as `as_log` does. False returns the frame as it is, for
        `check_log` to look at.
    max_bytes : int, default=2**31
        Largest text of a file once decompressed, and largest log in memory (8 bytes a cell and 16
        a row for the index). Checked before memory is taken.
    n_jobs : int, default=None
        Threads that share out the files; None is 1, -1 all cores.
    progress : bool, default=False
        Show a progress bar when reading takes longer than two seconds; None shows it on a
        terminal only.

    Returns
    -------
    log : DataFrame of shape (n_samples, n_channels)
        Indexed by (cycle, time). Numbers are float64 (float32 when every column of every Parquet
        file is), channels in order of first appearance. ``log.attrs`` holds ``units`` (a dict)
        and ``sources`` (a list with one dict a file).

    Raises
    ------
    ReadError
        A file is missing, damaged, cut off, too large, not a table, has a row with another number
        of fields, lacks a column, or gives a unit that contradicts another file.
    InvalidLogError
        Text among numbers, a cycle without id or in two files, and what `as_log` raises.

    Notes
    -----
    Cost: linear in the bytes; a file is held as text while it is parsed.

    Examples
    --------
    >>> import pathlib, tempfile, signalprep as sp
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("Time [s];Speed [km/h]\\n0;1,5\\n0,1;2\\n")
    >>> log = sp.read_log(folder)
    >>> log
                Speed
    cycle time
    a     0.0     1.5
          0.1     2.0
    >>> sp.units(log).to_dict()
    {'Speed': 'km/h'}
    """
    request = Request(
        cycle,
        time,
        rate,
        _names(columns, "columns"),
        _names(names, "names"),
        sep,
        decimal,
        encoding,
        units,
        coerce,
        truncated,
        max_bytes,
    )
    _check(request)
    files = find_files(path)
    tables = list(track(_tables(files, request, n_jobs), len(files), "reading", progress))
    _check_size(tables, max_bytes)
    cycles = [cycle_name(file) for file in files]
    log = assemble(tables, cycles, [file.name for file in files], rate, request.columns)
    if not check:
        return log
    attrs = log.attrs
    timed = tables[0].time is not None
    log = as_log(log, rate=rate if timed else None, jitter=jitter)
    log.attrs = attrs
    return log


def _names(names: Sequence[str] | None, parameter: str) -> tuple[str, ...] | None:
    if names is None:
        return None
    if isinstance(names, str):
        raise InvalidParameterError(f"{parameter} must be a list of names; got {names!r}")
    return tuple(names)


def _check(request: Request) -> None:
    if request.sep is not None and len(request.sep) != 1:
        raise InvalidParameterError(f"sep must be one character; got {request.sep!r}")
    if request.decimal not in (None, ".", ","):
        raise InvalidParameterError(f"decimal must be '.' or ','; got {request.decimal!r}")
    if request.truncated not in ("raise", "drop", "keep"):
        raise InvalidParameterError(
            f"truncated must be 'raise', 'drop' or 'keep'; got {request.truncated!r}"
        )
    if request.time is True:
        raise InvalidParameterError("time must be a column name, None or False; got True")
    if request.rate is not None and not 0 < request.rate < float("inf"):
        raise InvalidParameterError(f"rate must be a positive number in Hz; got {request.rate!r}")
    for parameter, names in (("columns", request.columns), ("names", request.names)):
        if names is not None and len(names) == 0:
            raise InvalidParameterError(f"{parameter} must not be empty; got {list(names)}")


def _tables(files: Sequence[Path], request: Request, n_jobs: int | None) -> Iterator[Table]:
    n_threads = min(thread_count(n_jobs), len(files))
    if n_threads == 1:
        for file in files:
            yield _read(file, request)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        calls = [pool.submit(_read, file, request) for file in files]
        try:
            for call in calls:
                yield call.result()
        finally:
            for call in calls:
                call.cancel()


def _read(file: Path, request: Request) -> Table:
    try:
        with file.open("rb") as stream:
            start = stream.read(len(MAGIC))
    except OSError as error:
        raise ReadError(f"{file.name}: cannot be read ({error})") from error
    return (read_parquet if start == MAGIC else read_csv)(file, request)


def _check_size(tables: Sequence[Table], max_bytes: int) -> None:
    """Refuse a log that would not fit: columns of all files side by side, rows below each other."""
    n_rows = sum(table.n_rows for table in tables)
    n_columns = len({name for table in tables for name in table.columns})
    size = 8 * n_rows * (n_columns + 2)
    if size > max_bytes:
        raise ReadError(
            f"{len(tables)} files with {n_rows} rows of {n_columns} columns need {size:.3g} bytes; "
            f"max_bytes={max_bytes:.3g} allows less. Choose columns=, or raise max_bytes"
        )
