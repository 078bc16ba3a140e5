"""How the source is kept: imports without circles, files of one subject, SQL reads in one place, docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "numtui"
FILES = sorted(ROOT.rglob("*.py"))
MOST_LINES, MOST_FILES = 350, 15
NAMES = {
    file: ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__") for file in FILES
}
MODULES = frozenset(NAMES.values())


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(file: Path) -> Iterator[str]:
    """The modules of numtui that a file imports: at the top, in functions, and for type checkers only."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{NAMES[file]} imports by a relative name"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from (module for module in (name if name in MODULES else node.module,) if module in MODULES)


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which imports all others, over whatever way (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in edges[name]:
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[-len(group) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for name in edges:
        if name not in index:
            visit(name)
    return groups


def test_circles_are_told() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str](), "e": {"e"}}
    assert circles(edges) == [["b", "c"]]


def test_no_module_imports_itself_by_a_detour() -> None:
    """Not in functions and not for type checkers either."""
    edges = {NAMES[file]: set(imports(file)) - {NAMES[file]} for file in FILES}
    assert circles(edges) == []


def test_no_file_is_long() -> None:
    lengths = {NAMES[file]: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_folder_is_crowded() -> None:
    folders = {file.parent for file in FILES}
    counts = {
        folder.name: len([file for file in folder.glob("*.py") if file.name != "__init__.py"]) for folder in folders
    }
    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_sql_reads_stand_in_the_store() -> None:
    """The demo has a database of its own."""
    select = re.compile(r"[\"'\s]SELECT\s")
    outside = [file for file in FILES if file.relative_to(ROOT).parts[0] not in {"store", "demo"}]
    assert [NAMES[file] for file in outside if select.search(file.read_text(encoding="utf-8"))] == []


def undocumented(file: Path) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring; a setter has its getter's."""
    module = tree(file)
    if module.body and ast.get_docstring(module) is None:
        yield NAMES[file]
    bodies = [(NAMES[file], module.body)]
    classes = [node for node in module.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    bodies += [(f"{NAMES[file]}.{node.name}", node.body) for node in classes]
    for owner, body in bodies:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                setter = any(isinstance(mark, ast.Attribute) and mark.attr == "setter" for mark in node.decorator_list)
                if not node.name.startswith("_") and not setter and ast.get_docstring(node) is None:
                    yield f"{owner}.{node.name}"


@pytest.mark.parametrize("folder", sorted({file.relative_to(ROOT).parts[0] for file in FILES}))
def test_what_is_public_is_explained(folder: str) -> None:
    files = [file for file in FILES if file.relative_to(ROOT).parts[0] == folder]
    assert [name for file in files for name in undocumented(file)] == []
