"""Mutation testing by hand: which changes of the code does no test notice?

    pip install cosmic-ray pytest-cov
    python -m tests.mutation.mutate --sample 60 analysis/payout.py stake/plan      # some modules or rooms
    python -m tests.mutation.mutate --sample 200 --minutes 60                      # all of analysis/ and stake/

The tests of the floors run once, measured (`--coverage FILE` keeps that for the next time). Then a sample of places is
taken from the modules named, the same for the same seed, and one change is made at each, in a copy of the tree. The
tests of the floor that run the function around it are to notice. A survivor is printed with its change. Survivors that
mean the same as the code, or differ where it makes no difference, stand in explained.toml with the reason. Neither
tool is a dependency of the project, and this is not run in CI.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

from .mutants import FLOORS, Mutant, modules, mutant, places
from .running import LEAST, Copy, Covering

EXPLAINED = Path(__file__).with_name("explained.toml")


def explained() -> set[tuple[str, str]]:
    """Module and change of the survivors that are explained."""
    content = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return {(entry["module"], entry["change"].strip()) for entry in content["mutant"]}


def survives(copy: Copy, covering: Covering, change: Mutant, checked: set[Path]) -> bool:
    """Whether no test of the floor notices the change. Modules that are `checked` have tests that pass without one."""
    tests = covering.tests(change.module, change.line, change.before)
    if not tests:
        return True
    if change.module not in checked and not copy.passes(tests, LEAST):
        sys.exit(f"{' '.join(tests)}: fail without any change\n{(copy.folder / 'words.txt').read_text()}")
    checked.add(change.module)
    copy.write(change.module, change.after)
    try:
        return copy.passes(tests, LEAST)
    finally:
        copy.write(change.module, change.before)


def main() -> None:
    """Each mutant of the sample in turn; survivors as they come, then a line a module and the rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="files or rooms below numtui/, as stake/plan; analysis and stake")
    parser.add_argument("--without", nargs="*", default=[], help="files or rooms to leave out")
    parser.add_argument("--sample", type=int, default=60, help="so many mutants (60)")
    parser.add_argument("--seed", type=int, default=0, help="another seed is another sample")
    parser.add_argument("--minutes", type=float, default=20.0, help="ends after so many minutes (20)")
    parser.add_argument("--coverage", type=Path, help="which test runs which line: read where it is, else written")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    known, checked = explained(), set[Path]()
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        data = (options.coverage or Path(folder) / "coverage").resolve()
        if not data.exists():
            copy.measure(FLOORS, data)
        covering = Covering(data, copy.folder)
        chosen = modules(copy.folder, options.names, options.without)
        pool = [place for module in chosen for place in places(copy.folder, module)]
        chance.shuffle(pool)
        for place in pool:
            if time.monotonic() > end or outcomes.total() == options.sample:
                break
            change = mutant(copy.folder, place, chance)
            if change is None:
                continue
            name = str(change.module.relative_to("numtui"))
            outcome = "killed"
            if survives(copy, covering, change, checked):
                outcome = "explained" if (name, change.change) in known else "survived"
                print(f"{outcome}: {name}:{change.line}\n{change.change}\n", flush=True)
            outcomes[name, outcome] += 1
    for name in sorted({name for name, _ in outcomes}):
        counts = [f"{outcomes[name, outcome]} {outcome}" for outcome in ("killed", "explained", "survived")]
        print(f"{name}: {', '.join(counts)}")
    sums = {outcome: sum(outcomes[key] for key in outcomes if key[1] == outcome) for _, outcome in outcomes}
    good = outcomes.total() - sums.get("survived", 0)
    words = ", ".join(f"{number} {outcome}" for outcome, number in sorted(sums.items()))
    print(f"{words}: {good / max(outcomes.total(), 1):.0%} killed or explained, of {len(pool)} places")


if __name__ == "__main__":
    main()
