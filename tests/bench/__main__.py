"""`python -m tests.bench`: takes the figures, prints their table, writes them where asked to."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.bench.run import as_json, as_text, benches, run, write_readme


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.bench", description="Take the figures, print their table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"a figure, or a bench: {' '.join(benches([]))}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--readme", action="store_true", help="put the table into the README (of a run of all)")
    options = parser.parse_args()
    try:
        benches(options.names)
    except KeyError as error:
        parser.error(f"there is no figure and no bench {error}")
    if options.readme and options.names:
        parser.error("--readme takes a run of all")
    outcome = run(options.names, say=lambda line: print(line, file=sys.stderr, flush=True))
    print(as_text(outcome))
    if options.json:
        options.json.write_text(json.dumps(as_json(outcome), indent=1) + "\n", encoding="utf-8")
    if options.readme:
        write_readme(outcome)


if __name__ == "__main__":
    main()
