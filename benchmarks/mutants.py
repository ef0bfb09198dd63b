"""Mutants of a module: the same module with one check taken out, or with one limit moved by the least step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Taken out: an ``if`` never holds, a ``yield`` yields nothing, findings are not added to others.
CHECKS = "checks"
#: Moved: a comparison by size takes the value at the limit to the other side.
BOUNDARIES = "boundaries"
KINDS = (CHECKS, BOUNDARIES)

_OTHER_SIDE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


@dataclass(frozen=True)
class Mutant:
    """One change to one module."""

    path: str
    """Of the module, from the root."""
    where: str
    """Function or class and method that holds the change; empty at the top of the module."""
    line: int
    text: str
    """First line of the statement, or of the comparison."""
    source: str
    """The whole module with the change."""
    kind: str = CHECKS

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.path, self.source


def mutants(root: Path, path: str, kind: str = CHECKS) -> Iterator[Mutant]:
    """Yield each mutant of a module.

    Args:
        root: The checkout.
        path: The module, from `root`.
        kind: One of `KINDS`.
    """
    source = (root / path).read_text()
    tree = ast.parse(source)
    change = _checks_out if kind == CHECKS else _limits_moved
    lines = source.splitlines()
    for node, where in _placed(tree, ""):
        for line in change(node):
            text = ast.unparse(ast.fix_missing_locations(tree))
            yield Mutant(path, where, line, lines[line - 1].strip(), text, kind)


def _placed(node: ast.AST, where: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield all nodes, each with the outermost function, or class and method, that it is in."""
    yield node, where
    for child in ast.iter_child_nodes(node):
        inner = where
        if isinstance(child, ast.ClassDef) and not where:
            inner = child.name
        elif isinstance(child, ast.FunctionDef) and (not where or isinstance(node, ast.ClassDef)):
            inner = f"{where}.{child.name}" if where else child.name
        yield from _placed(child, inner)


def _checks_out(node: ast.AST) -> Iterator[int]:
    """Take each check that stands right in `node` out while its line is yielded; put it back."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for index, statement in enumerate(block):
            taken = _taken_out(statement)
            if taken is not None:
                block[index] = taken
                yield statement.lineno
                block[index] = statement


def _limits_moved(node: ast.AST) -> Iterator[int]:
    """Move each limit of a comparison while its line is yielded; move it back."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            other = _OTHER_SIDE.get(type(operator))
            if other is not None:
                node.ops[index] = other()
                yield node.lineno
                node.ops[index] = operator


def _taken_out(statement: ast.stmt) -> ast.stmt | None:
    """Return what stands in the place of a check that is taken out; None where the statement is none."""
    if isinstance(statement, ast.If) and not _is_for_types(statement):
        return ast.If(test=ast.Constant(value=False), body=statement.body, orelse=statement.orelse)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield | ast.YieldFrom):
        # The function must stay a generator.
        return ast.If(test=ast.Constant(value=False), body=[statement], orelse=[])
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add) and _adds_findings(statement):
        return ast.Pass()
    return None


def _is_for_types(statement: ast.If) -> bool:
    return isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"


def _adds_findings(statement: ast.AugAssign) -> bool:
    return isinstance(statement.target, ast.Name) and statement.target.id in ("findings", "found")
