"""Read a drive log from one file, several, or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep._kernels._blocks import thread_count
from signalprep._progress import track
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._assemble import assemble
from signalprep.io._files import PathLike, cycle_names, file_labels, find_files
from signalprep.io._layout import NoTableError
from signalprep.io._merge import continuous_channels, merge, refuse_several_rates, sparse_columns
from signalprep.io._recording import Recording
from signalprep.io._request import MAX_BYTES, Request, as_cycle, as_names
from signalprep.io._selection import RESET
from signalprep.io._units import convert
from signalprep.io.formats import read_file, suffixes
from signalprep.log import JITTER, Channel, as_log

HEAD = 64  # bytes that tell a format


def read_log(
    path: PathLike | Sequence[PathLike],
    *,
    cycle: str | Sequence[str] | None = None,
    time: str | Sequence[str] | bool | None = None,
    rate: float | None = None,
    clock: str | None = None,
    columns: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    pattern: str | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    skip: int | None = None,
    header: bool | None = None,
    units: bool | Mapping[str, str] = True,
    na_values: Sequence[str] | None = None,
    long_form: Mapping[str, str] | None = None,
    time_unit: str | None = None,
    time_format: str | None = None,
    coerce: bool = False,
    truncated: str = "raise",
    duplicates: str = "raise",
    jitter: float = JITTER,
    interpolate: str | Sequence[str] | None = None,
    hold: Any = "auto",
    start: str = "first",
    ages: bool = False,
    reduce: str | None = None,
    check: bool = True,
    max_bytes: int = MAX_BYTES,
    n_jobs: int | None = None,
    progress: bool | None = False,
) -> pd.DataFrame:
    """Read a drive log from one file, several, or a folder.

    Text tables (.csv, .txt, .tsv, .dat, .asc, also .gz), Parquet (extra ``parquet``), MDF 2 to 4
    (.mf4, .mdf, .dat, extra ``mdf``), and what plug-ins read. How a text table is written is found
    out: separator, decimal mark, encoding, where the table begins, names, units, the clock. What
    was found, assumed and left out is told by :func:`signalprep.reading_report`; what can be read
    in two ways is an error that names the parameter to settle it. Every parameter is shown on a
    small file in :doc:`/reading`.

    Parameters
    ----------
    path : path, list of paths, or folder
        Each file is one cycle unless `cycle` is given, named by the file without its suffixes. A
        folder is read in natural order (``trip2`` before ``trip10``); its sub-folders only where
        it has no log file itself: where their files have one name, the folder names the cycle.
        Files of a folder that hold no table are left out and reported.
    cycle : str or list of str, default=None
        Column of cycle ids; a file may then hold several cycles, a cycle only one file. Ids that
        are whole numbers throughout are read as such, others as text. Several columns,
        ``["vehicle", "trip"]``, give ids of text, ``"3/a"``, as in `as_log`. Of an MDF file or of a
        plug-in, channels: all others are cut where these change. "reset" (where that is no column):
        a new cycle, ``<file>-1``, ``<file>-2``, ..., begins where the time of a table starts anew.
    time : str, list of two str, or False, default=None
        Column of time stamps, or a column of dates and one of times of day. None finds the column
        that is named so (time, t, timestamp, Zeit, ...), else one of dates or times of day. False:
        use no time column.
    rate : float, default=None
        Sampling rate in Hz. Needed without a time column where the file does not state a rate;
        with a time column it is checked against that, and stamps that jitter are brought onto a
        grid at this rate, see `as_log`. Channels with several rates are brought onto that grid.
    clock : str, default=None
        Channel whose time stamps the log gets, when channels have several rates; the others hold
        their last value. Excludes `rate`.
    columns : list of str, default=None
        Channels to read, with or without their units, in this order. None reads all. Only these
        are parsed. Every file must have them; with None, channels that a file lacks are missing
        (NaN) in its rows.
    names : list of str, default=None
        Names of all columns, for files without a header line or to replace it. Columns without
        any name are ``x0``, ``x1``, ...
    pattern : str, default=None
        Files to read in the folder, such as ``"*.csv"``, or ``"**/*.csv"`` with sub-folders. A file
        that matches and holds no table is an error.
    sep : str, default=None
        Separator of text tables, one character; " " stands for any run of blanks.
    decimal : {".", ","}, default=None
        Decimal mark of text tables.
    thousands : {".", ",", "'", " "}, default=None
        Separator of thousands. None: numbers with separated thousands are an error.
    encoding : str, default=None
        Encoding of text tables, such as "latin-1".
    skip : int, default=None
        Number of lines above the header to leave out, blank ones counted.
    header : bool, default=None
        Whether the table has a line of column names; None finds out.
    units : bool or mapping of channel to unit, default=True
        True splits units off the column names, False leaves them there. A mapping such as
        ``{"omega_m": "rad/s"}`` converts these channels, from the unit that the file states.
    na_values : list of str, default=None
        Words for a missing value, besides those that are known (``---``, ``n/a``, ``#NV``, ...).
    long_form : mapping, default=None
        Columns of a table with one reading a row: ``{"name": ..., "value": ...}``, if need be with
        "unit". Each name becomes a channel with stamps of its own.
    time_unit : {"s", "ms", "us", "ns", "min", "h", "d"}, default=None
        Unit of the time column where the file states none; "d" are days of a spreadsheet.
    time_format : str, default=None
        Format of the time stamps as for strptime, such as ``"%d.%m.%Y %H:%M:%S.%f"``.
    coerce : bool, default=False
        Read cells that are no numbers, in columns of numbers, as missing, and count them in the
        report. False raises. Columns with no number at all stay as text.
    truncated : {"raise", "drop", "keep"}, default="raise"
        A last row with too few fields was cut off: "drop" leaves it out, else it is an error. A
        last row without a line end may have been cut off in the middle of its last number:
        "keep" takes it as it is, else it is left out. Of an MDF file that was cut off, "drop"
        takes the records that are whole. All of it is reported.
    duplicates : {"raise", "last"}, default="raise"
        Of rows (or samples of a channel) with one stamp, raise or keep the last.
    jitter : float, default=0.01
        Allowed relative deviation of a time step, see `as_log`.
    interpolate : "linear" or list of str, default=None
        Channels to draw straight lines in, instead of holding values, when `clock` or `rate` gives
        the log new time stamps; "linear" for all of numbers but wrapped angles and those that are
        whole throughout, as codes are (name them to draw them). Values then lie in the future, at
        most ``log.attrs["lookahead"]`` rows, see :func:`signalprep.lookahead`.
    hold : "auto", float, str, None, or mapping of channel to one of these, default="auto"
        With `clock` or `rate`: how old a held value may be, in seconds or as a duration ("5s");
        what is older is missing. "auto" is three times the median step of the channel, and at
        least one of the clock; None is no limit. Channels that a mapping leaves out are "auto".
    start : {"first", "common"}, default="first"
        First row of a cycle: "common" is the first at which every channel has had a value.
    ages : bool, default=False
        With `clock` or `rate`: add a channel ``<name>.age`` for each channel, the seconds since
        its last value.
    reduce : {"mean"}, default=None
        With `clock` or `rate`: channels more than twice as fast as the new time stamps are an
        error; "mean" averages them over the past step.
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
        file is), channels in order of first appearance; states of an MDF file with words for all
        their codes are categorical. ``log.attrs`` holds ``units`` (a dict), ``sources`` (a list
        with one dict a file), where values lie in the future ``lookahead`` (in rows), and of MDF
        files that state what channels can be ``ranges`` (channel: (low, high)).

    Raises
    ------
    ReadError
        A file is missing, damaged, cut off, too large, not a table, has a row with another number
        of fields, lacks a column, gives a unit that contradicts another file, has a time whose
        unit or order of day and month is in doubt, or raw frames of a bus.
    InvalidLogError
        Text among numbers, a cycle without id or in two files, two cycles that the columns of
        `cycle` would give one id, channels of several rates without `clock` and `rate`, a channel
        too fast for the clock, and what `as_log` raises.
    InvalidParameterError
        A parameter out of its range, one that contradicts the file, or names no channel.
    ImportError
        The package that reads the format (pyarrow, asammdf) is missing.

    Notes
    -----
    The unit of a time is that of its header, of a row of units, of its cells or of a line above
    the table. Numbers whose unit is stated nowhere are taken for seconds if that gives between
    0.1 Hz and 200 kHz and the first stamp lies below 1e7; otherwise they raise. Stamps that count
    from long before the recording, as epochs do, begin at 0, and the report has the start. Dates
    stay datetimes, those with an offset in UTC; times of day are seconds from the first of them,
    across midnight. The zone of the machine never matters.

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
        cycle=as_cycle(cycle),
        time=time if time is None or isinstance(time, (str, bool)) else tuple(time),
        rate=rate,
        clock=clock,
        columns=as_names(columns, "columns"),
        names=as_names(names, "names"),
        sep=sep,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        skip=skip,
        header=header,
        units=units,
        na_values=as_names(na_values, "na_values") or (),
        long_form=long_form,
        time_unit=time_unit,
        time_format=time_format,
        coerce=coerce,
        truncated=truncated,
        duplicates=duplicates,
        max_bytes=max_bytes,
    )
    request.check()
    files, searched = find_files(path, suffixes, pattern)
    calls = _recordings(files, request, n_jobs, searched and pattern is None)
    found = list(track(calls, len(files), "reading", progress))
    kept, left_out = _tables(files, found)
    recordings = [recording for _, recording in kept]
    _check_size(recordings, max_bytes)
    if isinstance(units, Mapping):
        recordings = _converted(recordings, units)
    labels = file_labels([file for file, _ in kept])
    cycles = cycle_names([file for file, _ in kept], suffixes)
    lines = continuous_channels(recordings) if interpolate == "linear" else interpolate
    options = {"interpolate": lines, "hold": hold, "ages": ages, "start": start}
    log, rate = _one_log(recordings, cycles, labels, request, reduce, options)
    log.attrs["sources"] += left_out
    if not check:
        return log
    attrs = log.attrs
    log = as_log(log, rate=rate, jitter=jitter, duplicates=duplicates, **options)
    lookahead = log.attrs.get("lookahead")
    log.attrs = attrs | ({"lookahead": lookahead} if lookahead else {})
    return log


