"""What the API may leave out of a round's configuration changes no figure: every table and plan of a polled cache."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui import demo
from numtui.analysis.regimes import regime_of_round
from numtui.analysis.staking_system import System
from numtui.api.records.account import Account
from numtui.api.records.public import Round
from numtui.api.wire import decode
from numtui.cli.main import main
from numtui.clock import VARIABLE, FixedClock, clock_to_text
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.model import Tournament
from numtui.reports.terms import round_terms
from numtui.stake.account_client import live_snapshot
from numtui.store.database import open_reader
from numtui.store.queries.terms import staking_system
from tests.poller.site import NOW

from .conftest import Polled

CLASSIC, SIGNALS, CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO
LEAVE_OUT = """UPDATE score_configs SET clip_threshold = NULL, payout_factor = NULL
  WHERE is_payout AND (tournament, round) IN (SELECT tournament, round FROM rounds WHERE v3_staking = 1)"""
TABLES = (
    *(("export", table, "--mine") for table in ("backtest", "risk", "ranking", "drift", "models", "rounds", "stakes")),
    ("export", "drift", "--mine", "--forecast"),
    ("stake", "status", "--format", "csv"),
)


@pytest.fixture
def db(polled: Polled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the polled cache, read at the time of its poll."""
    monkeypatch.setenv(VARIABLE, clock_to_text(FixedClock(NOW)) or "")
    monkeypatch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
    monkeypatch.setenv(SECRET_KEY, demo.DEMO_SECRET)
    with closing(sqlite3.connect(polled.settings.db)) as source, closing(sqlite3.connect(tmp_path / "c.db")) as copy:
        source.backup(copy)
    yield tmp_path / "c.db"


def change(db: Path, *statements: str) -> None:
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def run(db: Path, tournament: Tournament, *words: str) -> Result:
    offline = ("--offline",) if words[0] == "export" or words[1] != "status" else ()
    given = ["--db", str(db), "--tournament", tournament.label, *words[:2], *offline, *words[2:]]
    return CliRunner().invoke(main, given if words[1] != "status" else ["--offline", *given])


@pytest.mark.parametrize("tournament", [CLASSIC, CRYPTO])
def test_atomic_rounds_that_leave_out_clip_and_factor(db: Path, tournament: Tournament) -> None:
    before = [run(db, tournament, *words) for words in TABLES]
    change(db, LEAVE_OUT)
    with closing(open_reader(db)) as connection:
        sql = "SELECT count(*) FROM score_configs WHERE tournament = ? AND is_payout AND clip_threshold IS NULL"
        assert connection.execute(sql, (int(tournament),)).fetchone()[0] > 20
        assert staking_system(connection, tournament) is System.ATOMIC
    for words, old in zip(TABLES, before, strict=True):
        new = run(db, tournament, *words)
        assert (new.exit_code, new.stdout) == (old.exit_code, old.stdout), words
        assert new.exit_code == 0 or words[1] == "stakes", (words, new.output)


