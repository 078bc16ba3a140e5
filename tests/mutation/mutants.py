"""The mutants of a module: one change each, at one place, by the operators of cosmic-ray."""

from __future__ import annotations

import ast
import difflib
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FLOORS = ("analysis", "stake")
# Operators whose mutants mean the same: `is` and `==` of None, True and small numbers.
SAME = re.compile(r"_(Is_Eq|IsNot_NotEq|Eq_Is|NotEq_IsNot)$")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change: its path below the root, the line, and the source with and without the change."""

    module: Path
    line: int
    before: str
    after: str

    @property
    def change(self) -> str:
        """The lines that change, without their indent: "- " and as it was, "+ " and as it is."""
        lines = difflib.ndiff(self.before.splitlines(), self.after.splitlines())
        return "\n".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "-+")


class Place(NamedTuple):
    """A place of a module that operators change: each by its name and how many places of it come before."""

    module: Path
    line: int
    changes: tuple[tuple[str, int], ...]


def modules(root: Path, names: Sequence[str], without: Sequence[str] = ()) -> list[Path]:
    """The modules that the names below numtui/ stand for: a file, or all of a room; both floors without a name."""
    paths = _files(root, names or FLOORS) - _files(root, without)
    return sorted(path.relative_to(root) for path in paths if path.name != "__init__.py")


def _files(root: Path, names: Sequence[str]) -> set[Path]:
    paths: set[Path] = set()
    for name in names:
        place = root / "numtui" / name
        if not place.exists():
            sys.exit(f"numtui/{name} does not exist")
        paths.update([place] if place.is_file() else place.rglob("*.py"))
    return paths


def _meaning(source: str) -> str:
    """The source without annotations, which are never evaluated, and without how closed a dataclass is (frozen, slots),
    which no program that type-checks notices; equal for mutants that mean the same."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.ClassDef):
            for part in node.decorator_list:
                if isinstance(part, ast.Call):
                    part.keywords = [word for word in part.keywords if word.arg not in {"frozen", "slots"}]
    return ast.dump(tree)


def places(root: Path, module: Path) -> list[Place]:
    """Where the module can be changed, and how."""
    from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-untyped,unused-ignore]  # by hand only
    from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-untyped,unused-ignore]

    nodes = list(ast_nodes(get_ast((root / module).read_text(encoding="utf-8"))))
    changes: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for name in operator_names():
        if SAME.search(name) or "Variable" in name:
            continue
        operator = get_operator(name)()
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            changes.setdefault(start, []).append((name, occurrence))
    return [Place(module, line, tuple(changes[line, column])) for line, column in sorted(changes)]


def mutant(root: Path, place: Place, chance: random.Random) -> Mutant | None:
    """One of the changes of the place; None where it does not change what the module means."""
    from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped,unused-ignore]  # by hand only
    from cosmic_ray.plugins import get_operator  # type: ignore[import-untyped,unused-ignore]

    source = (root / place.module).read_text(encoding="utf-8")
    name, occurrence = chance.choice(place.changes)
    try:
        after = mutate_code(source, get_operator(name)(), occurrence)
        if after is None or _meaning(after) == _meaning(source):
            return None
    except (SyntaxError, AttributeError):  # no change that can be made there
        return None
    return Mutant(place.module, place.line, source, after)
