"""Both readings of the names that are known from introspection alone bring the same tables, byte for byte."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from numtui.cli.main import TOURNAMENTS, main
from numtui.demo.options import Dialect
from numtui.errors import DONE
from numtui.export.tables import TABLES
from tests.export.conftest import Polled, polled_in

EXTRA = {
    "overview": (["--part", "needs"], ["--part", "days"]),
    "drift": (["--forecast"], ["--total"]),
    "scores": (["--latest"],),
    "risk": (["--rounds", "1300.."],),
}


def exported(polled: Polled) -> dict[tuple[str, ...], bytes]:
    """Every table of every tournament, in each of its shapes, with the exit code before it."""
    settings = polled.settings
    words = ["--db", str(settings.db), "--config", "/dev/null", "--state-dir", str(settings.state_dir), "--offline"]
    result = {}
    for tournament in TOURNAMENTS:
        for table in TABLES:
            for options in ([], *EXTRA.get(table, ())):
                ran = CliRunner().invoke(main, [*words, "--tournament", tournament, "export", table, *options])
                result[tournament, table, *options] = b"%d " % ran.exit_code + ran.stdout_bytes
    return result


def test_both_dialects_give_byte_equal_exports(tmp_path: Path) -> None:
    dialects: tuple[Dialect, Dialect] = ("live", "camel")
    tables = {}
    for dialect in dialects:
        with polled_in(tmp_path / dialect, dialect) as polled:
            tables[dialect] = exported(polled)
    live, camel = (tables[dialect] for dialect in dialects)
    assert [key for key in live if live[key] != camel[key]] == []
    empty = {key for key, content in live.items() if not content.startswith(b"%d " % DONE)}
    assert {key[1] for key in empty} == {"alerts", "field", "journal", "notes", "tournament"}, (
        "made by users or when asked"
    )
