"""The overview's numbers are those of the screens that it leads to, and what needs the user is all there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from sqlite3 import Connection

import numpy as np
import pytest
from click.testing import CliRunner

from numtui.analysis.staking_system import System
from numtui.analysis.submissions import Submission
from numtui.cli.main import main
from numtui.export import to_text
from numtui.model import Table, Tournament
from numtui.money import ZERO, exact_sum
from numtui.reports.drift.compute import drift_of
from numtui.reports.drift.monitor import by_model, monitor
from numtui.reports.drift.table import total_table
from numtui.reports.overview import PARTS
from numtui.reports.overview.account_needs import account_needs
from numtui.reports.overview.money import MONEY_COLUMNS
from numtui.reports.overview.needs import Need, NeedKind, TournamentFacts, needs
from numtui.reports.overview.overview import Overview, Totals
from numtui.reports.page.summary import model_page
from numtui.reports.stake.claims import Claims, claims
from numtui.reports.stake.status import AccountStatus, account_status
from numtui.store.queries.rounds import RoundTimes
from numtui.store.queries.selection import Models, Rounds
from numtui.store.queries.stakes.figures import settled_positions
from tests.export.conftest import Polled
from tests.poller.site import NOW

MONEY = [column.name for column in MONEY_COLUMNS]


def columns(table: Table, *names: str) -> list[tuple[object, ...]]:
    places = [table.column(name) for name in names]
    return [tuple(row[place] for place in places) for row in table.rows]


@pytest.mark.parametrize("tournament", Tournament)
def test_money_is_that_of_the_stake_and_rounds_screens(
    cache: Connection, read: Overview, tournament: Tournament
) -> None:
    row = next(row for row in read.money if row.tournament == tournament.label)
    status = next(item for item in account_status(cache, NOW).tournaments if item.tournament is tournament)
    assert (row.stake, row.at_risk, row.worst_case) == (status.stake, status.at_risk, status.worst_case)
    _, sums = monitor(cache, tournament, NOW)
    names = ("payout", "expected_payout", "payout_p05", "payout_p95", "burn_probability")
    assert columns(sums, *names) == [
        (row.pending, row.expected_payout, row.payout_p05, row.payout_p95, row.burn_probability)
    ]


def test_the_total_is_the_sum_of_its_rows(read: Overview) -> None:
    *rows, total = read.table("money").rows
    assert total[0] == "all" and len(rows) == 3
    for column in ("stake", "at_risk", "worst_case", "pending", "last_run", "settled_7d", "settled_90d"):
        assert total[MONEY.index(column)] == exact_sum(getattr(row, column) for row in read.money)
    assert read.totals.pending == total[4] and read.totals.at_risk == total[2] and read.totals.stake == total[1]


def test_models_are_those_of_the_rounds_screen_and_the_most_urgent_come_first(
    cache: Connection, read: Overview
) -> None:
    names = ("model", "payout", "expected_payout", "burn_probability")
    shown = {row[0]: row for tournament in Tournament for row in columns(by_model(cache, tournament), *names)}
    listed = {row.model: (row.model, row.pending, row.expected_payout, row.burn_probability) for row in read.models}
    assert {name: row for name, row in listed.items() if name in shown} == {name: shown[name] for name in listed}
    urgency = [(row.need is None, -abs(row.last_run or ZERO)) for row in read.models]
    assert urgency == sorted(urgency)


def test_the_last_run_is_the_sum_of_its_models(read: Overview) -> None:
    for row in read.money:
        models = [model.last_run for model in read.models if model.tournament == row.tournament]
        assert row.last_run == exact_sum(models)


def test_settled_sums_are_those_of_the_settled_positions(cache: Connection, read: Overview) -> None:
    for row in read.money:
        positions = settled_positions(cache, Tournament.from_label(row.tournament))
        for days, settled in ((7, row.settled_7d), (90, row.settled_90d)):
            since = (NOW - timedelta(days=days)).date()
            assert settled == exact_sum(item.payout for item in positions if item.resolved.date() > since)


def test_pending_by_day_is_that_of_the_daily_totals(cache: Connection, read: Overview) -> None:
    by_day: dict[str, float] = {}
    for tournament in Tournament:
        for day, payout in columns(total_table(cache, tournament, Models(), Rounds()), "date", "payout"):
            by_day[str(day)] = by_day.get(str(day), 0.0) + float(payout)  # type: ignore[arg-type]
    shown = {
        date.fromordinal(day).isoformat(): value
        for day, value in zip(read.days.ordinals, read.days.pending, strict=True)
    }
    newest = max(by_day)
    assert shown[newest] == pytest.approx(by_day[newest])
    assert shown[NOW.date().isoformat()] == pytest.approx(float(read.totals.pending or 0))
    both = [day for day in shown if day in by_day]
    assert len(both) > 20
    assert [shown[day] for day in both[-10:]] == pytest.approx([by_day[day] for day in both[-10:]])


def test_the_fan_ends_at_the_forecast_of_everything(cache: Connection, read: Overview) -> None:
    last = read.days.fan[-1]
    portfolios = [drift_of(cache, tournament).portfolio for tournament in Tournament]
    portfolios = [item for item in portfolios if np.isfinite(item.expected)]
    assert last.expected == pytest.approx(sum(float(item.expected) for item in portfolios))
    assert last.p05 == pytest.approx(sum(float(item.p05) for item in portfolios))
    for row in read.days.fan:
        assert row.p05 <= row.p25 <= row.p75 <= row.p95
    assert [row.ordinal for row in read.days.fan] == sorted({row.ordinal for row in read.days.fan})
    assert np.isfinite([value for row in read.days.fan for value in row]).all()


def test_claims_are_one_line_a_tournament_with_what_they_bring(cache: Connection, read: Overview) -> None:
    lines = [need for need in read.needs if need.kind is NeedKind.CLAIM]
    assert {need.tournament for need in lines} <= {"classic", "crypto"} and lines
    assert all(need.amount is not None and need.amount > 0 and need.deadline is not None for need in lines)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_a_table(read: Overview, part: str) -> None:
    table = read.table(part)
    assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_exported_as_it_is_shown(account: Polled, read: Overview, part: str) -> None:
    places = ["--db", str(account.settings.db), "--state-dir", str(account.settings.state_dir)]
    environment = {"NUMTUI_CLOCK": f"fixed {NOW.isoformat()}"}
    ran = CliRunner().invoke(main, [*places, "--offline", "export", "overview", "--part", part], env=environment)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == to_text(read.table(part))


def test_no_other_part(read: Overview) -> None:
    with pytest.raises(KeyError):
        read.table("other")


# What needs the user, from the account's status with one thing changed.


@pytest.fixture
def status(cache: Connection) -> AccountStatus:
    return account_status(cache, NOW, tournaments=(Tournament.SIGNALS, Tournament.CRYPTO))


TARGET = RoundTimes(1400, NOW - timedelta(hours=1), NOW + timedelta(minutes=50), NOW + timedelta(hours=1), None, False)
CALM = TournamentFacts(Claims(True, ()), TARGET, None)


def needed(status: AccountStatus, **facts: object) -> list[Need]:
    known = CALM._replace(**facts)  # type: ignore[arg-type]  # by name
    return needs(status, {item.tournament: known for item in status.tournaments}, NOW)


def with_model(status: AccountStatus, **changes: object) -> AccountStatus:
    """The account with its first Signals model changed, all others sent in time."""
    tournaments = []
    for item in status.tournaments:
        models = [replace(model, submission=Submission.ACCEPTED) for model in item.models]
        if item.tournament is Tournament.SIGNALS:
            models[0] = replace(models[0], **changes)  # type: ignore[arg-type]  # by name
        tournaments.append(replace(item, models=tuple(models)))
    return replace(status, tournaments=tuple(tournaments), missing_scopes=())


def test_nothing_needs_who_has_sent_everything(status: AccountStatus) -> None:
    assert needed(with_model(status)) == []


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (Submission.NONE, "no submission for round 1400"),
        (Submission.LATE, "submission came too late for round 1400"),
        (Submission.FAILED, "submission failed for round 1400"),
        (Submission.QUEUED, "submission waits in the queue for round 1400"),
    ],
)
def test_a_staked_model_without_a_submission_needs_one_until_the_close(
    status: AccountStatus, word: Submission, text: str
) -> None:
    changed = with_model(status, submission=word)
    model = changed.tournaments[0].models[0]
    (need,) = needed(changed)
    assert (need.kind, need.text, need.deadline) == (NeedKind.SUBMISSION, text, TARGET.closes)
    assert (need.model, need.round, need.amount) == (model.state.name, 1400, model.figures.stake)
    closed = TARGET._replace(closes=NOW - timedelta(minutes=1))
    (missed,) = needed(changed, target=closed)
    assert missed.deadline is None
    assert ("missed" in missed.text) is (word is not Submission.QUEUED)


def test_a_model_without_stake_or_with_an_unknown_submission_needs_nothing(status: AccountStatus) -> None:
    model = status.tournaments[0].models[0]
    idle = model.figures._replace(stake=Decimal(0), rounds=0, per_round=None, at_risk=None)
    state = replace(model.state, stake=Decimal(0))
    assert needed(with_model(status, submission=Submission.NONE, figures=idle, state=state)) == []
    assert needed(with_model(status, submission=None)) == []


def test_an_unknown_change_comes_before_a_missing_submission(status: AccountStatus) -> None:
    kinds = [need.kind for need in needed(with_model(status, submission=Submission.NONE, locked=True))]
    assert kinds == [NeedKind.CHANGE, NeedKind.SUBMISSION]


def test_a_release_is_said_in_its_last_week(status: AccountStatus) -> None:
    figures = status.tournaments[0].models[0].figures
    for due, said in ((NOW + timedelta(days=6), True), (NOW + timedelta(days=8), False), (NOW - timedelta(1), False)):
        changed = figures._replace(pending=Decimal(-3), due=due)
        lines = needed(with_model(status, figures=changed))
        assert [(need.kind, need.amount, need.deadline) for need in lines] == (
            [(NeedKind.RELEASE, Decimal(3), due)] if said else []
        )
    assert needed(with_model(status, figures=figures._replace(pending=Decimal(3), due=NOW + timedelta(1)))) == []


def test_a_refused_key_stands_first_and_once(status: AccountStatus) -> None:
    lines = needed(with_model(status, submission=Submission.NONE), failure="key refused: not authenticated")
    assert [need.kind for need in lines] == [NeedKind.KEY, NeedKind.SUBMISSION]
    assert [need.kind for need in needed(with_model(status), failure="no connection")] == []


def test_a_scope_that_hides_claims_is_said_where_there_may_be_some(status: AccountStatus) -> None:
    lacking = replace(with_model(status), missing_scopes=(("web3_staking", "see claims"), ("stake", "change stakes")))
    (need,) = needed(lacking)
    assert need.kind is NeedKind.KEY and "web3_staking" in need.text
    legacy = replace(lacking, tournaments=tuple(replace(item, system=System.LEGACY) for item in lacking.tournaments))
    assert needed(legacy) == []


def test_needs_of_the_cache_have_keys_of_their_own(cache: Connection) -> None:
    lines = account_needs(cache, account_status(cache, NOW), NOW)
    assert len({need.key for need in lines}) == len(lines)


def test_every_model_s_page_says_the_same(cache: Connection, read: Overview) -> None:
    claimed: list[tuple[str, int]] = []
    for row in read.models:
        tournament = Tournament.from_label(row.tournament)
        page = model_page(cache, tournament, row.model, NOW)
        money = page.money
        assert (money.at_risk, money.pending, money.last_run) == (row.at_risk, row.pending, row.last_run)
        assert (money.expected_payout, money.burn_probability) == (row.expected_payout, row.burn_probability)
        assert (page.standing.rank, page.standing.return_1y) == (row.board.rank, row.board.return_1y)
        claimed += [(claim.model, claim.round) for claim in page.claims]
    open_claims = [claim for tournament in Tournament for claim in claims(cache, tournament).rows]
    assert sorted(claimed) == sorted((claim.model, claim.round) for claim in open_claims)
    assert claimed


def test_what_waits_to_be_staked_is_still_the_accounts() -> None:
    """An increase leaves the free NMR at once, and is staked only later."""
    totals = Totals(Decimal("3.5"), Decimal("10"), Decimal("5"), Decimal(0), None, None)
    assert totals.whole == Decimal("18.5")
    assert totals._replace(held=None).whole == Decimal("8.5")
    assert totals._replace(stake=None).whole is None


def test_what_can_still_be_done_goes_before_a_round_that_was_missed(read: Overview) -> None:
    kinds = [(need.kind, need.deadline is None) for need in read.needs]
    missed = (NeedKind.SUBMISSION, True)
    assert missed in kinds and any(kind is NeedKind.CLAIM for kind, _ in kinds)
    assert all(kind is not NeedKind.CLAIM for kind, _ in kinds[kinds.index(missed) :])