def _one_log(
    recordings: Sequence[Recording],
    cycles: Sequence[str],
    labels: Sequence[str],
    request: Request,
    reduce: str | None,
    options: dict[str, Any],
) -> tuple[pd.DataFrame, float | None]:
    """The rows of all recordings, and the rate that they are to be checked against.

    Channels with clocks of their own are brought onto one here; `options` that have been seen to
    are taken out.
    """
    rate, clock = request.rate, request.clock
    tables = all(recording.is_table for recording in recordings)
    sparse = any(sparse_columns(each) for each in recordings if each.is_table)
    if sparse and clock is None and rate is None:
        refuse_several_rates(recordings, labels)
    whole = request.columns is None
    if tables and clock is None and reduce is None and not sparse:
        return assemble(recordings, cycles, labels, rate, whole), rate or recordings[0].rate
    own = {"clock": clock, "rate": rate, "reduce": reduce, "duplicates": request.duplicates}
    log = merge(recordings, cycles, labels, whole, own | options)
    options.clear()
    return log, None


def _recordings(
    files: Sequence[Path], request: Request, n_jobs: int | None, lenient: bool
) -> Iterator[Recording | NoTableError]:
    """The content of each file; of a folder, the error of those that are no tables."""
    n_threads = min(thread_count(n_jobs), len(files))
    if n_threads == 1:
        for file in files:
            yield _read(file, request, lenient)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        calls = [pool.submit(_read, file, request, lenient) for file in files]
        try:
            for call in calls:
                yield call.result()
        finally:
            for call in calls:
                call.cancel()


