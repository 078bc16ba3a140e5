"""Snapshot, status and the rules' inputs from a small cache whose figures are worked out by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.analysis.rules.backtest import Change, backtest_rule, rule_followed
from numtui.analysis.rules.portfolio import Holding
from numtui.analysis.rules.rules import Hold, TakeProfit, TopUp, targets
from numtui.analysis.staking_system import System
from numtui.model import Tournament, time_text
from numtui.reports.stake.cached_snapshot import NoAccount, cached_snapshot
from numtui.reports.stake.history import history_table
from numtui.reports.stake.snapshot import OpenRound, Pending
from numtui.reports.stake.status import account_status, remarks, rounds_funded
from numtui.reports.stake.table import status_table
from numtui.stake.errors import PlanError
from numtui.stake.plan.planner import make_plan
from numtui.stake.plan.table import plan_table
from numtui.stake.rules.inputs import cached_book, cached_books, cached_changes, cached_returns
from numtui.stake.rules.tables import actions_table, curve_table, verdicts_table
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.terms import staking_system

D = Decimal
NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
CLOSES = NOW + timedelta(minutes=30)


def day(number: int) -> str:
    return time_text(NOW + timedelta(days=number)) or ""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "cache.sqlite")) as connection:
        connection.execute("INSERT INTO score_names VALUES (1, 'alpha', 'v1')")
        for number in range(1, 5):  # 1 and 2 have resolved, 4 is open
            connection.execute(
                "INSERT INTO rounds (tournament, round, open_time, close_staking_time, resolve_time, resolved) "
                "VALUES (11, ?, ?, ?, ?, ?)",
                (
                    number,
                    day(number - 4),
                    day(number - 4) if number < 4 else time_text(CLOSES),
                    day(number),
                    number < 3,
                ),
            )
            connection.execute(
                "INSERT INTO score_configs (tournament, round, score, is_payout, clip_threshold) "
                "VALUES (11, ?, 1, 1, ?)",
                (number, "0.05" if number < 4 else "0.035"),
            )
        for key, name, mine, archived in ((1, "alpha", 1, 0), (2, "beta", 1, 0), (3, "old", 1, 1), (4, "other", 0, 0)):
            connection.execute(
                "INSERT INTO models (model, tournament, name, id, mine, archived) VALUES (?, 11, ?, ?, ?, ?)",
                (key, name, f"id-{name}", mine, archived),
            )
        stakes = (
            "INSERT INTO stakes (model, stake, settled, pending_type, pending_amount, pending_due) VALUES (?,?,?,?,?,?)"
        )
        connection.execute(stakes, (1, "103.5", "100", None, None, None))
        connection.execute(stakes, (2, "40", "40", "decrease", "10.5", day(4)))
        columns = "model, round, at_risk, churn, churn_limit, turnover, turnover_limit"
        positions = f"INSERT INTO positions ({columns}) VALUES (?,?,?,?,?,?,?)"
        connection.execute(positions, (1, 1, "80", None, None, None, None))
        connection.execute(positions, (1, 2, "90", None, None, None, None))
        connection.execute(positions, (1, 3, "100", 0.16, 0.15, 0.1, 0.25))
        connection.execute(positions, (1, 4, "100", None, None, None, None))
        connection.execute(positions, (2, 3, "40", 0.05, 0.15, 0.1, 0.25))
        connection.execute(positions, (2, 4, "0", None, None, None, None))
        latest = "INSERT INTO latest (model, round, score, payout_settled) VALUES (1, ?, 1, ?)"
        connection.execute(latest, (1, "2"))
        connection.execute(latest, (2, "-0.9"))
        connection.execute("INSERT INTO submissions (model, round) VALUES (1, 4)")
        connection.execute(
            "INSERT INTO wallet (username, available_nmr, on_chain, held_increases, scopes) "
            "VALUES ('owner', '25', '30', '5', 'stake read_user_info')"
        )
        yield connection


@pytest.fixture
def cache(writer: sqlite3.Connection, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_reader(tmp_path / "cache.sqlite")) as connection:
        yield connection


def test_the_snapshot_of_the_cache(cache: sqlite3.Connection) -> None:
    found = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    assert (found.account, found.system, found.available, found.wallet) == ("owner", System.LEGACY, D(25), D(30))
    assert (found.open_round, found.newest_round, found.unresolved) == (OpenRound(4, CLOSES), 4, 2)
    assert (time_text(found.last_resolve), found.clip) == (day(4), D("0.035"))
    alpha, beta = found.models
    assert (alpha.name, alpha.stake, alpha.pending) == ("alpha", D(100), None), "pending payouts are not staked"
    assert (alpha.at_risk, alpha.worst_case) == (D(200), D("8.5"))  # 100 x 0.05 + 100 x 0.035
    assert beta.pending == Pending("decrease", D("10.5"), NOW + timedelta(days=4))
    assert (beta.at_risk, beta.worst_case) == (D(40), D(2))


def test_between_rounds_there_is_no_open_round(cache: sqlite3.Connection) -> None:
    assert cached_snapshot(cache, Tournament.SIGNALS, CLOSES).open_round is None


def test_a_tournament_without_rounds_is_undecided(cache: sqlite3.Connection) -> None:
    assert staking_system(cache, Tournament.CRYPTO) is System.UNDECIDED
    with pytest.raises(PlanError, match="does not tell"):
        make_plan(cached_snapshot(cache, Tournament.CRYPTO, NOW), {})


def test_without_an_account_it_says_what_to_do(writer: sqlite3.Connection, cache: sqlite3.Connection) -> None:
    writer.execute("DELETE FROM wallet")
    for ask in (lambda: cached_snapshot(cache, Tournament.SIGNALS, NOW), lambda: account_status(cache, NOW)):
        with pytest.raises(NoAccount, match="numtui poll --once"):
            ask()


def test_an_atomic_stake_is_the_newest_round_times_the_rounds(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    writer.execute("UPDATE score_configs SET clip_threshold = '1.0', payout_factor = '1.0'")
    found = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    assert (found.system, found.models[0].stake, found.models[0].per_round) == (System.ATOMIC, D(6400), D(100))
    assert make_plan(found, {"alpha": D(6400)}).steps == ()
    status = account_status(cache, NOW).tournaments[1]
    assert (status.committed, status.per_round, status.rounds_funded) == (D(240), D(140), None)
    assert status.notes


def test_the_status_of_a_legacy_tournament(cache: sqlite3.Connection) -> None:
    status = account_status(cache, NOW, frozenset({"id-beta"}))
    assert (status.account, status.idle, status.held_increases) == ("owner", D(25), D(5))
    assert status.missing_scopes == (("web3_staking", "see claims and the contracts"),)
    signals = status.tournaments[1]
    assert signals.seconds_to_close == 1800
    assert (signals.stake, signals.at_risk, signals.worst_case) == (D(140), D(240), D("10.5"))
    assert (signals.pending_increase, signals.pending_release) == (D(0), D("10.5"))
    assert (signals.committed, signals.per_round, signals.rounds_funded) == (D(140), None, None)
    alpha, beta = signals.models
    assert (alpha.rounds, alpha.submitted, alpha.locked) == (2, True, False)
    assert (beta.rounds, beta.submitted, beta.locked) == (1, False, True)
    assert alpha.diversity is not None and alpha.diversity.over
    assert beta.diversity is not None and not beta.diversity.over
    table = status_table(status)
    assert [row[table.column("pending")] for row in table.rows] == [None, D("-10.5")]


def test_rounds_that_idle_nmr_funds() -> None:
    assert rounds_funded(D(25), D("2.5")) == 10
    assert rounds_funded(D("24.9"), D("2.5")) == 9
    assert rounds_funded(None, D(1)) is rounds_funded(D(1), D(0)) is None


@pytest.fixture
def history(writer: sqlite3.Connection) -> None:
    """Alpha came in with 84, paid 6 and burnt 5, was raised by 20 and burnt 5 again: 100 today."""
    rows = [(-9, "payout", "6"), (-8, "burn", "5"), (-7, "increase", "20"), (-3, "burn", "-5")]
    for number, (when, kind, amount) in enumerate(rows):
        writer.execute(
            "INSERT INTO transactions (source, time, tournament, model_id, type, amount, key) "
            "VALUES ('stake', ?, 11, 'id-alpha', ?, ?, ?)",
            (day(when), kind, amount, str(number)),
        )
    writer.execute(
        "INSERT INTO transactions (source, time, tournament, model_id, type, amount, note, key) "
        "VALUES ('stake', ?, 11, 'id-alpha', 'decrease', '-50', 'cancelled', 'x')",
        (day(-2),),
    )


@pytest.mark.usefixtures("history")
def test_the_book_knows_where_gains_are_measured_from(cache: sqlite3.Connection) -> None:
    snapshot = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    book = cached_book(cache, snapshot)
    assert book.available == 25
    assert book.holdings[0] == Holding("alpha", D(100), D(105), D(105), D("8.5"))
    assert book.holdings[1] == Holding("beta", D("29.5"), None, None, D(2))
    assert targets(book, TopUp(D("0.04"))) == {"alpha": D(105), "beta": D("29.5")}
    assert cached_changes(cache, snapshot) == [Change(date(2026, 11, 13), "alpha", D(20))]


@pytest.mark.usefixtures("history")
def test_an_atomic_stake_has_no_base_in_legacy_transactions(cache: sqlite3.Connection) -> None:
    snapshot = replace(cached_snapshot(cache, Tournament.SIGNALS, NOW), system=System.ATOMIC)
    book = cached_book(cache, snapshot)
    assert [(row.stake, row.base, row.peak) for row in book.holdings] == [(D(100), None, None), (D("29.5"), None, None)]
    assert TakeProfit(D("0.0001")).propose(book) == [] == TopUp(D("0.0001")).propose(book)
    assert cached_changes(cache, snapshot) == [] == cached_books(cache, snapshot)


@pytest.mark.usefixtures("history")
def test_the_history_is_a_table(writer: sqlite3.Connection, cache: sqlite3.Connection) -> None:
    writer.execute(
        "INSERT INTO transactions (source, time, type, amount, key) VALUES ('wallet', ?, 'deposit', '9', 'w')",
        (day(-1),),
    )
    table = history_table(cache, Tournament.SIGNALS)
    cells = [tuple(row[table.column(name)] for name in ("type", "model", "amount", "tournament")) for row in table.rows]
    assert cells[:3] == [
        ("deposit", None, D(9), None),
        ("decrease", "alpha", D(-50), "signals"),
        ("burn", "alpha", D(-5), "signals"),
    ]
    assert len(cells) == 6
    assert len(list(history_table(cache, Tournament.SIGNALS, "alpha").rows)) == 5
    assert list(history_table(cache, Tournament.SIGNALS, "beta").rows) == []


def test_a_release_without_a_date_leaves_as_the_newest_round_resolves(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    writer.execute("UPDATE stakes SET pending_due = NULL")
    status = account_status(cache, NOW)
    assert status.tournaments[1].next_due == NOW + timedelta(days=4)
    table = status_table(status)
    assert [row[table.column("due")] for row in table.rows] == [None, NOW + timedelta(days=4)]


@pytest.mark.usefixtures("history")
def test_whether_a_rule_was_followed(cache: sqlite3.Connection) -> None:
    snapshot = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    books = cached_books(cache, snapshot)
    assert [(when.day, book.holdings[0].stake, book.holdings[0].base) for when, book in books] == [
        (11, D(90), D(84)),
        (12, D(85), D(84)),
        (13, D(105), D(105)),
        (17, D(100), D(105)),
    ]
    changes = cached_changes(cache, snapshot)
    kept = rule_followed(TopUp(D("0.05")), books, changes, tolerance=D(4))
    assert [(line.day.day, line.expected, line.done, line.verdict) for line in kept] == [(12, D(5), D(20), "followed")]
    assert verdicts_table(kept, Tournament.SIGNALS).notes == ("followed 1 of 1 times",)
    broken = rule_followed(Hold(D(101)), books, changes)
    assert [(line.day.day, line.verdict) for line in broken] == [(13, "not followed"), (13, "unprompted")]


def test_returns_are_settled_payouts_over_what_was_at_risk(cache: sqlite3.Connection) -> None:
    found = cached_returns(cache, Tournament.SIGNALS)
    assert [(one.model, one.round, one.value, one.clip) for one in found] == [
        ("alpha", 1, 0.025, D("0.05")),
        ("alpha", 2, -0.01, D("0.05")),
    ]
    result = backtest_rule(TakeProfit(D("0.02")), {"alpha": D(80)}, found)
    assert [action.amount for action in result.actions] == [D(-2)]
    curve = curve_table(result, Tournament.SIGNALS)
    assert [row[curve.column("difference")] for row in curve.rows] == [D(0)] * 4
    assert next(iter(actions_table(result, Tournament.SIGNALS).rows))[:3] == ("2026-11-21", "alpha", D(-2))


def test_a_changed_cache_is_another_snapshot(writer: sqlite3.Connection, cache: sqlite3.Connection) -> None:
    before = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    writer.execute("UPDATE stakes SET settled = '99' WHERE model = 1")
    after = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    assert after != before
    assert replace(after, models=before.models) == before


def words(cache: sqlite3.Connection) -> list[str | None]:
    return [model.submission and str(model.submission) for model in account_status(cache, CLOSES).tournaments[1].models]


def test_a_position_without_a_submission_counts_once_it_was_read_after_the_close(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    writer.execute("UPDATE submissions SET status = 'accepted', time = ?", (time_text(NOW),))
    assert words(cache) == ["accepted", "none"], "the position may be older than the submission"
    insert = "INSERT INTO pipeline (tournament, date, ingested) VALUES (11, ?, ?)"
    writer.execute(insert, ("2026-11-20", time_text(NOW)))
    assert words(cache) == ["accepted", "none"], "read before the close"
    writer.execute(insert, ("2026-11-21", time_text(CLOSES + timedelta(hours=20))))
    assert words(cache) == ["none", "none"]
    writer.execute("UPDATE positions SET submission_id = 'x' WHERE model = 1 AND round = 4")
    assert words(cache) == ["accepted", "none"]


def test_what_is_staked_without_a_submission_is_named_with_the_reason(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    writer.execute("UPDATE submissions SET status = 'failed'")
    said = remarks(account_status(cache, NOW).tournaments[1])
    assert "staked without a submission for the newest round: alpha (failed), beta" in said


def test_a_worst_case_above_the_stake_is_explained_where_it_stands(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    snapshot = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    sentence = "the worst case is above the stake: 2 unresolved rounds overlap, and each can burn up to its clip"
    assert sentence not in remarks(account_status(cache, NOW).tournaments[1])
    assert sentence not in plan_table(make_plan(snapshot, {})).notes
    writer.execute("UPDATE score_configs SET clip_threshold = '0.9'")
    assert sentence in remarks(account_status(cache, NOW).tournaments[1])
    assert sentence in plan_table(make_plan(cached_snapshot(cache, Tournament.SIGNALS, NOW), {})).notes


def test_a_release_without_a_date_does_not_wait_for_a_round_that_has_not_opened(
    writer: sqlite3.Connection, cache: sqlite3.Connection
) -> None:
    writer.execute("UPDATE stakes SET pending_due = NULL")
    writer.execute(
        "INSERT INTO rounds (tournament, round, open_time, resolve_time) VALUES (11, 5, ?, ?)", (day(1), day(30))
    )
    (_, beta) = account_status(cache, NOW).tournaments[1].models
    assert time_text(beta.figures.due) == day(4), "the round that opens tomorrow does not count"


def test_a_model_is_found_in_any_case(cache: sqlite3.Connection) -> None:
    snapshot = cached_snapshot(cache, Tournament.SIGNALS, NOW)
    (step,) = make_plan(snapshot, {"ALPHA": D(90)}).steps
    assert (step.model, step.model_id) == ("alpha", "id-alpha")
    with pytest.raises(PlanError, match="named twice"):
        make_plan(snapshot, {"ALPHA": D(90), "alpha": D(80)})
