"""Settings files, filters, grids, ranges and arguments that nobody would write: a result, or one clear line.

    python -m tests.e2e.fuzz_words [EXAMPLES]      # 10,000 of each kind by default, some minutes

The suite runs a few of each (test_fuzz_words.py). Commands run in this process on a small cache, offline.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import tomli_w
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from numtui.analysis.backtest.grid import parse_grid
from numtui.cli.main import main
from numtui.config_file import EXPLAINED
from numtui.export.tables import TABLES
from numtui.filter import FilterError, parse_filter
from numtui.reports.overview.models import MODEL_COLUMNS
from numtui.store.queries.selection import parse_names, parse_rounds

CODES = {0, 1, 2, 3, 4, 5}
TEXT = st.text(max_size=30)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=True), st.booleans())
PLAIN = st.one_of(TEXT, NUMBERS)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
KEYS = st.one_of(st.sampled_from(sorted(EXPLAINED)), TEXT)
# What is near to right: pieces of what a grid, a range or a filter is made of.
BITS = ("corr60", "mmc", "=", "..", ":", ",", "0", "0.5", "-1", "1e400", "٣", ">", "<", "!", "|", "*", "own", " ")
PIECES = st.lists(st.sampled_from(BITS), max_size=12).map("".join)
WORDS = st.one_of(PIECES, TEXT)
NAMED = ("rounds", "models", "grid", "terms", "stake", "payout-factor", "clip", "epoch", "weights", "window")
OPTIONS = st.sampled_from([f"--{name}" for name in NAMED])


def told_well(ran: Result) -> None:
    """AssertionError where a command ended in a traceback, another code, or more than a line beside its usage."""
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    assert ran.exit_code in CODES, (ran.exit_code, ran.output)
    assert "Traceback" not in ran.output
    assert "a fault of numtui" not in ran.output, ran.output


def settings_files(folder: Path) -> Callable[[dict[str, object]], None]:
    """Checks a settings file of any content."""
    path = folder / "numtui.toml"

    def check(content: dict[str, object]) -> None:
        try:
            path.write_text(tomli_w.dumps(content), encoding="utf-8", errors="surrogatepass")
        except (TypeError, ValueError, UnicodeError):  # no TOML holds it
            return
        told_well(CliRunner().invoke(main, ["--config", str(path), "config"]))

    return check


def broken_files(folder: Path) -> Callable[[bytes], None]:
    """Checks a settings file of any bytes."""
    path = folder / "broken.toml"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        told_well(CliRunner().invoke(main, ["--config", str(path), "config"]))

    return check


def arguments(db: Path) -> Callable[[str, list[tuple[str, str]]], None]:
    """Checks an export with any values of its options."""

    def check(table: str, words: list[tuple[str, str]]) -> None:
        given = [word for pair in words for word in pair]
        if any("\0" in word for word in given):
            return
        told_well(CliRunner().invoke(main, ["--db", str(db), "--offline", "export", table, *given]))

    return check


def texts(text: str) -> None:
    """Checks what reads filters, grids, ranges and names: a value, or a ValueError with one line."""
    for read in (
        lambda: parse_filter(text, MODEL_COLUMNS),
        lambda: parse_grid([text]),
        lambda: parse_rounds(text),
        lambda: parse_names(text),
    ):
        try:
            read()
        except (ValueError, FilterError) as error:
            assert str(error).strip()
            assert "\n" not in str(error).replace(repr(text)[1:-1], "")


def checks(db: Path, folder: Path, examples: int) -> dict[str, Callable[[], None]]:
    """The kinds of input by name, each with so many examples."""
    many = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
    )
    files, broken, export = settings_files(folder), broken_files(folder), arguments(db)
    pairs = st.lists(st.tuples(OPTIONS, WORDS), max_size=3)
    return {
        "settings": many(seed(1)(given(st.dictionaries(KEYS, VALUES, max_size=4))(files))),
        "bytes": many(seed(2)(given(st.binary(max_size=80))(broken))),
        "arguments": many(seed(3)(given(st.sampled_from(sorted(TABLES)), pairs)(export))),
        "texts": many(seed(4)(given(WORDS)(texts))),
    }


def run() -> None:
    """All kinds on a cache of the demo."""
    from tests.export.conftest import polled_in

    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name, polled_in(Path(name)) as polled:
        for kind, check in checks(polled.settings.db, Path(name), examples).items():
            print(kind, flush=True)
            check()


if __name__ == "__main__":
    run()
