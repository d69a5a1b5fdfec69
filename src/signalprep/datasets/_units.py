"""Units of the simulated signals, by the symbols of the field."""

import pandas as pd

UNITS = {
    "T_m": "Nm",
    "T_shaft": "Nm",
    "T": "°C",
    "P": "W",
    "i": "A",
    "u": "V",
    "omega": "rad/s",
    "theta": "rad",
}


def with_units(log: pd.DataFrame) -> pd.DataFrame:
    """The log with a table of its units in ``attrs``, where `read_log` leaves it, too."""
    named = {name: str(name).removesuffix("_true") for name in log.columns}
    log.attrs["units"] = {
        name: UNITS.get(symbol, UNITS.get(symbol.split("_")[0], ""))
        for name, symbol in named.items()
        if not symbol.startswith("fault_")
    }
    return log
