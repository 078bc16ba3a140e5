"""Every format holds the same values, exactly."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.export import ExportError, to_text, write
from numtui.model import Column, Kind, Table
from numtui.money import wei_text

COLUMNS = (
    Column("model", Kind.TEXT),
    Column("stake", Kind.NMR),
    Column("factor", Kind.FLOAT),
    Column("corr", Kind.SCORE),
    Column("day", Kind.INT),
    Column("team", Kind.BOOL),
    Column("at", Kind.TIME),
    Column("spark", Kind.SPARK),
)
STAKE = Decimal("1234.500000000000000001")
AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
ROWS = [
    ("a,b", STAKE, Decimal("0.123456789012345678"), 0.1 + 0.2, 7, True, AT, (1, 2)),
    ("ümlaut|x", None, None, float("nan"), None, None, None, None),
    ("zero", Decimal("0E-18"), Decimal(1), -1e-7, 0, False, AT, ()),
]
TABLE = Table("sample", COLUMNS, ROWS)
NAMES = ["model", "stake", "factor", "corr", "day", "team", "at"]


def test_csv_is_exact_and_leaves_missing_empty() -> None:
    rows = list(csv.reader(io.StringIO(to_text(TABLE))))
    assert rows[0] == NAMES
    assert rows[1] == ["a,b", str(STAKE), "0.123456789012345678", repr(0.1 + 0.2), "7", "true", "2026-11-21T13:05:00Z"]
    assert rows[2] == ["ümlaut|x", "", "", "", "", "", ""]
    assert rows[3][1:4] == ["0.000000000000000000", "1", "-1e-07"]


cell = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6),
    st.floats(),
    st.floats(-1e-3, 1e-3),
    st.integers(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[cell] * width), min_size=1, max_size=8)))
def test_csv_is_what_the_csv_module_writes(rows: list[tuple[object, ...]]) -> None:
    def plain(value: object) -> object:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Decimal):
            return wei_text(value)
        return None if value != value else value  # noqa: PLR0124  NaN differs from itself

    columns = tuple(Column(f"c{n}", Kind.TEXT) for n in range(len(rows[0])))
    expected, written = io.StringIO(), io.StringIO()
    writer = csv.writer(expected, lineterminator="\n")
    writer.writerows([[column.name for column in columns], *([plain(value) for value in row] for row in rows)])
    write(Table("any", columns, rows * 2), "csv", written, raw=True)
    head, body = expected.getvalue().split("\n", 1)
    assert written.getvalue() == f"{head}\n{body}{body}"


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_has_money_as_text_and_numbers_as_numbers(form: str) -> None:
    text = to_text(TABLE, form)
    found = (
        json.loads(text, parse_float=Decimal)
        if form == "json"
        else [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    )
    assert [list(row) for row in found] == [NAMES] * 3
    assert found[0]["stake"] == str(STAKE)
    assert found[0]["factor"] == Decimal("0.123456789012345678")
    assert float(found[0]["corr"]) == 0.1 + 0.2
    assert found[0]["at"] == "2026-11-21T13:05:00Z"
    assert found[1] == {"model": "ümlaut|x", **dict.fromkeys(NAMES[1:])}
    assert found[2]["team"] is False


def test_an_empty_table_is_an_empty_array() -> None:
    assert json.loads(to_text(Table("none", COLUMNS, []), "json")) == []


def test_markdown_has_a_row_a_line() -> None:
    lines = to_text(TABLE, "md").splitlines()
    assert len(lines) == 5
    assert lines[3].startswith("| ümlaut\\|x |")


def test_parquet_goes_to_a_file_and_keeps_decimals(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "sample.parquet"
    write(TABLE, "parquet", path)
    frame = pd.read_parquet(path)
    assert list(frame.columns) == NAMES
    assert frame["stake"][0] == STAKE
    with pytest.raises(ExportError, match="-o FILE"):
        to_text(TABLE, "parquet")


def test_a_file_that_cannot_be_written_is_one_line_and_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def breaking() -> object:
        yield ROWS[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left"):
        write(Table("sample", COLUMNS, breaking()), "csv", path)  # type: ignore[arg-type]  # a generator is iterable
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ExportError, match="cannot be written"):
        write(TABLE, "csv", tmp_path / "no folder" / "out.csv")


def test_what_is_no_file_is_written_to_and_a_link_is_followed(tmp_path: Path) -> None:
    pipe, real, link = tmp_path / "pipe", tmp_path / "real.csv", tmp_path / "link.csv"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    write(TABLE, "csv", pipe)
    reader.join()
    assert received == [to_text(TABLE)]
    assert pipe.is_fifo()
    link.symlink_to(real)
    write(TABLE, "csv", link)
    assert link.is_symlink()
    assert real.read_text() == to_text(TABLE)
    with pytest.raises(ExportError, match="cannot be written"):
        write(TABLE, "csv", tmp_path)


@given(st.floats(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False, places=18))
def test_numbers_come_back_as_they_were(score: float, stake: Decimal) -> None:
    columns = (Column("corr", Kind.SCORE), Column("stake", Kind.NMR))
    table = Table("sample", columns, [(score, stake)])
    _, (text, money) = csv.reader(io.StringIO(to_text(table)))
    assert float(text) == score
    assert Decimal(money) == stake
    (row,) = json.loads(to_text(table, "json"))
    assert row["corr"] == score
    assert Decimal(row["stake"]) == stake


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1")


def test_texts_that_a_spreadsheet_would_run_are_made_harmless_unless_asked_for_raw(tmp_path: Path) -> None:
    table = Table("sample", COLUMNS[:2], [(text, Decimal("-1.5")) for text in (*FORMULAS, "a=b")])
    rows = list(csv.reader(io.StringIO(to_text(table), newline="")))[1:]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), "a=b"]
    assert {row[1] for row in rows} == {"-1.5"}  # a number is no formula
    write(table, "csv", tmp_path / "raw.csv", raw=True)
    raw = list(csv.reader((tmp_path / "raw.csv").open(newline="")))[1:]
    assert [row[0] for row in raw] == [*FORMULAS, "a=b"]
    assert [row["model"] for row in json.loads(to_text(table, "json"))] == [*FORMULAS, "a=b"]


def test_an_amount_ends_at_the_wei() -> None:
    noise = Decimal("1234.5") * Decimal(repr(0.1 + 0.2)) * Decimal(repr(1 / 3))
    table = Table("sample", COLUMNS[:2], [("a", noise), ("b", STAKE)])
    (_, first), (_, second) = list(csv.reader(io.StringIO(to_text(table))))[1:]
    assert first == f"{noise:.18f}"
    assert second == str(STAKE)
    assert json.loads(to_text(table, "json"))[0]["stake"] == first


def test_parquet_has_the_types_that_a_frame_would_give_it(tmp_path: Path) -> None:
    columns = (
        Column("whole", Kind.INT),
        Column("gaps", Kind.INT),
        Column("sure", Kind.BOOL),
        Column("unsure", Kind.BOOL),
        Column("text", Kind.TEXT),
        Column("never", Kind.TEXT),
        Column("score", Kind.SCORE),
        Column("stake", Kind.NMR),
        Column("time", Kind.TIME),
    )
    at = datetime(2026, 11, 21, 13, tzinfo=UTC)
    rows = [
        (1, 1, True, None, "a", None, float("nan"), Decimal("1.5"), at),
        (2, None, False, True, None, None, 0.5, Decimal("2.25"), None),
    ]
    table = Table("types", columns, rows)
    write(table, "parquet", tmp_path / "ours.parquet")
    table.to_pandas().to_parquet(tmp_path / "theirs.parquet", index=False)
    ours = pq.read_table(tmp_path / "ours.parquet")
    theirs = pq.read_table(tmp_path / "theirs.parquet").replace_schema_metadata()
    assert ours.schema == theirs.schema
    assert ours.to_pylist() == theirs.to_pylist()


WITHOUT_PANDAS = """
import sys
from pathlib import Path

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ImportError(name)

sys.meta_path.insert(0, NoPandas())

from numtui.export import write
from numtui.model import Column, Kind, Table

write(Table("t", (Column("a", Kind.INT),), [(1,)]), "parquet", Path(sys.argv[1]))
"""


def test_parquet_needs_no_pandas(tmp_path: Path) -> None:
    """It may not even be installed; where it is, pyarrow imports it."""
    subprocess.run([sys.executable, "-c", WITHOUT_PANDAS, str(tmp_path / "a.parquet")], check=True, timeout=60)
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"a": 1}]
