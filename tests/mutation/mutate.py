"""Mutation testing of analysis/ and stake/ by hand: which changes of the code does no test notice?

    pip install cosmic-ray
    python tests/mutation/mutate.py payout risk amounts        # some modules
    python tests/mutation/mutate.py                            # all of them: takes hours

Each module is mutated against the tests that mirror its package; survivors are listed with their change. cosmic-ray is
no dependency of the project, and this is not run in CI. It changes the files in place and puts them back: run it in a
worktree of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("analysis", "stake")
CONFIGURATION = """[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -n 0 -x -q -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def modules(names: Sequence[str]) -> list[Path]:
    """The modules of the packages, or those of these names, as paths from the project's root."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / "numtui" / package).glob("*.py"))]
    return [path.relative_to(ROOT) for path in paths if path.stem != "__init__" and (not names or path.stem in names)]


def tests_of(module: Path) -> str:
    """The test file of the module where there is one, else all tests of its package."""
    own = Path("tests") / module.parent.name / f"test_{module.stem}.py"
    return str(own if (ROOT / own).exists() else own.parent)


def run(*words: str) -> str:
    """A command's output; ends the script where it fails."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def mutate(module: Path, timeout: float) -> str:
    """The report of one module: mutants killed and survivors with their change."""
    with tempfile.TemporaryDirectory() as folder:
        settings, session = Path(folder) / "settings.toml", Path(folder) / "session.sqlite"
        settings.write_text(
            CONFIGURATION.format(module=module, timeout=timeout, python=sys.executable, tests=tests_of(module)),
            encoding="utf-8",
        )
        run("cosmic-ray", "init", str(settings), str(session))
        run("cosmic-ray", "--verbosity", "ERROR", "baseline", str(settings))
        run("cosmic-ray", "--verbosity", "ERROR", "exec", str(settings), str(session))
        return run("cr-report", "--surviving-only", "--show-diff", str(session))


def main() -> None:
    """Each module in turn; its report on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="modules such as payout or amounts; all without any")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for the tests of one mutant")
    chosen = parser.parse_args()
    for module in modules(chosen.names):
        print(f"== {module}, against {tests_of(module)}", flush=True)
        print(mutate(module, chosen.timeout), flush=True)


if __name__ == "__main__":
    main()
