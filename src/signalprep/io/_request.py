"""What the caller of `read_log` asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral

from signalprep.errors import InvalidParameterError
from signalprep.io._time_units import counted_unit, known_units

MAX_BYTES = 1 << 31


@dataclass(frozen=True)
class Request:
    """The parameters of `read_log` that concern a single file; see there."""

    cycle: tuple[str, ...] = ()
    time: str | tuple[str, ...] | bool | None = None
    rate: float | None = None
    clock: str | None = None
    columns: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    sep: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    skip: int | None = None
    header: bool | None = None
    units: bool | Mapping[str, str] = True
    na_values: tuple[str, ...] = ()
    long_form: Mapping[str, str] | None = None
    time_unit: str | None = None
    time_format: str | None = None
    coerce: bool = False
    truncated: str = "raise"
    duplicates: str = "raise"
    max_bytes: int = MAX_BYTES

    def check(self) -> None:
        """Refuse values that cannot work, before any file is opened."""
        _one_of("truncated", self.truncated, ("raise", "drop", "keep"))
        _one_of("duplicates", self.duplicates, ("raise", "last"))
        self._check_dialect()
        self._check_time()
        if self.rate is not None and not 0 < self.rate < float("inf"):
            raise InvalidParameterError(f"rate must be a positive number in Hz; got {self.rate!r}")
        for parameter, names in (("columns", self.columns), ("names", self.names)):
            if names is not None and len(names) == 0:
                raise InvalidParameterError(f"{parameter} must not be empty; got {list(names)}")
        if self.long_form is not None and not {"name", "value"} <= set(self.long_form):
            raise InvalidParameterError(
                "long_form must say which columns hold name and value, such as "
                f"{{'name': 'signal', 'value': 'value'}}; got {dict(self.long_form)!r}"
            )

    def _check_dialect(self) -> None:
        if self.sep is not None and (len(self.sep) != 1 or self.sep in '"\n\r'):
            raise InvalidParameterError(f"sep must be one character; got {self.sep!r}")
        if self.decimal not in (None, ".", ","):
            raise InvalidParameterError(f"decimal must be '.' or ','; got {self.decimal!r}")
        if self.thousands is not None:
            if self.thousands not in (".", ",", "'", " "):
                raise InvalidParameterError(
                    f"thousands must be '.', ',', \"'\" or ' '; got {self.thousands!r}"
                )
            if self.thousands == self.decimal:
                raise InvalidParameterError(
                    f"thousands must differ from decimal; got {self.thousands!r}"
                )
        if self.skip is not None and not _is_count(self.skip):
            raise InvalidParameterError(
                f"skip must be a number of lines, 0 or more; got {self.skip!r}"
            )
        if not isinstance(self.units, (bool, Mapping)):
            raise InvalidParameterError(
                "units must be True, False or a mapping such as {'omega_m': 'rad/s'}; "
                f"got {self.units!r}"
            )
        if self.header not in (None, True, False):
            raise InvalidParameterError(f"header must be True, False or None; got {self.header!r}")

    def _check_time(self) -> None:
        if self.time is True:
            raise InvalidParameterError("time must be a column name, None or False; got True")
        if isinstance(self.time, tuple) and len(self.time) not in (1, 2, 3):
            raise InvalidParameterError(
                "time must name one column, or date, time of day and milliseconds; "
                f"got {list(self.time)}"
            )
        if self.time_unit is not None and counted_unit(self.time_unit) is None:
            raise InvalidParameterError(
                f"time_unit must be one of {known_units()} or a multiple such as '10 ms'; got "
                f"{self.time_unit!r}"
            )
        if self.time_format is not None and "%" not in self.time_format:
            raise InvalidParameterError(
                "time_format must be written as for strptime, such as '%d.%m.%Y %H:%M:%S'; "
                f"got {self.time_format!r}"
            )
        if self.time_unit is not None and self.time_format is not None:
            raise InvalidParameterError("time_unit and time_format exclude each other; got both")


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


def as_cycle(cycle: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names of the columns that tell cycles, or "reset"."""
    if cycle is None:
        return ()
    names = (cycle,) if isinstance(cycle, str) else cycle
    if not isinstance(names, (list, tuple)) or not all(isinstance(each, str) for each in names):
        raise InvalidParameterError(
            "cycle must be 'reset', the name of a column of cycle ids, or a list of such names; "
            f"got {cycle!r}"
        )
    if not names:
        raise InvalidParameterError("cycle must name a column; got an empty list")
    return tuple(names)


def as_names(names: Sequence[str] | None, parameter: str) -> tuple[str, ...] | None:
    """A list of names as a tuple; a single text is refused."""
    if names is None:
        return None
    if isinstance(names, str):
        raise InvalidParameterError(f"{parameter} must be a list of names; got {names!r}")
    return tuple(names)


def _one_of(parameter: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidParameterError(
            f"{parameter} must be {', '.join(map(repr, allowed[:-1]))} or {allowed[-1]!r}; "
            f"got {value!r}"
        )
