"""Small files as real tools write them, each with the log that it must become."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

import signalprep as sp

N = 90  # rows
START = datetime(2024, 3, 5, 14, 7, 9)
SPEED = [1500.25 + 3 * k for k in range(N)]
TORQUE = [12.5 - 0.25 * k for k in range(N)]


@dataclass
class Export:
    """A file of a tool: its text, its rate in Hz, units that it states, what must be given."""

    tool: str
    text: str
    rate: float
    units: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    speed: str = "speed"
    torque: str = "torque"
    others: tuple[str, ...] = ()
    encoding: str = "utf-8"

    def write(self, folder) -> Any:
        path = folder / "run.txt"
        path.write_bytes(self.text.encode(self.encoding))
        return path


def rows(pattern: str, step: float = 0.1, comma: bool = False) -> str:
    """A line a sample; `t` seconds, `k` counts, `at` is a datetime, `w` and `m` are values."""
    lines = [
        pattern.format(t=k * step, k=k, at=START + timedelta(seconds=k * step), w=w, m=m)
        for k, (w, m) in enumerate(zip(SPEED, TORQUE, strict=True))
    ]
    text = "".join(f"{line}\n" for line in lines)
    return text.replace(".", ",") if comma else text


def hms(step: int) -> str:
    return "".join(
        f"{START + timedelta(seconds=step * k):%H%M%S},{SPEED[k]},{TORQUE[k]}\n" for k in range(N)
    )


def clock_and_milliseconds(date: str, mark: str, before: str = "") -> str:
    lines = []
    for k in range(N):
        at = START + timedelta(seconds=0.25 * k)
        cells = [f"{at:{date}}", f"{at:%H:%M:%S}", f"{at.microsecond // 1000}"]
        lines.append(
            mark.join([*([before] if before else []), *cells, f"{SPEED[k]}", f"{TORQUE[k]}"])
        )
    return "\n".join(lines) + "\n"


def readings(pattern: str, step: float, apart: float = 0.0) -> str:
    """Two lines a sample: the reading of speed, then that of torque."""
    lines = []
    for k in range(N):
        for name, value, unit, late in (
            ("speed", SPEED[k], "rpm", 0.0),
            ("torque", TORQUE[k], "Nm", apart),
        ):
            at = START + timedelta(seconds=step * k)
            lines.append(
                pattern.format(t=step * k + late, at=at, name=name, value=value, unit=unit)
            )
    return "\n".join(lines) + "\n"


LABVIEW = (
    "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nDecimal_Separator\t.\n"
    "Multi_Headings\tNo\nX_Columns\tOne\nTime_Pref\tRelative\nDate\t2024/03/05\n"
    "Time\t14:07:09.1234567\n***End_of_Header***\t\n\t\nChannels\t2\t\t\nSamples\t90\t90\t\n"
    "Date\t2024/03/05\t2024/03/05\t\nTime\t14:07:09.123\t14:07:09.123\t\n"
    "X_Dimension\tTime\tTime\t\nX0\t0.0E+0\t0.0E+0\t\nDelta_X\t0.001\t0.001\t\n"
    "***End_of_Header***\t\t\t\nX_Value\tspeed\ttorque\tComment\n"
)

EXPORTS = [
    Export("LabVIEW", LABVIEW + rows("{t:.6f}\t{w}\t{m}", 0.001), 1000.0),
    Export("LabVIEW, no X", LABVIEW.replace("One", "No") + rows("\t{w}\t{m}"), 1000.0),
    Export(
        "LabVIEW, commas",
        LABVIEW.replace("0.001", "0,001").replace("0.0E", "0,0E")
        + rows("{t:.6f}\t{w}\t{m}", 0.001, comma=True),
        1000.0,
    ),
    Export("counts of 10 ms", "Time (x10 ms),speed,torque\n" + rows("{k},{w},{m}"), 100.0),
    Export("counts of 100 ns", "t [100 ns];speed;torque\n" + rows("{k}000;{w};{m}"), 1e4),
    Export("parts of a ms", "Time (1/10 ms)\tspeed\ttorque\n" + rows("{k}\t{w}\t{m}"), 1e4),
    Export("tenths of seconds", "Zeit [0,1 s];speed;torque\n" + rows("{k};{w};{m}"), 10.0),
    Export(
        "power analyser",
        "Store No.,Date,Time,Millisecond,speed,torque\n"
        + clock_and_milliseconds("%Y/%m/%d", ",", before="1"),
        4.0,
        others=("Store No.",),
    ),
    Export(
        "trend log",
        "Date;Time;Millitm;speed;torque\n" + clock_and_milliseconds("%Y-%m-%d", ";"),
        4.0,
    ),
    Export("utc in words", "time,speed,torque\n" + rows("{at} UTC,{w},{m}", 1.0), 1.0),
    Export("minus of typography", "time;speed;x\n" + rows("{t:.1f};{w};\u22125"), 10.0, torque="x"),
    Export(
        "blank behind the sign", "time,speed,x\n" + rows("{t:.1f},+ {w},-  5"), 10.0, torque="x"
    ),
    Export(
        "marks of direction",
        "\u200ftime,\u200espeed,torque\u200b\n" + rows("{t:.1f},{w},{m}"),
        10.0,
    ),
    Export("loss of power", "time,speed,torque\n" + rows("{t:.1f},{w},{m}") + "\0" * 512, 10.0),
    Export(
        "statistics below",
        "time,speed,torque\n" + rows("{t:.1f},{w},{m}") + "Max,1,2\nMin,1,2\n\nMean:,1,2\n",
        10.0,
    ),
    Export(
        "sample times below the units",
        "time,speed,torque\ns,rpm,Nm\n10ms,10ms,100ms\n" + rows("{t:.2f},{w},{m}", 0.01),
        100.0,
        {"speed": "rpm", "torque": "Nm"},
    ),
    Export(
        "units beside words",
        '"name","time","speed","torque"\n"unit","s","rpm","Nm"\n' + rows(",{t:.3f},{w},{m}", 0.001),
        1000.0,
        {"speed": "rpm", "torque": "Nm"},
        others=("name",),
    ),
    Export(
        "line ends in names",
        'time,"speed\n(rpm)","torque\n(Nm)"\n' + rows("{t:.1f},{w},{m}"),
        10.0,
        {"speed": "rpm", "torque": "Nm"},
    ),
    Export(
        "R",
        '"time" "speed" "torque"\n' + rows('"{k}" {t:.1f} {w} {m}'),
        10.0,
        others=("unnamed 1",),
    ),
    Export(
        "French spreadsheet",
        "Temps (s);speed (tr/min);torque (N·m)\n" + rows("{t:.1f};{w};{m}", comma=True),
        10.0,
        {"speed": "tr/min", "torque": "N·m"},
    ),
    Export(
        "oscilloscope in seconds",
        "Time,speed,torque\n" + rows("{t:.6e},{w},{m}", 1e-6),
        1e6,
        given={"time_unit": "s"},
    ),
    Export(
        "digits of a clock", "time,speed,torque\n" + hms(1), 1.0, given={"time_format": "%H%M%S"}
    ),
    Export("digits, 5 s", "utc time,speed,torque\n" + hms(5), 0.2, given={"time_format": "%H%M%S"}),
    Export(
        "file time",
        "Time,speed,torque\n"
        + "".join(f"{133541932290000000 + 10**6 * k},{SPEED[k]},{TORQUE[k]}\n" for k in range(N)),
        10.0,
        given={"time_unit": "100 ns"},
    ),
    Export(
        "days since the year 0",
        "Time,speed,torque\n"
        + "".join(f"{739316.5 + k / 86400:.11f},{SPEED[k]},{TORQUE[k]}\n" for k in range(N)),
        1.0,
        given={"time_unit": "d"},
    ),
    Export(
        "Julian days",
        "Time,speed,torque\n"
        + "".join(f"{2460375 + k / 86400:.8f},{SPEED[k]},{TORQUE[k]}\n" for k in range(N)),
        1.0,
        given={"time_unit": "d"},
    ),
    Export(
        "data acquisition unit",
        "Time,speed,torque\n" + rows("{at:%m/%d/%Y %H:%M:%S}:500,{w},{m}", 5.0),
        0.2,
        given={"time_format": "%m/%d/%Y %H:%M:%S:%f"},
    ),
    Export(
        "American spreadsheet",
        "Time,speed,torque\n" + rows("{at:%m/%d/%Y %I:%M:%S %p},{w},{m}", 1.0),
        1.0,
        given={"time_format": "%m/%d/%Y %I:%M:%S %p"},
    ),
    Export(
        "years of two digits",
        "Time,speed,torque\n" + rows("{at:%y-%m-%d},{w},{m}", 86400.0),
        1 / 86400,
        given={"time_format": "%y-%m-%d"},
    ),
    Export(
        "signals by row",
        "Time [s],Bus,Signal,Value,Unit\n" + readings("{t:.2f},CAN1,{name},{value},{unit}", 0.01),
        100.0,
        {"speed": "rpm", "torque": "Nm"},
        {"long_form": {"name": "Signal", "value": "Value", "unit": "Unit"}},
    ),
    Export(
        "archive of a panel",
        "VarName;TimeString;VarValue;Validity\n"
        + readings("{name};{at:%d.%m.%Y %H:%M:%S};{value};1", 1.0)
        + "$RT_COUNT$;180;;\n",
        1.0,
        given={"long_form": {"name": "VarName", "value": "VarValue"}},
    ),
    Export(
        "channels by number",
        "time,channel,value\n"
        + readings("{t:.2f},{name},{value}", 0.1).replace("speed", "1").replace("torque", "2"),
        10.0,
        given={"long_form": {"name": "channel", "value": "value"}},
        speed="1",
        torque="2",
    ),
    Export(
        "history of states",
        "entity_id,state,last_changed\n" + readings("{name},{value},{at}Z", 10.0),
        0.1,
        given={"long_form": {"name": "entity_id", "value": "state"}},
    ),
]


def _difference(log: pd.DataFrame, export: Export) -> str:
    """What is wrong with a log; empty where nothing is."""
    seconds = log.index.get_level_values("time")
    step = pd.Series(seconds).diff().dropna()
    step = step.dt.total_seconds() if step.dtype.kind == "m" else step
    torque = [-5.0] * N if export.torque == "x" else TORQUE
    if len(log) != N:
        return f"{len(log)} rows"
    if not np.allclose(step, 1.0 / export.rate, rtol=0.01):
        return f"steps {step.min()} to {step.max()} s"
    if set(log.columns) != {export.speed, export.torque, *export.others}:
        return f"channels {list(log.columns)}"
    for name, values in ((export.speed, SPEED), (export.torque, torque)):
        if not np.array_equal(log[name].to_numpy(), values):
            return f"{name}: {log[name].to_numpy()[:3]}"
    units = sp.units(log).to_dict()
    wrong = {name: units.get(name) for name, unit in export.units.items() if units[name] != unit}
    return f"units {wrong}" if wrong else ""


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.tool)
def test_a_file_becomes_its_log_or_asks_for_what_makes_it_so(export, tmp_path):
    path = export.write(tmp_path)
    if export.given:
        (parameter, value), *_ = export.given.items()
        with pytest.raises(sp.errors.SignalprepError) as refused:
            sp.read_log(path)
        advised = re.findall(
            rf"{parameter}=('[^']*'|\{{[^}}]*\}})( or '[^']*')*", str(refused.value)
        )
        choices = re.findall(r"'[^']*'|\{[^}]*\}", str(refused.value).partition(f"{parameter}=")[2])
        assert advised
        assert value in [ast.literal_eval(choice) for choice in choices]
    assert not _difference(sp.read_log(path, **export.given), export)


REFUSED = {
    "coarse stamps": ("time,speed\n" + rows("{at:%H:%M:%S},{w}"), "duplicates="),
    "sample time or counts": ("Time (10ms),speed\n" + rows("{t:.2f},{w}", 0.01), "time_unit="),
    "words in the time": (
        "time,speed\n" + rows("{t:.1f},{w}") + "end of run,3\n0.1,2\n",
        "na_values=",
    ),
    "pairs of one rate": ("TIME,a,TIME,b\n" + rows("{t:.1f},{w},{t:.1f}5,{m}"), "cycle="),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_refusal_advises_what_makes_a_wrong_log(case, tmp_path):
    text, wrong = REFUSED[case]
    path = tmp_path / "run.csv"
    path.write_text(text)
    with pytest.raises(sp.errors.SignalprepError) as refused:
        sp.read_log(path)
    assert wrong not in str(refused.value)


def test_a_second_table_is_no_part_of_the_first(tmp_path):
    path = tmp_path / "run.csv"
    second = "".join(f"{10 * k},{k},{-k}\n" for k in range(1, 30))
    path.write_text(
        "time,speed,torque\n" + rows("{t:.1f},{w},{m}") + "\nf [Hz],gain,phase\n" + second
    )
    with pytest.raises(sp.errors.ReadError, match="begins another table") as refused:
        sp.read_log(path)
    skip = int(str(refused.value).rpartition("skip=")[2])
    log = sp.read_log(path, skip=skip, rate=1.0)
    assert log["gain"].tolist() == list(range(1, 30))


def test_a_sample_time_in_the_name_is_no_unit(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text("time_10ms,speed\n" + rows("{t:.2f},{w}", 0.01))
    log = sp.read_log(path, time="time_10ms")
    assert log.index.get_level_values("time")[:2].tolist() == [0.0, 0.01]
