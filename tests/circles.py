"""Circles among the files of a package: files that import each other, through others or at once.

Imports inside functions and those for type checkers count, too: who reads one file of a circle has
to know all of it. Imports of `_doors.py`, the only ones that lead up, are left out. A circle within
one room (a package right below the root) is its own affair; one through several rooms fails.

    python tests/circles.py [src/signalprep]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

DOORS = "_doors"
Edge = tuple[str, str]


def files(root: Path) -> dict[str, Path]:
    """Path of every module, by its dotted name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = (root.name, *path.relative_to(root).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the package that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from sorted(named & known.keys())
            if node.module in known and named - known.keys():
                yield node.module


def graph(root: Path) -> list[Edge]:
    """Who imports whom, the doors left out."""
    known = files(root)
    doors = f"{root.name}.{DOORS}"
    return [
        (name, other)
        for name, path in known.items()
        if name != doors
        for other in sorted(set(imports(path, known)) - {name})
    ]


def circles(edges: list[Edge]) -> list[list[str]]:
    """Files that reach each other, two at least, the largest circle first."""
    names = sorted({name for edge in edges for name in edge})
    place = {name: k for k, name in enumerate(names)}
    rows, columns = ([place[edge[end]] for edge in edges] for end in (0, 1))
    shape = (len(names), len(names))
    table = coo_array((np.ones(len(edges)), (rows, columns)), shape=shape)
    _, label = connected_components(table.tocsr(), connection="strong")
    groups = [[n for n, of in zip(names, label, strict=True) if of == k] for k in np.unique(label)]
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def room(name: str) -> str:
    """The package right below the root that a file is of."""
    return name.split(".")[1] if "." in name else name


def main(root: Path) -> int:
    edges = graph(root)
    found = circles(edges)
    wide = [circle for circle in found if len({room(name) for name in circle}) > 1]
    for circle in wide:
        print(f"a circle of {len(circle)} files through several rooms:")
        inside = set(circle)
        for name, other in edges:
            if {name, other} <= inside and room(name) != room(other):
                print(f"    {name} imports {other}")
    largest = len(found[0]) if found else 0
    print(
        f"{len(found)} circles, {len(wide)} through several rooms, the largest of {largest} files"
    )
    return bool(wide)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "src/signalprep")))
