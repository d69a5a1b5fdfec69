"""Nothing that a file says steers the terminal."""

import ast
import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signalprep.cli
from signalprep.cli._safe_text import safe_text

pty = pytest.importorskip("pty", reason="pseudo-terminals are of Unix")

SHOWN = {
    "\x1b[2J": r"\x1b[2J",
    "\x9b31m": r"\x9b31m",
    "a\u202eb\u2066c\u200fd\u061ce": r"a\u202eb\u2066c\u200fd\u061ce",
    "\ufefft\r\n": r"\ufefft\r\n",
    "\udcff\u2028": r"\udcff\u2028",
    "Drehzahl ω in °, 温度, \\x1b": "Drehzahl ω in °, 温度, \\x1b",
}
RAW = ("\x1b", "\x07", "\x08", "\x9b", "\u202e", "\u2066", "\u200f")
EVIL = "".join(f"{char}[2J{char}]0;PWNED" for char in RAW)
HARMLESS = (b"\x1b[2J", b"\x1b]0;", b"PWNED\x1b", b"\x07", b"\x08")
PROGRAM = (
    "import signalprep._progress as p; p.PATIENCE = 0.0; from signalprep.cli import main; main()"
)


def test_what_steers_is_shown():
    assert {text: safe_text(text) for text in SHOWN} == SHOWN
    assert safe_text("a\nb\tc", lines=True) == "a\nb\\tc"


@given(st.text(), st.booleans())
def test_only_printable_characters_are_left(text, lines):
    safe = safe_text(text, lines=lines)
    left = {char for char in safe if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert left <= ({"\n"} if lines else set())
    assert safe_text(safe, lines=lines) == safe
    safe.encode()


def test_commands_print_through_it():
    """Nothing of the command line but `say` prints by itself, and tables are made safe."""
    printing = {}
    for file in Path(signalprep.cli.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        printing[file.name] = names & {"echo", "secho", "print", "Console", "write", "print_exc"}
    assert {name: found for name, found in printing.items() if found} == {
        "_say.py": {"echo"},
        "_quality_tables.py": {"Console", "print"},
    }


def on_a_terminal(folder, *words):
    """Run the command line on a terminal; give its exit code and what reaches the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm", COLUMNS="200", PYTHONWARNINGS="ignore")
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, *words])
    out = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), out


@pytest.fixture
def evil(tmp_path):
    """A folder whose file names, headers, units, ids and labels hold what steers a terminal."""
    for k in range(3):
        rows = [f"{i / 10:.1f},{i * 7 % 11},{i * 5 % 13},lbl{EVIL}\n" for i in range(60)]
        text = f"time,speed{EVIL} [V\x1b7\u202e],torque,txt{EVIL}\n" + "".join(rows)
        (tmp_path / f"trip{EVIL}\n{k}.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("check", "."), 0),
        (("check", ".", "--cycle", "txt" + EVIL), 1),
        (("report", ".", "--target", "torque", "--folds", "2", "--regimes", "torque=2"), 0),
        (("report", ".", "--target", "speed" + EVIL, "--folds", "2", "--limit", "rmse=1e9"), 0),
        (("report", ".", "--target", "torque", "--folds", "2", "--price", "--audit"), 1),  # copies
        (("report", ".", "--target", "nix" + EVIL), 2),
        (("report", ".", "--target", "torque", "--inputs", "txt" + EVIL, "--folds", "2"), 2),
        (("report", ".", "--target", "torque", "--time", "txt" + EVIL), 2),
        (("check", "nix" + EVIL), 2),
        (("check", ".", EVIL), 2),
        (("check", ".", "--rate", EVIL), 2),
    ],
)
def test_no_text_of_a_file_steers_the_terminal(evil, words, exit_code):
    code, out = on_a_terminal(evil, *words)
    assert code == exit_code, out.decode()
    assert not any(sequence in out for sequence in HARMLESS), out
    assert not any(char.encode() in out for char in RAW if ord(char) > 0x7F), out


def test_a_trace_of_calls_does_not_either(evil, monkeypatch):
    monkeypatch.setenv("SIGNALPREP_TRACEBACK", "1")
    code, out = on_a_terminal(evil, "report", ".", "--target", "nix" + EVIL)
    assert code == 2
    assert b"Traceback" in out
    assert not any(sequence in out for sequence in HARMLESS), out
