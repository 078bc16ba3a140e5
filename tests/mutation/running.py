"""Which tests run a line, and whether they pass with a change of it.

Tests run in children of a process that has the big libraries loaded: a mutant that is noticed costs less than a second.
"""

from __future__ import annotations

import ast
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SHARED = "shared"
PRELOADED = (hypothesis, np)
OPTIONS = ("-n", "0", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:cov")
LEAST = 120  # seconds of processor time that a run may take in any case
BY_THE_CLOCK = 15  # times as many seconds, on a busy machine


class Copy:
    """A copy of the tree in `folder`/project that mutants are written to and tested in; beside it the recorded scores,
    where they lie beside the tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        folder.joinpath(SHARED).symlink_to(ROOT.parent / SHARED)
        self._stamp = int(time.time())
        for name in ("numtui", "tests"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, self.folder / name)

    def measure(self, floors: Sequence[str], data: Path) -> None:
        """Run all tests of the floors once; which one runs which line goes to `data`. SystemExit where one fails."""
        words = [f"--cov=numtui/{floor}" for floor in floors]
        tests = [f"tests/{floor}" for floor in floors]
        command = [sys.executable, "-m", "pytest", "-n", "0", "--dist", "no", "-q", "-p", "no:cacheprovider"]
        command += ["--cov-context=test", "--cov-report=", *words, *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "COVERAGE_FILE": str(data)}
        if subprocess.run(command, cwd=self.folder, env=environment, check=False).returncode:
            sys.exit("the tests fail without any change")

    def write(self, module: Path, source: str) -> None:
        """A module's source; its time rises by a second each, so that no compiled file of another source serves."""
        self._stamp += 1
        (self.folder / module).write_text(source, encoding="utf-8")
        os.utime(self.folder / module, (self._stamp, self._stamp))

    def passes(self, tests: Sequence[str], limit: int) -> bool:
        """Whether the tests pass within so many seconds of processor time."""
        child = os.fork()
        if child == 0:
            self._run(tests, limit)
        end = time.monotonic() + BY_THE_CLOCK * limit
        while time.monotonic() < end:
            known, status = os.waitpid(child, os.WNOHANG)
            if known:
                return status == 0
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return False

    def _run(self, tests: Sequence[str], limit: int) -> None:
        os.setpgrp()
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        words = os.open(self.folder / "words.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(words, stream)
        os.chdir(self.folder)
        sys.path.insert(0, str(self.folder))
        for name in [name for name in sys.modules if name.split(".")[0] in {"numtui", "tests"}]:
            del sys.modules[name]
        os.environ["PYTHONPATH"] = str(self.folder)
        code = 1
        try:
            code = int(pytest.main([*OPTIONS, *tests]))
        finally:
            os._exit(code)


class Covering:
    """Which tests run a line, by what `Copy.measure` wrote."""

    def __init__(self, data: Path, root: Path) -> None:
        from coverage import CoverageData  # by hand only

        self._root = root
        self._data = CoverageData(str(data))
        self._data.read()
        if not any(self._data.measured_contexts()):
            sys.exit(f"{data} does not say which test runs what")
        self._files = {Path(name): name for name in self._data.measured_files()}

    def tests(self, module: Path, line: int, source: str) -> list[str]:
        """The tests that run the function around the line, those that mirror the module first.

        For a line outside of any function all tests of the files that run anything of the module, or mirror it: what
        reads a constant cannot be told. Without any, nobody notices what is done there.
        """
        known = [name for path, name in self._files.items() if path.parts[-len(module.parts) :] == module.parts]
        contexts = self._data.contexts_by_lineno(known[0]) if known else {}
        span = _around(source, line)
        names = {name for at, all_names in contexts.items() if span is None or at in span for name in all_names}
        tests = {name.rpartition("|")[0].partition("[")[0] for name in names if name}
        if span is None:
            mirrors = (self._root / "tests").rglob(f"test_{module.stem}.py")
            mirrors_here = {str(path.relative_to(self._root)) for path in mirrors if path.parts[-2] in module.parts}
            tests = {test.partition("::")[0] for test in tests} | mirrors_here
        return sorted(tests, key=lambda test: (f"test_{module.stem}" not in test, test))


def _around(source: str, line: int) -> range | None:
    """The lines of the body of the innermost function around a line; None without one."""
    place = None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first, last = node.body[0].lineno, node.end_lineno or 0
            if first <= line <= last and (place is None or first >= place.start):  # an inner function begins later
                place = range(first, last + 1)
    return place
