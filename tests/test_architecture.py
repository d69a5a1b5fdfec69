"""The house: no circle through several rooms, and no room reads what is private to another."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import signalprep
from circles import circles, files, graph, main, room

ROOT = Path(signalprep.__file__).parent
PUBLIC = {"_asdict", "_fields", "_make", "_replace"}  # of every named tuple
OPEN = {"_kernels"}  # private as a whole: its files are what it offers


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def defined(tree: ast.AST) -> Iterator[str]:
    """Names that a file gives to functions, classes, attributes and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def imported(node: ast.AST, own: str) -> Iterator[str]:
    """Private files and names of other rooms that an import takes."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signalprep."):
        _, there, *inside = str(node.module).split(".")
        names = [*inside, *(alias.name for alias in node.names)]
        if there != own and there not in OPEN:
            yield from filter(private, names)


def read(node: ast.AST, own: set[str]) -> Iterator[str]:
    """Private members of anything but the object itself that no file of the room defines."""
    if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
        holder = ast.unparse(node.value)
        if holder not in ("self", "cls", "super()"):
            yield node.attr


def private_reads(root: Path) -> set[str]:
    """Each as "module: name"."""
    found = files(root).items()
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in found}
    names: dict[str, set[str]] = defaultdict(set)
    for module, tree in trees.items():
        names[room(module)] |= set(defined(tree))
    return {
        f"{module}: {name}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        for name in [*imported(node, room(module)), *read(node, names[room(module)])]
    }


def test_no_room_reads_what_is_private_to_another() -> None:
    assert private_reads(ROOT) == set()


def test_no_circle_goes_through_several_rooms() -> None:
    found = circles(graph(ROOT))
    assert [circle for circle in found if len({room(name) for name in circle}) > 1] == []


def package(folder: Path, **texts: str) -> Path:
    root = folder / "pack"
    for name, text in texts.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_imports_in_functions_and_for_type_checkers_close_a_circle(tmp_path: Path) -> None:
    upper = "if TYPE_CHECKING:\n    from pack.low import _file\n"
    lower = "def f():\n    from pack.high._file import thing\n"
    root = package(tmp_path, high___file=upper, low___file=lower)
    assert circles(graph(root)) == [["pack.high._file", "pack.low._file"]]
    assert main(root) == 1


def test_a_circle_in_one_room_and_the_doors_are_no_fault(tmp_path: Path) -> None:
    root = package(
        tmp_path,
        a___one="from pack.a import _two\nfrom pack import _doors\n",
        a___two="from pack.a._one import x\n",
        _doors="from pack.a import _one\n",
    )
    assert circles(graph(root)) == [["pack.a._one", "pack.a._two"]]
    assert main(root) == 0
