"""Every table in every format is as it was: the first lines, kept in __snapshots__.

Renewed by `pytest tests/export/test_golden.py --snapshot-update`, after a look at what differs. Numbers are compared to
seven digits: the last ones are the processor's.
"""

from __future__ import annotations

import asyncio
import re

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from syrupy.assertion import SnapshotAssertion

from numtui.cli.main import main
from numtui.export.tables import TABLES
from numtui.poller.freshen import fetch_field
from numtui.reports.overview import PARTS
from numtui.store.queries.selection import Rounds
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

CLOCK = {"NUMTUI_CLOCK": "fixed 2026-11-21T13:00:00+00:00"}
HEAD = 3  # lines
FLOAT = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
NOTE = re.compile(r"\b[0-9a-f]{8}\b")  # its number is drawn
FEW = ("--models", "demo_anchor,demo_ember")
OPTIONS = {
    "scores": (FEW, (*FEW, "--latest")),
    "drift": (FEW, (*FEW, "--forecast"), (*FEW, "--total")),
    "backtest": ((*FEW, "--grid", "mmc60=3,15"), (*FEW, "--predictive", "--grid", "mmc60=3,15")),
    "risk": (FEW, (*FEW, "--window", "20")),
    "allocation": (("--method", "equal"), ("--method", "equal", "--moving")),  # what no solver moves in its last digits
    "overview": tuple(("--part", part) for part in PARTS),
    "field": (FEW,),
}
EMPTY = {"journal", "alerts"}  # of an account that has done nothing yet
ASKED = [(table, options) for table in TABLES if table not in EMPTY for options in OPTIONS.get(table, ((),))]


@pytest.fixture(scope="module")
def whole(polled: Polled) -> Polled:
    """The cache with the field of some rounds, and a note."""
    asyncio.run(fetch_field(polled.settings, polled.site.clock, Rounds(1326, 1345), lambda line: None))
    assert run(polled, "notes", "add", "demo_anchor", "lgbm v5.2", "--round", "1290", "--tag", "lgbm").exit_code == 0
    return polled


def run(polled: Polled, *words: str) -> Result:
    places = ["--db", str(polled.settings.db), "--state-dir", str(polled.settings.state_dir), "--config", "/dev/null"]
    return CliRunner().invoke(main, [*places, "--offline", *words], env=CLOCK)


def head(text: str) -> str:
    lines = [NOTE.sub("note", line) for line in text.splitlines()[:HEAD]]
    return FLOAT.sub(lambda found: f"{float(found[0]):.7g}", "\n".join(lines))


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "md"])
@pytest.mark.parametrize(("table", "options"), ASKED, ids=[" ".join((table, *words)) for table, words in ASKED])
def test_a_table_is_as_it_was(
    whole: Polled, snapshot: SnapshotAssertion, table: str, options: tuple[str, ...], form: str
) -> None:
    found = run(whole, "export", table, *options, "--format", form)
    assert found.exit_code == 0, found.stderr
    assert head(found.stdout) == snapshot


@pytest.mark.parametrize("table", [table for table in TABLES if table not in EMPTY])
def test_parquet_has_the_same_columns(whole: Polled, tmp_path_factory: pytest.TempPathFactory, table: str) -> None:
    path = tmp_path_factory.mktemp("parquet") / f"{table}.parquet"
    options = OPTIONS.get(table, ((),))[0]
    assert run(whole, "export", table, *options, "-o", str(path)).exit_code == 0
    text = run(whole, "export", table, *options).stdout
    assert [*pd.read_parquet(path).columns] == text.splitlines()[0].split(",")


@pytest.mark.parametrize("table", sorted(EMPTY))
def test_what_is_empty_says_so(whole: Polled, table: str) -> None:
    found = run(whole, "export", table)
    assert (found.exit_code, found.stdout) == (4, "")