def test_legacy_rounds_that_leave_out_the_clip_have_their_regime_s(db: Path) -> None:
    change(db, "UPDATE score_configs SET clip_threshold = NULL WHERE tournament = 11")
    with closing(open_reader(db)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT round FROM rounds WHERE tournament = 11")]
        terms = round_terms(connection, SIGNALS, [], numbers)
        assert staking_system(connection, SIGNALS) is System.LEGACY, "v3Staking is false"
        assert connection.execute("SELECT count(*) FROM rounds WHERE tournament = 11 AND v3_staking").fetchone() == (0,)
    regimes = [regime_of_round(SIGNALS, number) for number in numbers]
    assert terms.clip.tolist() == [float(one.clip) for one in regimes if one is not None]
    assert not terms.atomic.any()


def test_nothing_is_planned_while_nothing_says_which_system(db: Path) -> None:
    change(db, "UPDATE rounds SET v3_staking = NULL", "UPDATE score_configs SET clip_threshold = NULL")
    for tournament in Tournament:
        with closing(open_reader(db)) as connection:
            assert staking_system(connection, tournament) is System.UNDECIDED
            sql = "SELECT name FROM models WHERE tournament = ? AND mine ORDER BY name"
            name = connection.execute(sql, (int(tournament),)).fetchone()[0]
        (db.parent / "targets.json").write_text(json.dumps({name: "1"}))
        refused = run(db, tournament, "stake", "plan", "--targets", str(db.parent / "targets.json"))
        assert refused.exit_code != 0
        assert "does not tell which staking system" in refused.output
        systems = {row["system"] for row in csv.DictReader(io.StringIO(run(db, tournament, "export", "stakes").stdout))}
        assert systems <= {"undecided"}
        assert "undecided" in run(db, tournament, "stake", "status").stdout


def test_the_flag_goes_before_a_clip_of_one(db: Path) -> None:
    """An answer that says v3Staking false for a round with clip 1 and factor 1 is about a legacy round."""
    change(db, "UPDATE score_configs SET clip_threshold = '1', payout_factor = '1' WHERE tournament = 12 AND is_payout")
    change(db, "UPDATE rounds SET v3_staking = 0 WHERE tournament = 12")
    with closing(open_reader(db)) as connection:
        assert staking_system(connection, CRYPTO) is System.LEGACY
        newest = connection.execute("SELECT max(round) FROM rounds WHERE tournament = 12").fetchone()[0]
    change(db, f"UPDATE rounds SET v3_staking = NULL WHERE tournament = 12 AND round = {newest}")
    with closing(open_reader(db)) as connection:
        assert staking_system(connection, CRYPTO) is System.ATOMIC, "where it is not stated the configurations say it"


def test_a_live_answer_is_read_by_the_same_rule() -> None:
    def system(v3_staking: str, clip: str, factor: str) -> tuple[System, str]:
        config = f'{{"displayName": "corr", "isPayout": true, "clipThreshold": {clip}, "payoutFactor": {factor}}}'
        text = f'{{"number": 1404, "v3Staking": {v3_staking}, "roundScoreConfigs": [{config}]}}'
        found = live_snapshot(Account(), "owner", CRYPTO, [decode(text.encode(), Round)], NOW)
        return found.system, str(found.clip)

    assert system("true", "null", "null") == (System.ATOMIC, "1")
    assert system("false", "1.0", "1.0") == (System.LEGACY, "1")
    assert system("null", "1.0", "1.0") == (System.ATOMIC, "1")
    assert system("null", "0.05", "null") == (System.LEGACY, "0.05")
    assert system("null", "null", "null") == (System.UNDECIDED, "1")


def test_the_first_score_columns_are_what_the_newest_round_pays(db: Path) -> None:
    def header(*words: str) -> list[str]:
        return run(db, CLASSIC, "export", *words).stdout.splitlines()[0].split(",")

    before = header("leaderboard")
    assert before.index("corr60") < before.index("mmc60") < before.index("v2_corr20")
    change(
        db,
        """UPDATE score_configs SET is_payout =
          score IN (SELECT score FROM score_names WHERE name IN ('mmc', 'v2_corr20'))
        WHERE tournament = 8 AND round = (SELECT max(round) FROM score_configs WHERE tournament = 8)""",
    )
    for kind in ("leaderboard", "accounts"):
        found = header(kind)
        first = min(found.index(name) for name in ("corr60", "mmc60", "mmc", "v2_corr20", "bmc"))
        assert set(found[first : first + 2]) == {"mmc", "v2_corr20"}
    models = header("models", "--mine")
    assert ("mmc" in models, "v2_corr20" in models, "corr60" in models) == (True, True, False)


def test_a_range_that_crosses_a_change_of_the_target_says_so(db: Path) -> None:
    grid = ("--mine", "--grid", "canon_corr=1", "--payout-factor", "1", "--clip", "1")
    change(db, "UPDATE rounds SET resolved = 1 WHERE tournament = 8 AND round <= 1360")
    crossed = run(db, CLASSIC, "export", "backtest", *grid, "--rounds", "1330..1360")
    assert "canon_corr is scored on Ender60 from round 1343 on" in crossed.stderr
    within = run(db, CLASSIC, "export", "backtest", *grid, "--rounds", "1344..1360")
    assert "Ender60" not in within.stderr