def _read(file: Path, request: Request, lenient: bool) -> Recording | NoTableError:
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise ReadError(f"{file.name}: cannot be read ({error})") from error
    try:
        recording = read_file(file, head, request)
    except NoTableError as error:
        if not lenient:
            raise
        return error
    reset = request.cycle == (RESET,) and not recording.ids
    return replace(recording, restarts=True) if reset else recording


def _tables(
    files: Sequence[Path], found: Sequence[Recording | NoTableError]
) -> tuple[list[tuple[Path, Recording]], list[dict[str, Any]]]:
    """Files that hold a recording, and what is said about the others."""
    kept = [(f, each) for f, each in zip(files, found, strict=True) if isinstance(each, Recording)]
    pairs = zip(files, found, strict=True)
    errors = [(f, each) for f, each in pairs if isinstance(each, NoTableError)]
    if not kept:
        raise errors[0][1]
    left_out = [
        {
            "file": file.name,
            "cycles": 0,
            "rows": 0,
            "format": "none",
            "notes": [f"no table, left out ({str(error).partition(': ')[2]})"],
        }
        for file, error in errors
    ]
    return kept, left_out


def _converted_range(channel: Channel, unit: str) -> tuple[float, float] | None:
    if channel.range is None:
        return None
    low, high = convert(np.array(channel.range), channel.name, channel.unit, unit)
    return float(low), float(high)


def _converted(recordings: Sequence[Recording], units: Mapping[str, str]) -> list[Recording]:
    """The recordings with some channels in the units that were asked for."""
    known = {name for recording in recordings for name in recording.names()}
    for name in units:
        if name not in known:
            raise InvalidParameterError(
                f"units= must name channels of the files; there is no {name!r}"
            )
    converted = []
    for recording in recordings:
        channels = [
            replace(
                channel,
                values=convert(channel.values, channel.name, channel.unit, units[channel.name]),
                range=_converted_range(channel, units[channel.name]),
                unit=units[channel.name],
            )
            if channel.name in units
            else channel
            for channel in recording.channels
        ]
        converted.append(replace(recording, channels=channels))
    return converted


def _check_size(recordings: Sequence[Recording], max_bytes: int) -> None:
    """Refuse a log that would not fit: columns of all files side by side, rows below each other."""
    n_rows = sum(recording.n_rows for recording in recordings)
    n_columns = len({name for recording in recordings for name in recording.names()})
    size = 8 * n_rows * (n_columns + 2)
    if size > max_bytes:
        raise ReadError(
            f"{len(recordings)} files with {n_rows} rows of {n_columns} columns need {size:.3g} "
            f"bytes; max_bytes={max_bytes:.3g} allows less. Choose columns=, or raise max_bytes"
        )
