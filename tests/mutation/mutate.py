"""Mutation testing by hand: which changes of the code does no test notice?

    pip install cosmic-ray
    python -m tests.mutation.mutate --sample 60 analysis/payout.py stake/plan      # some modules or rooms
    python -m tests.mutation.mutate --sample 200 --minutes 60                      # all of analysis/ and stake/

A sample of places is taken from the modules named, the same for the same seed, and one change is made at each, in a
copy of the tree. The tests that mirror the module run against it; what they let pass meets all tests of its floor. A
survivor is printed with its change. cosmic-ray is no dependency of the project, and this is not run in CI.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
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
        """The change as a unified diff without context."""
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


class Place(NamedTuple):
    """A place of a module that operators change: each by its name and how many places of it come before."""

    module: Path
    line: int
    changes: tuple[tuple[str, int], ...]


def modules(root: Path, names: Sequence[str]) -> list[Path]:
    """The modules that the names below numtui/ stand for: a file, or all of a room; both floors without a name."""
    paths: set[Path] = set()
    for name in names or FLOORS:
        place = root / "numtui" / name
        if not place.exists():
            sys.exit(f"numtui/{name} does not exist")
        paths.update([place] if place.is_file() else place.rglob("*.py"))
    return sorted(path.relative_to(root) for path in paths if path.name != "__init__.py")


def _meaning(source: str) -> str:
    """The source without annotations, which are never evaluated; equal for mutants that mean the same."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
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


def tests_of(root: Path, module: Path) -> list[str]:
    """The test files that mirror the module, else those of its floor that import it, else all of its floor."""
    floor = root / "tests" / module.parts[1]
    mirror = floor.joinpath(*module.parts[2:-1])
    paths = sorted(mirror.glob(f"test_{module.stem}.py")) + sorted(mirror.glob(f"test_{module.stem}_*.py"))
    if not paths:
        dotted = ".".join(module.with_suffix("").parts)
        package, _, stem = dotted.rpartition(".")
        imports = re.compile(rf"from {re.escape(dotted)} import|from {re.escape(package)} import [^\n]*\b{stem}\b")
        paths = [path for path in sorted(floor.rglob("test_*.py")) if imports.search(path.read_text(encoding="utf-8"))]
    return [str(path.relative_to(root)) for path in paths or [floor]]


class Copy:
    """A copy of the tree that mutants are written to and tested in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[tuple[str, ...], float] = {}
        self._stamp = int(time.time())
        for name in ("numtui", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, folder / name)

    def write(self, module: Path, source: str) -> None:
        """A module's source; its time rises by a second each, so that no compiled file of another source serves."""
        self._stamp += 1
        (self.folder / module).write_text(source, encoding="utf-8")
        os.utime(self.folder / module, (self._stamp, self._stamp))

    def passes(self, tests: Sequence[str], limit: int | None = None) -> bool:
        """Whether the tests pass within so many seconds of processor time, and 20 times that by the clock."""
        command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", *tests]
        if limit is not None:
            command = ["sh", "-c", f'ulimit -t {limit} && exec "$@"', "sh", *command]
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        with (
            (self.folder / "words.txt").open("w") as words,
            subprocess.Popen(command, cwd=self.folder, env=environment, stdout=words, stderr=words) as process,
        ):
            try:
                return process.wait(None if limit is None else 20 * limit) == 0
            except subprocess.TimeoutExpired:
                process.kill()
                return False

    def limit(self, tests: Sequence[str]) -> int:
        """Seconds after which a mutant counts as noticed; SystemExit where the tests fail without a change."""
        key = tuple(tests)
        if key not in self.seconds:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            if not self.passes(tests):
                sys.exit(f"{' '.join(tests)}: fail without any change\n{(self.folder / 'words.txt').read_text()}")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.seconds[key] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return 10 + int(4 * self.seconds[key])

    def survives(self, mutant: Mutant) -> bool:
        """Whether neither the module's tests nor those of its floor notice the change."""
        for tests in (tests_of(self.folder, mutant.module), [f"tests/{mutant.module.parts[1]}"]):
            limit = self.limit(tests)  # before the change
            self.write(mutant.module, mutant.after)
            try:
                if not self.passes(tests, limit):
                    return False
            finally:
                self.write(mutant.module, mutant.before)
        return True


def main() -> None:
    """Each mutant of the sample in turn; survivors as they come, then a line a module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="files or rooms below numtui/, as stake/plan; analysis and stake")
    parser.add_argument("--sample", type=int, default=60, help="so many mutants (60)")
    parser.add_argument("--seed", type=int, default=0, help="another seed is another sample")
    parser.add_argument("--minutes", type=float, default=20.0, help="ends after so many minutes (20)")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    killed: Counter[Path] = Counter()
    survived: Counter[Path] = Counter()
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        pool = [place for module in modules(copy.folder, options.names) for place in places(copy.folder, module)]
        chance.shuffle(pool)
        for place in pool:
            if time.monotonic() > end or killed.total() + survived.total() == options.sample:
                break
            change = mutant(copy.folder, place, chance)
            if change is None:
                continue
            if copy.survives(change):
                survived[change.module] += 1
                print(f"survived: {change.module}:{change.line}\n{change.change}\n", flush=True)
            else:
                killed[change.module] += 1
    for module in sorted(killed | survived):
        print(f"{module}: {killed[module]} killed, {survived[module]} survived")
    print(f"{killed.total()} killed, {survived.total()} survived, of {len(pool)} places")


if __name__ == "__main__":
    main()
