"""What an account's reading asks beside the account, and an authorisation of a model: on answers made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from numtui.api.errors import ApiError
from numtui.api.queries import Queries
from numtui.api.records.account import Account, OwnModel, Stake, Submission
from numtui.api.records.public import Performance, Round, SubmissionScore
from numtui.model import Tournament
from numtui.reports.stake.snapshot import OpenRound
from numtui.stake.account_client import UNRESOLVED_AT_MOST, _pending_payouts
from numtui.stake.account_client import _open as open_round
from numtui.stake.atomic.authorization import authorize_model
from numtui.stake.errors import Stopped

SIGNALS, CLASSIC = Tournament.SIGNALS, Tournament.CLASSIC
WITH_EARNINGS = Stake(stake_value=Decimal(50))  # what is settled is not stated
SETTLED = Stake(stake_value=Decimal(50), latest_value_settled=Decimal(49))


def own(name: str, tournament: Tournament, stake: Stake | None, number: str | None = None) -> OwnModel:
    newest = Submission(id=f"submission-{name}")
    identity = number or f"id-{name}"
    return OwnModel(
        id=identity or None, name=name, tournament=int(tournament), v2_stake=stake, latest_submission_v2=newest
    )


def score(pending: str | None, settled: str | None = None) -> SubmissionScore:
    return SubmissionScore(
        payout_pending=None if pending is None else Decimal(pending),
        payout_settled=None if settled is None else Decimal(settled),
    )


class Answers:
    """Stands for Queries: tells what it was asked."""

    def __init__(self, account: Account, rows: Any = ()) -> None:
        self.state, self.rows = account, rows
        self.asked: list[tuple[Sequence[str], int | None]] = []
        self.authorised: list[tuple[str, str, str]] = []

    async def account(self) -> Account:
        return self.state

    async def performances(
        self, _tournament: Tournament, models: Sequence[str], *, rounds_from: int | None, newest: int | None, days: bool
    ) -> AsyncIterator[tuple[str, Any]]:
        assert not days
        self.asked.append((models, rounds_from))
        for model in models:
            yield model, self.rows

    async def stake_auth(self, submission: str, staker: str, amount: str) -> None:
        self.authorised.append((submission, staker, amount))


def pending(answers: Answers, newest: int | None = 1400) -> dict[str, Decimal]:
    return asyncio.run(_pending_payouts(cast(Queries, answers), answers.state, SIGNALS, newest))


def test_payouts_are_asked_for_where_a_stake_is_stated_with_them_alone() -> None:
    models = [
        own("a", SIGNALS, WITH_EARNINGS),
        own("b", SIGNALS, SETTLED),
        own("c", CLASSIC, WITH_EARNINGS),
        own("d", SIGNALS, None),
        own("e", SIGNALS, Stake()),
    ]
    rows = [
        Performance(round_resolved=False, submission_scores=[score("1.5"), score(None), score("-0.25", "0.1")]),
        Performance(round_resolved=True, submission_scores=[score("7")]),
        Performance(round_resolved=False, submission_scores=[score("0.5")]),
        Performance(round_resolved=False),
    ]
    answers = Answers(Account(models=models), rows)
    assert pending(answers) == {"id-a": Decimal(2)}
    assert answers.asked == [(["id-a"], 1400 - UNRESOLVED_AT_MOST)]


def test_nothing_is_asked_where_every_stake_is_stated() -> None:
    for models in ([own("b", SIGNALS, SETTLED)], [], None):
        answers = Answers(Account(models=models))
        assert pending(answers) == {}
        assert not answers.asked


def test_a_model_whose_rounds_cannot_be_read_ends_the_reading() -> None:
    with pytest.raises(ApiError, match="later"):
        pending(Answers(Account(models=[own("a", SIGNALS, WITH_EARNINGS)]), ApiError("later")), None)


@pytest.mark.parametrize(
    ("name", "submission"), [("fox", "submission-fox"), ("FOX", "submission-FOX"), ("Fox", "submission-FOX")]
)
def test_an_authorisation_is_for_the_model_of_that_name_in_that_tournament(name: str, submission: str) -> None:
    models = [own("FOX", CLASSIC, None), own("fox", CLASSIC, None), own("elk", SIGNALS, None)]
    answers = Answers(Account(models=models, wallet_address="0xa"))
    with pytest.raises(Stopped, match="no authorisation"):
        asyncio.run(authorize_model(cast(Queries, answers), CLASSIC, name, "1.50", None))
    assert answers.authorised == [(submission, "0xa", "1.5")]


def test_without_model_wallet_or_submission_nothing_is_asked_for() -> None:
    bare = OwnModel(id="1", name="bare", tournament=int(CLASSIC))
    whole = [own("fox", CLASSIC, None), own("elk", SIGNALS, None), bare]
    for models, wallet, name, said in (
        (whole, "0xa", "elk", "no classic model of that name"),
        (whole, None, "fox", "no wallet address"),
        (whole, "0xa", "bare", "has no submission"),
        (None, "0xa", "fox", "no classic model of that name"),
    ):
        answers = Answers(Account(models=models, wallet_address=wallet))
        with pytest.raises(Stopped, match=said):
            asyncio.run(authorize_model(cast(Queries, answers), CLASSIC, name, "1"))
        assert not answers.authorised


def test_a_round_takes_submissions_between_its_times_alone() -> None:
    now = datetime(2026, 11, 26, 14, tzinfo=UTC)
    opens, closes = now - timedelta(hours=1), now + timedelta(hours=1)
    row = Round(number=1404, open_time=opens, close_time=closes)
    assert open_round(row, now) == OpenRound(1404, closes)
    assert open_round(msgspec.structs.replace(row, open_time=closes), now) is None, "not yet"
    assert open_round(msgspec.structs.replace(row, open_time=None), now) is None
    assert open_round(msgspec.structs.replace(row, close_time=now), now) is None, "no longer"
    assert open_round(msgspec.structs.replace(row, number=None), now) is None
