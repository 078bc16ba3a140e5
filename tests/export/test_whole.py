"""All tables at once: what SQLite, pandas, DuckDB and Polars read is what `export` prints."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner, Result

from numtui.cli.main import TOURNAMENTS, main
from numtui.export.tables import TABLES
from numtui.export.whole import ONCE
from numtui.store.database import open_writer
from numtui.store.writes.meta import set_meta
from tests.e2e.program import PROJECT
from tests.export.conftest import Polled

CLOCK = {"NUMTUI_CLOCK": "fixed 2026-11-21T13:00:00+00:00"}


def run(polled: Polled, *words: str) -> Result:
    places = ["--db", str(polled.settings.db), "--state-dir", str(polled.settings.state_dir), "--config", "/dev/null"]
    return CliRunner().invoke(main, [*places, "--offline", *words], env=CLOCK)


def exported(polled: Polled, table: str, *options: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for tournament in TOURNAMENTS:
        ran = run(polled, "--tournament", tournament, "export", table, "--format", "json", *options)
        rows += json.loads(ran.stdout) if ran.exit_code == 0 else []
    return rows


@pytest.fixture(scope="module")
def snapshot(polled: Polled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("snapshot") / "snapshot.db"
    ran = run(polled, "export", "all", "-o", str(path))
    assert ran.exit_code == 0, ran.output
    assert f"rows in {path}" in ran.stderr
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture(scope="module")
def dataset(polled: Polled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset") / "numtui"
    ran = run(polled, "export", "all", "--format", "parquet", "-o", str(folder))
    assert ran.exit_code == 0, ran.output
    return folder


def test_the_tables_are_called_as_the_exports(snapshot: sqlite3.Connection) -> None:
    names = {row["name"] for row in snapshot.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names >= set(TABLES) - {"overview"} - {"field", "tournament"}
    assert {"overview_money", "overview_needs", "overview_models", "overview_days", "overview_latest"} <= names


@pytest.mark.parametrize("table", ["stakes", "scores", "rounds", "models", "payouts"])
def test_the_rows_are_those_of_the_exports(polled: Polled, snapshot: sqlite3.Connection, table: str) -> None:
    rows = [dict(row) for row in snapshot.execute(f"SELECT * FROM {table}")]
    expected = exported(polled, table)
    assert len(rows) == len(expected) > 0
    for row, plain in zip(rows, expected, strict=True):
        assert {name: row[name] for name in plain} == plain


def test_money_is_exact_and_sums_as_numbers(polled: Polled, snapshot: sqlite3.Connection) -> None:
    total = sum(Decimal(row["stake"]) for row in exported(polled, "stakes") if row["stake"] is not None)
    assert (
        sum(Decimal(row["stake"]) for row in snapshot.execute("SELECT stake FROM stakes WHERE stake IS NOT NULL"))
        == total
    )
    assert snapshot.execute("SELECT sum(stake) FROM stakes").fetchone()[0] == pytest.approx(float(total))


def test_duckdb_reads_a_fleet_as_one_dataset(polled: Polled, dataset: Path) -> None:
    sql = f"""SELECT tournament, model, sum(stake) AS stake
      FROM read_parquet('{dataset}/stakes/*/*.parquet', hive_partitioning = true, union_by_name = true)
      GROUP BY ALL ORDER BY ALL"""
    found = [(tournament, model, stake) for tournament, model, stake in duckdb.execute(sql).fetchall()]
    expected = [
        (row["tournament"], row["model"], None if row["stake"] is None else Decimal(row["stake"]))
        for row in exported(polled, "stakes")
    ]
    assert found == sorted(expected, key=lambda row: row[:2])


def test_pandas_and_polars_read_the_same(polled: Polled, dataset: Path) -> None:
    expected = exported(polled, "scores")
    frame = pd.read_parquet(dataset / "scores")
    lazy = pl.scan_parquet(f"{dataset}/scores/**/*.parquet", hive_partitioning=True).collect()
    assert len(frame) == len(lazy) == len(expected) > 1000
    assert set(frame["tournament"]) == set(lazy["tournament"]) == {row["tournament"] for row in expected}
    values = [row["value"] for row in expected if row["value"] is not None]
    assert frame["value"].sum() == pytest.approx(sum(values))
    assert lazy["value"].sum() == pytest.approx(sum(values))


def test_what_is_about_all_tournaments_is_there_once(dataset: Path) -> None:
    for name in ONCE - {"journal", "notes", "alerts"}:
        tables = [folder for folder in dataset.iterdir() if folder.name.startswith(name)]
        assert tables
        assert all([path.name for path in folder.iterdir()] == ["part-0.parquet"] for folder in tables)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "all tables go to a SQLite file"),
        (("-o", "x.csv"), "all tables go to a SQLite file"),
        (("-o", "x.db", "--format", "csv"), "all tables go to a SQLite file"),
        (("-o", "x.db", "--format", "parquet"), "is named as a database"),
        (("-o", "x.db", "--schema"), "of one table"),
        (("--watch",), "name a file with -o"),
    ],
)
def test_what_all_tables_cannot_be_is_refused(polled: Polled, words: tuple[str, ...], said: str) -> None:
    ran = run(polled, "export", "all", *words)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert not Path("x.db").exists()


def test_a_folder_that_holds_something_is_left_alone(polled: Polled, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = run(polled, "export", "all", "--format", "parquet", "-o", str(tmp_path))
    assert ran.exit_code == 1
    assert "new or empty" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(polled: Polled, tmp_path: Path) -> None:
    for words in (("-o", "no/such/x.db"), ("-o", "no/such/x", "--format", "parquet")):
        ran = run(polled, "export", "all", *words)
        assert ran.exit_code == 1
        assert "cannot be written" in ran.stderr
    taken = tmp_path / "taken.db"
    taken.mkdir()
    assert run(polled, "export", "all", "-o", str(taken)).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["taken.db"]


def test_one_table_as_a_database(polled: Polled, tmp_path: Path) -> None:
    path = tmp_path / "stakes.sqlite"
    assert run(polled, "export", "stakes", "-o", str(path)).exit_code == 0
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM stakes").fetchone()
    assert count == len(json.loads(run(polled, "export", "stakes", "--format", "json").stdout))
    assert run(polled, "export", "stakes", "--format", "sqlite").exit_code == 2


@pytest.mark.parametrize("table", [name for name in TABLES if name not in {"field", "tournament"}])
def test_the_schema_has_every_column_of_the_rows(polled: Polled, table: str) -> None:
    ran = run(polled, "export", table, "--schema")
    assert ran.exit_code == 0, ran.output
    schema = json.loads(ran.stdout)
    assert schema["description"] == TABLES[table].doc
    properties = schema["items"]["properties"]
    kinds: dict[str, Any] = {"string": str, "number": (int, float), "integer": int, "boolean": bool}
    rows = run(polled, "export", table, "--format", "json")
    for row in json.loads(rows.stdout) if rows.exit_code == 0 else []:
        assert [*row] == [*properties]
        for name, value in row.items():
            allowed, null = properties[name]["type"]
            assert null == "null"
            assert value is None or isinstance(value, kinds[allowed]), (name, value)


def test_a_watched_file_follows_the_cache(polled: Polled, tmp_path: Path) -> None:
    path = tmp_path / "meta.csv"
    words = ["--db", str(polled.settings.db), "--offline", "export", "leaderboard", "--watch", "-o", str(path)]
    command = [sys.executable, "-m", "numtui", *words]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE) as program:
        try:
            first = _written(path, None)
            with closing(open_writer(polled.settings.db)) as connection:
                set_meta(connection, "watched", "yes")
            assert _written(path, first) != first
        finally:
            program.terminate()
            program.wait(10)


def _written(path: Path, before: int | None) -> int:
    """When the file was written, once that is another time than before."""
    limit = time.monotonic() + 30
    while not path.exists() or path.stat().st_mtime_ns == before:
        assert time.monotonic() < limit
        time.sleep(0.05)
    return path.stat().st_mtime_ns


def test_the_readmes_examples_of_a_dataset_run(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8").partition("## Everything at once")[2]
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    (tmp_path / "numtui-data").symlink_to(dataset)
    monkeypatch.chdir(tmp_path)
    assert duckdb.execute(sql).fetchall()
    exec(python, {})


@pytest.mark.parametrize("words", [("-o", "snapshot.db"), ("-o", "dataset", "--format", "parquet")])
def test_an_empty_cache_replaces_no_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """As cron would at night, after the cache was set aside."""
    monkeypatch.chdir(tmp_path)
    open_writer(tmp_path / "c.sqlite").close()
    (tmp_path / "snapshot.db").write_bytes(b"the one of yesterday")
    ran = CliRunner().invoke(main, ["--db", "c.sqlite", "--state-dir", ".", "--offline", "export", "all", *words])
    assert ran.exit_code == 4
    assert "the cache has no row of any table" in ran.stderr
    assert (tmp_path / "snapshot.db").read_bytes() == b"the one of yesterday"
    assert not (tmp_path / "dataset").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "no draft is left"
