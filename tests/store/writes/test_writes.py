"""What the write functions promise: partial answers erase nothing, `latest` follows, only real changes are counted."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.queries.meta import get_meta, refresh_requests
from numtui.store.writes import accounts, leaderboards, polls
from numtui.store.writes.accounts import PayoutRow, StakeRow, SubmissionRow, TransactionRow, WalletRow
from numtui.store.writes.leaderboards import EntryRow
from numtui.store.writes.meta import set_meta
from numtui.store.writes.models import ModelRow, mark_synced, put_models, set_mine, set_watched
from numtui.store.writes.polls import PipelineRow, Progress
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import (
    LatestRow,
    MultiplierRow,
    PositionRow,
    put_multipliers,
    put_positions,
    put_scores,
)
from tests.by_day import rows_by_day, score_days

AT = datetime(2026, 11, 21, 13, tzinfo=UTC)
CLASSIC = Tournament.CLASSIC


@pytest.fixture
def cache(tmp_path: Path) -> sqlite3.Connection:
    return open_writer(tmp_path / "cache.db")


def version(cache: sqlite3.Connection, table: str) -> int:
    row = cache.execute("SELECT version FROM changes WHERE name = ?", (table,)).fetchone()
    return 0 if row is None else int(row[0])


def test_rounds_keep_what_a_partial_answer_leaves_out(cache: sqlite3.Connection) -> None:
    key = ("corr60", "1")
    full = RoundRow(1343, "id", "ender60", AT, resolved=False, payout_factor=Decimal("0.5"))
    config = ConfigRow(1343, key, is_payout=True, default_multiplier=Decimal(3), clip_threshold=Decimal(1))
    assert put_rounds(cache, CLASSIC, [full], [config]) == 2
    assert put_rounds(cache, CLASSIC, [RoundRow(1343)], [ConfigRow(1343, key)]) == 0
    assert put_rounds(cache, CLASSIC, [full], [config]) == 0
    assert version(cache, "rounds") == version(cache, "score_configs") == 1
    assert put_rounds(cache, CLASSIC, [RoundRow(1343, resolved=True)]) == 1
    row = cache.execute("SELECT id, open_time, resolved, payout_factor, target FROM rounds").fetchone()
    assert row == ("id", "2026-11-21T13:00:00Z", 1, "0.5", "ender60")
    terms = "SELECT name, version, is_payout, default_multiplier FROM score_configs JOIN score_names USING (score)"
    assert cache.execute(terms).fetchall() == [("corr60", "1", 1, "3")]


def test_two_versions_of_a_name_are_two_scores(cache: sqlite3.Connection) -> None:
    ids = score_ids(cache, [("mmc", "1"), ("mmc", "2"), ("mmc", "1")])
    assert len(set(ids.values())) == 2
    assert score_ids(cache, [("mmc", "2")]) == ids


def one_model(cache: sqlite3.Connection) -> tuple[int, int]:
    return put_models(cache, CLASSIC, [ModelRow("m", "id")])["m"], score_ids(cache, [("corr60", "1")])["corr60", "1"]


def test_latest_follows_the_days(cache: sqlite3.Connection) -> None:
    model, score = one_model(cache)
    put_scores(cache, [score_days(model, 1, score, 0, [(day, day / 10, 0.5) for day in (1, 3, 2)])])
    newest = "SELECT day, value, resolved, date, payout_pending, payout_settled FROM latest"
    assert cache.execute(newest).fetchall() == [(3, 0.3, 0, None, None, None)]
    stated = LatestRow(model, 1, score, 4, 0.4, 0.6, False, "2026-11-20", Decimal("1.5"))
    put_scores(cache, [], [stated])
    assert cache.execute(newest).fetchall() == [(4, 0.4, 0, "2026-11-20", "1.5", None)]
    assert len(rows_by_day(cache)) == 4
    versions = version(cache, "score_paths"), version(cache, "latest")
    assert put_scores(cache, [score_days(model, 1, score, 0, [(2, 0.2, 0.5)])], [stated]) == 0
    assert versions == (version(cache, "score_paths"), version(cache, "latest"))
    put_scores(cache, [score_days(model, 1, score, 0, [(2, 0.25, 0.5)])])
    assert cache.execute(newest).fetchone()[:2] == (4, 0.4), "an older day leaves the newest"
    settled = LatestRow(model, 1, score, 4, 0.4, 0.6, True, None, None, Decimal("1.25"))
    put_scores(cache, [], [settled])
    assert cache.execute(newest).fetchall() == [(4, 0.4, 1, "2026-11-20", None, "1.25")], "nothing is pending any more"
    assert rows_by_day(cache, "DISTINCT resolved") == [(1,)], "its days are final with it"


Day = st.tuples(st.integers(1, 3), st.integers(1, 6), st.one_of(st.none(), st.floats(-1, 1, allow_nan=False)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(Day, max_size=6), max_size=5))
def test_latest_is_the_newest_day_whatever_comes_in_whatever_order(
    cache: sqlite3.Connection, answers: list[list[tuple[int, int, float | None]]]
) -> None:
    for table in ("score_paths", "odd_days", "latest"):
        cache.execute(f"DELETE FROM {table}")
    model, score = one_model(cache)
    known: dict[tuple[int, int], float | None] = {}
    for answer in answers:
        unique = {(number, day): value for number, day, value in answer}
        put_scores(cache, [score_days(model, n, score, 0, [(day, value, None)]) for (n, day), value in unique.items()])
        known |= {key: value for key, value in unique.items() if value is not None or key not in known}
    values = {(number, day): value for number, day, value in rows_by_day(cache, "round, day, value")}
    assert values == known
    days = {number: max(day for other, day in known if other == number) for number, _ in known}
    newest = {number: (day, known[number, day]) for number, day in days.items()}
    got = {number: (day, value) for number, day, value in cache.execute("SELECT round, day, value FROM latest")}
    assert {number: day for number, (day, _) in got.items()} == {number: day for number, (day, _) in newest.items()}
    assert all(got[number] == row for number, row in newest.items() if row[1] is not None)


def test_positions_and_multipliers(cache: sqlite3.Connection) -> None:
    model, score = one_model(cache)
    assert put_positions(cache, model, [PositionRow(1, Decimal("2.50"), "s", resolved=False)]) == 1
    assert put_positions(cache, model, [PositionRow(1, None, None)]) == 0
    assert put_multipliers(cache, model, [MultiplierRow(1, score, Decimal("0.75"))]) == 1
    assert put_multipliers(cache, model, [MultiplierRow(1, score, Decimal("0.75"))]) == 0
    assert cache.execute("SELECT at_risk FROM positions").fetchone() == ("2.50",)
    assert cache.execute("SELECT multiplier FROM multipliers").fetchone() == ("0.75",)


def test_a_renamed_model_keeps_its_history_and_a_reused_name_gets_a_new_one(cache: sqlite3.Connection) -> None:
    number = put_models(cache, CLASSIC, [ModelRow("before", "id-1", account="a")])["before"]
    mark_synced(cache, number, AT)
    assert put_models(cache, CLASSIC, [ModelRow("after", "id-1")]) == {"after": number}
    assert cache.execute("SELECT name, account, synced_time FROM models").fetchall() == [
        ("after", "a", "2026-11-21T13:00:00Z")
    ]
    put_models(cache, CLASSIC, [ModelRow("after", "id-2")])
    assert cache.execute("SELECT id, synced_time FROM models").fetchall() == [("id-2", None)]
    assert put_models(cache, Tournament.CRYPTO, [ModelRow("after", "id-3")])["after"] != number


def test_watching_asks_the_poller_and_fetches_what_was_not_followed(cache: sqlite3.Connection) -> None:
    number = put_models(cache, CLASSIC, [ModelRow("m", "id")])["m"]
    mark_synced(cache, number, AT)
    set_watched(cache, CLASSIC, "m", True)
    assert cache.execute("SELECT watched, synced_time FROM models").fetchone() == (1, None)
    assert refresh_requests(cache) == 1
    mark_synced(cache, number, AT)
    set_watched(cache, CLASSIC, "m", True)
    set_watched(cache, CLASSIC, "by_name_only", True, ask_poller=False)
    assert refresh_requests(cache) == 1
    assert cache.execute("SELECT synced_time FROM models WHERE name = 'm'").fetchone() != (None,)
    set_watched(cache, CLASSIC, "m", False)
    assert refresh_requests(cache) == 1


def test_the_accounts_models(cache: sqlite3.Connection) -> None:
    numbers = put_models(cache, CLASSIC, [ModelRow(name) for name in "abc"])
    set_mine(cache, CLASSIC, [(numbers["a"], False), (numbers["b"], False), (numbers["c"], True)], complete=True)
    accounts.put_stakes(cache, [StakeRow(numbers[name], Decimal(1)) for name in "abc"])
    before = version(cache, "models")
    set_mine(cache, CLASSIC, [(numbers["a"], False)], complete=False)
    assert version(cache, "models") == before, "of a partial list nobody is missing"
    set_mine(cache, CLASSIC, [(numbers["a"], True), (numbers["c"], False)], complete=True)
    rows = cache.execute("SELECT name, mine, archived FROM models ORDER BY name").fetchall()
    assert rows == [("a", 1, 1), ("b", 0, 0), ("c", 1, 0)]
    assert cache.execute("SELECT count(*) FROM stakes WHERE model = ?", (numbers["b"],)).fetchone() == (0,)


def test_a_pending_change_that_is_through_goes_and_a_missing_stake_stays(cache: sqlite3.Connection) -> None:
    pending = StakeRow(1, Decimal(5), pending_id="p", pending_type="decrease", pending_amount=Decimal(2))
    assert accounts.put_stakes(cache, [pending]) == 1
    assert accounts.put_stakes(cache, [StakeRow(1, None)]) == 1
    assert cache.execute("SELECT stake, pending_id, pending_amount FROM stakes").fetchone() == ("5", None, None)
    accounts.put_submissions(cache, [SubmissionRow(1, "s1", 10, "ok", AT, churn=0.1)])
    accounts.put_submissions(cache, [SubmissionRow(1, "s2", 11)])
    assert cache.execute("SELECT id, round, status, churn FROM submissions").fetchall() == [("s2", 11, None, None)]


def test_wallet_payouts_transactions_and_prices(cache: sqlite3.Connection) -> None:
    accounts.put_wallet(cache, WalletRow("me", available_nmr=Decimal("3.0"), scopes="a b"))
    assert accounts.put_wallet(cache, WalletRow("me", on_chain=Decimal(1))) == 1
    assert cache.execute("SELECT username, available_nmr, on_chain, scopes FROM wallet").fetchall() == [
        ("me", "3.0", "1", "a b")
    ]
    first = [PayoutRow(1, "id", "m", False, Decimal("0.1")), PayoutRow(2, "id", "m", False, Decimal("0.2"))]
    assert accounts.put_payouts(cache, CLASSIC, first) == 2
    assert accounts.put_payouts(cache, CLASSIC, [PayoutRow(1, "id", "m", True, Decimal("0.1"))]) == 2
    assert cache.execute("SELECT round, settled, payout FROM payouts").fetchall() == [(1, 1, "0.1")]
    assert accounts.put_payouts(cache, CLASSIC, []) == 0, "what is settled stays"
    assert accounts.replace_transactions(cache, "pending", [TransactionRow("pending", "k", AT)]) == 1
    accounts.put_transactions(cache, [TransactionRow("wallet", "w", AT, amount=Decimal("0E-18"))])
    assert accounts.replace_transactions(cache, "pending", []) == 1
    assert cache.execute("SELECT key, amount FROM transactions").fetchall() == [("w", "0.000000000000000000")]
    assert accounts.put_price(cache, "NMR", "USD", Decimal("14.630"), "now", now=AT) == 1
    assert accounts.put_price(cache, "NMR", "USD", Decimal("14.630"), "now", now=AT) == 0
    accounts.forget_account(cache)
    for table in ("wallet", "payouts", "transactions"):
        assert cache.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_movements_that_a_broken_answer_doubled_go_with_the_next_whole_one(cache: sqlite3.Connection) -> None:
    def movement(key: str, day: int, model: str = "a") -> TransactionRow:
        return TransactionRow("stake", key, AT + timedelta(days=day), model_id=model, amount=Decimal(1))

    old, once, twice, other = movement("old", 0), movement("k", 2), movement("k/2", 2), movement("x", 2, "b")
    accounts.put_transactions(cache, [old, once, twice, other])
    accounts.put_transactions(cache, [TransactionRow("wallet", "w", AT + timedelta(days=3))])
    assert accounts.settle_transactions(cache, "stake", [movement("k0", 1), once], ["a"]) == 2
    listed = [key for (key,) in cache.execute("SELECT key FROM transactions ORDER BY key")]
    assert listed == ["k", "k0", "old", "w", "x"], "older ones, other models' and other sources' stay"


def board(cache: sqlite3.Connection, time: datetime, *rows: EntryRow, partial: bool = False) -> int:
    snapshot = leaderboards.begin_snapshot(cache, CLASSIC, "model", time)
    leaderboards.put_leaderboard_page(cache, snapshot, CLASSIC, "model", rows, partial=partial)
    return leaderboards.finish_snapshot(cache, snapshot)


def test_a_snapshot_replaces_the_leaderboard(cache: sqlite3.Connection) -> None:
    entries = [
        EntryRow("a", rank=1, nmr_staked=Decimal("10.5"), corr60=0.1),
        EntryRow("b", rank=2),
        EntryRow("c", rank=3),
    ]
    assert board(cache, AT, *entries) == 3
    before = version(cache, "leaderboard")
    assert board(cache, AT + timedelta(hours=1), *entries) == 3
    assert version(cache, "leaderboard") == before, "seen again, and the same"
    assert board(cache, AT + timedelta(days=1), EntryRow("a", rank=2, nmr_staked=Decimal(1)), EntryRow("b")) == 2
    listed = cache.execute("SELECT name, rank, nmr_staked, stake, corr60 FROM leaderboard ORDER BY name").fetchall()
    assert listed == [("a", 2, "1", 1.0, None), ("b", None, None, None, None)]
    history = cache.execute("SELECT name, date, rank FROM rank_history WHERE name < 'c' ORDER BY date, name").fetchall()
    assert history == [("a", "2026-11-21", 1), ("b", "2026-11-21", 2), ("a", "2026-11-22", 2)]


def test_an_unfinished_snapshot_lets_nobody_disappear_and_is_begun_anew(cache: sqlite3.Connection) -> None:
    board(cache, AT, EntryRow("a", rank=1), EntryRow("b", rank=2))
    snapshot = leaderboards.begin_snapshot(cache, CLASSIC, "model", AT)
    leaderboards.put_leaderboard_page(cache, snapshot, CLASSIC, "model", [EntryRow("b", rank=1)])
    assert cache.execute("SELECT count(*) FROM leaderboard").fetchone() == (2,)
    assert leaderboards.begin_snapshot(cache, CLASSIC, "model", AT) == snapshot
    leaderboards.put_leaderboard_page(cache, snapshot, CLASSIC, "model", [EntryRow("a", rank=1)])
    assert leaderboards.finish_snapshot(cache, snapshot) == 1, "what the interrupted one saw may be gone"


def test_everybodys_old_ranks_go_and_the_followed_stay(cache: sqlite3.Connection) -> None:
    put_models(cache, CLASSIC, [ModelRow("mine", account="me")])
    set_watched(cache, CLASSIC, "mine", True)
    for days in (0, 20, 40):
        board(cache, AT + timedelta(days=days), EntryRow("mine", rank=1), EntryRow("other", rank=2))
    count = "SELECT name, count(*) FROM rank_history GROUP BY name ORDER BY name"
    assert cache.execute(count).fetchall() == [("mine", 3), ("other", 2)]


def test_the_record_of_polls(cache: sqlite3.Connection) -> None:
    poll = polls.start_poll(cache, CLASSIC, "idle", AT)
    polls.update_poll(cache, poll, Progress("scores", 1, 10, rows=5), AT)
    row = cache.execute("SELECT state, kind, step, models_done, models_total, rows, pid FROM polls").fetchone()
    assert row == ("working", "idle", "scores", 1, 10, 5, os.getpid())
    polls.finish_poll(cache, poll, "done", Progress(), AT, message="a remark")
    assert cache.execute("SELECT state, finished, message FROM polls").fetchone() == (
        "done",
        "2026-11-21T13:00:00Z",
        "a remark",
    )
    left = polls.start_poll(cache, CLASSIC, "first", AT)
    cache.execute("UPDATE polls SET pid = 2147483646 WHERE poll = ?", (left,))
    assert polls.close_abandoned(cache, AT) == 1
    assert cache.execute("SELECT state FROM polls WHERE poll = ?", (left,)).fetchone() == ("interrupted",)


def test_old_polls_leave_the_record(cache: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "KEPT", 3)
    numbers = [polls.start_poll(cache, CLASSIC, "idle", AT) for _ in range(6)]
    polls.start_poll(cache, Tournament.CRYPTO, "idle", AT)
    kept = [number for (number,) in cache.execute("SELECT poll FROM polls WHERE tournament = 8")]
    assert kept == numbers[-3:]


def test_pipeline_and_meta(cache: sqlite3.Connection) -> None:
    polls.put_pipeline(cache, CLASSIC, [PipelineRow("2026-11-21", True, scored=AT)])
    polls.put_pipeline(cache, CLASSIC, [PipelineRow("2026-11-21", None, resolved=AT)])
    polls.mark_ingested(cache, CLASSIC, "2026-11-21", AT)
    before = version(cache, "pipeline")
    polls.mark_ingested(cache, CLASSIC, "2026-11-21", AT)
    assert version(cache, "pipeline") == before
    row = cache.execute("SELECT is_scoring_day, scored = resolved, scored = ingested FROM pipeline").fetchone()
    assert row == (1, 1, 1)
    set_meta(cache, "k", "v")
    assert get_meta(cache, "k") == "v"
    set_meta(cache, "k", None)
    assert get_meta(cache, "k") is None


def test_sigkill_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    code = (
        "from datetime import datetime, UTC; from pathlib import Path\n"
        "from numtui.store.database import open_writer; from tests.store.old_cache import add_note\n"
        f"connection = open_writer(Path({str(path)!r}))\n"
        "while True: print(add_note(connection, 'x' * 500, datetime.now(UTC)), flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    said += [int(line) for line in writer.communicate()[0].split("\n")[:-1]]
    connection = open_writer(path)
    count = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
    assert count >= len(said)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ranks_of_a_watched_model_without_an_account_stay(cache: sqlite3.Connection) -> None:
    """Watched by name, its account never heard of: its old ranks are the user's as much as those of own models."""
    set_watched(cache, Tournament.CLASSIC, "kept", True)
    for day in (0, 60):
        time = AT + timedelta(days=day)
        number = leaderboards.begin_snapshot(cache, Tournament.CLASSIC, "model", time)
        rows = [leaderboards.EntryRow("kept", rank=1), leaderboards.EntryRow("other", rank=2)]
        leaderboards.put_leaderboard_page(cache, number, Tournament.CLASSIC, "model", rows)
        leaderboards.finish_snapshot(cache, number)
    names = [name for (name,) in cache.execute("SELECT name FROM rank_history ORDER BY name")]
    assert names == ["kept", "kept", "other"]
