"""Tables at a prompt: columns stand below each other, whatever the characters in them."""

from __future__ import annotations

from decimal import Decimal

from rich.cells import cell_len

from numtui.cli.output.plain_text import table_lines
from numtui.model import Column, Kind, Table

COLUMNS = (Column("model", Kind.TEXT), Column("stake", Kind.NMR), Column("state", Kind.TEXT))


def test_columns_stand_below_each_other_with_wide_characters_too() -> None:
    rows = [("狐の模型", Decimal("1.5"), "submitted"), ("fox", Decimal("1234.25"), "late"), ("é", None, "none")]
    heading, *lines = table_lines(Table("models", COLUMNS, rows))
    assert lines[0].startswith("狐の模型  ")
    ends = [cell_len(line[: line.index(word)]) for line, word in zip(lines, ("submitted", "late", "none"), strict=True)]
    assert set(ends) == {cell_len(heading[: heading.index("state")])}


def test_columns_without_a_value_are_left_out() -> None:
    rows = [("fox", None, "late")]
    assert list(table_lines(Table("models", COLUMNS, rows))) == ["model  state", "fox    late"]
    assert list(table_lines(Table("models", COLUMNS, rows), ("model",))) == ["model", "fox"]
