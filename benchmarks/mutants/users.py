"""Which lines feel a change of what is computed at import: a constant, a default, a class."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from .changes import head
from .mutants import Mutant, parsed
from .reach import SOURCE

Lines = dict[str, int]
"""By file, bit k set for line k."""


def lines_to_reach(mutant: Mutant) -> Lines:
    """The lines of which a test must run one to feel a mutant."""
    own = mutant.change.lines
    if not is_at_import(mutant):
        return {mutant.file: bits(own)}
    holders = list(_holders(parsed(mutant.file), own))
    functions = [node for node in holders if isinstance(node, ast.FunctionDef)]
    found: Lines = defaultdict(int)
    if functions:  # a default
        _add(found, mutant.file, functions[0])
        return found
    found[mutant.file] |= bits(own)
    for node in holders:
        if isinstance(node, ast.ClassDef):
            for function in ast.walk(node):
                if isinstance(function, ast.FunctionDef):
                    _add(found, mutant.file, function)
    names, known = set(_names(holders)), set()
    while names - known:
        name = (names - known).pop()
        known.add(name)
        for file, place, more in mentions().get(name, ()):
            found[file] |= place
            names |= more
    return found


def is_at_import(mutant: Mutant) -> bool:
    """Whether what is changed runs when the module is imported: no line of a function's body."""
    own = mutant.change.lines
    holders = _holders(parsed(mutant.file), own)
    functions = [node for node in holders if isinstance(node, ast.FunctionDef)]
    return not functions or own.start < functions[0].body[0].lineno


def bits(lines: range) -> int:
    return sum(1 << line for line in lines)


def _add(found: Lines, file: str, function: ast.FunctionDef) -> None:
    last = function.end_lineno or function.lineno
    found[file] = found.get(file, 0) | bits(range(function.body[0].lineno, last + 1))


def _holders(tree: ast.Module, lines: range) -> Iterator[ast.stmt]:
    """Functions, classes and at last the statement that hold some lines, from outside in."""
    body: list[ast.stmt] = tree.body
    while body:
        inner = [node for node in body if node.lineno <= lines.start <= (node.end_lineno or 0)]
        if not inner:
            return
        yield inner[0]
        body = [node for node in ast.iter_child_nodes(inner[0]) if isinstance(node, ast.stmt)]


def _names(holders: list[ast.stmt]) -> Iterator[str]:
    for node in holders:
        match node:
            case ast.ClassDef():
                yield node.name
            case ast.Assign():
                for target in node.targets:
                    yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


@cache
def mentions() -> dict[str, list[tuple[str, int, frozenset[str]]]]:
    """Where each name is read: file, lines, and the names that are computed from it at import."""
    found: dict[str, list[tuple[str, int, frozenset[str]]]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        file = str(path.relative_to(SOURCE))
        for node in parsed(file).body:
            _mentions_in(node, file, inside=False, found=found)
    return found


def _mentions_in(node: ast.AST, file: str, inside: bool, found: dict) -> None:
    """Mentions in a statement and, each for itself, in those it holds."""
    is_function = isinstance(node, ast.FunctionDef)
    if isinstance(node, ast.stmt):
        made = frozenset() if inside or is_function else frozenset(_names([node]))
        place = bits(head(node))
        if is_function and not inside:  # a default
            place = bits(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
        for name in _read_in_head(node):
            found[name].append((file, place, made - {name}))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            _mentions_in(child, file, inside or is_function, found)


def _read_in_head(node: ast.AST) -> set[str]:
    """Names read in a statement, those it holds left aside."""
    names: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            names.add(child.id)
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
            names.add(child.attr)
        names |= _read_in_head(child)
    return names
