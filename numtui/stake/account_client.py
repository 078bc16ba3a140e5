"""The client of the account: reads it from Numerai, and sends changes of stakes.

Reads go through our own client and are retried; a change goes through numerapi's classes on our transport, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from numtui.analysis.regimes import round_payout
from numtui.analysis.stakes import settled_stake
from numtui.analysis.staking_system import PayoutTerms, StatedRound, newest_round, system_in_force
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, KeysMissing, MutationsForbidden
from numtui.api.queries import Queries
from numtui.api.records.account import Account, OwnModel, ScheduledStakeTxn, Stake, StakeRequest, StakeTxn
from numtui.api.records.public import Round
from numtui.api.settings import ApiSettings, Timing
from numtui.clock import Clock
from numtui.config import Credentials
from numtui.model import Tournament
from numtui.money import ZERO, decimal_text, exact_or_none
from numtui.reports.stake.snapshot import ModelState, OpenRound, Pending, Snapshot
from numtui.stake.errors import Stopped
from numtui.stake.plan.steps import Action, Step

if TYPE_CHECKING:  # numerapi is slow to import, and only a change needs it
    from numtui.api.numerapi_adapter import NumerapiAdapter

T = TypeVar("T")
NEWEST_ROUNDS = 5
NEWEST_TRANSACTIONS = 50
UNRESOLVED_AT_MOST = 100  # rounds; 64 are usual


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry of the account's lists of stake transactions (`stake`) and scheduled changes (`scheduled`)."""

    source: str
    type: str | None
    amount: Decimal | None
    time: datetime | None
    round: int | None = None
    due: datetime | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountReading:
    """A live snapshot, and the movements of the models that were asked for, by model id."""

    snapshot: Snapshot
    movements: dict[str, tuple[Movement, ...]]


class AccountClient:
    """Numerai, for one account. `allow_stake` False: no change leaves this object, nor the transport below it."""

    def __init__(
        self,
        settings: ApiSettings,
        credentials: Credentials | None,
        *,
        allow_stake: bool,
        clock: Clock,
        timing: Timing | None = None,
    ) -> None:
        self.allow_stake = allow_stake
        self.clock = clock
        self._settings = settings
        self._credentials = credentials
        self._timing = timing

    @property
    def service(self) -> str:
        """The address that changes go to; with the account's name it identifies whose stakes are meant."""
        return self._settings.urls[0].rstrip("/")

    def check_allowed(self) -> None:
        """Raise MutationsForbidden or KeysMissing where a change could not be sent."""
        if not self.allow_stake:
            raise MutationsForbidden("changing stakes is not allowed: start with --allow-stake")
        if self._credentials is None:
            raise KeysMissing

    def read(self, tournament: Tournament, models: Sequence[str] = ()) -> AccountReading:
        """The account's tournament now, with the movements of `models` (ids). ApiError when it cannot be read.

        Runs an event loop of its own: call it outside of one.
        """
        return self.ask(lambda queries: self._read(queries, tournament, models))

    def ask(self, question: Callable[[Queries], Coroutine[Any, Any, T]]) -> T:
        """The answer to any question to the API, such as those of `atomic.view`. Call it outside of an event loop."""

        async def asked() -> T:
            async with ApiClient(self._settings, self._credentials, timing=self._timing) as client:
                return await question(Queries(client))

        return asyncio.run(asked())

    async def _read(self, queries: Queries, tournament: Tournament, models: Sequence[str]) -> AccountReading:
        account = await queries.account()
        rounds = await queries.rounds(tournament, NEWEST_ROUNDS)
        transactions = await queries.stake_transactions(models, limit=NEWEST_TRANSACTIONS) if models else []
        if account is None or account.username is None:
            raise Stopped("the API does not say whose keys these are: nothing was sent")
        newest = max((row.number for row in rounds if row.number is not None), default=None)
        unsettled = await _pending_payouts(queries, account, tournament, newest)
        now = self.clock.now()
        snapshot = live_snapshot(account, account.username, tournament, rounds, now, pending_payouts=unsettled)
        return AccountReading(
            snapshot, {model: movements_of(model, snapshot, account, transactions) for model in models}
        )

    def adapter(self, tournament: Tournament) -> NumerapiAdapter:
        """The adapter of numerapi's class for the tournament, on our transport."""
        from numtui.api.numerapi_adapter import open_adapter  # imports numerapi: slow, and only a change needs it
        from numtui.api.stake_transport import StakeTransport  # imports graphql: likewise

        transport = StakeTransport(self._settings, self._credentials, allow_stake=self.allow_stake, timing=self._timing)
        return open_adapter(tournament, transport)

    def recording_adapter(
        self, tournament: Tournament, record: Callable[[str, Mapping[str, object]], None]
    ) -> NumerapiAdapter:
        """An adapter that hands each document and its variables to `record` instead of sending it.

        Every call on it ends in MutationsForbidden.
        """
        from numtui.api.numerapi_adapter import open_adapter  # as in `adapter`
        from numtui.api.stake_transport import StakeTransport

        class Recorder(StakeTransport):
            """Sends nothing."""

            def send(self, document: str, variables: Mapping[str, object] | None, *, auth: bool) -> dict[str, Any]:
                """Hand it over."""
                record(document, dict(variables or {}))
                raise MutationsForbidden("recorded, not sent")

        return open_adapter(tournament, Recorder(self._settings, None, allow_stake=False))


def dispatch(adapter: NumerapiAdapter, step: Step) -> StakeRequest:
    """Send a step by the adapter. Its errors say what became of it (numtui.api.errors)."""
    amount = decimal_text(step.amount)
    match step.action:
        case Action.INCREASE:
            return adapter.increase(step.model_id, amount)
        case Action.RELEASE:
            return adapter.decrease(step.model_id, amount)
        case Action.DRAIN:
            return adapter.release_all(step.model_id, amount)
        case Action.CANCEL:
            return adapter.cancel_release(step.model_id)
        case Action.INSTRUCT:
            raise MutationsForbidden("an Atomic stake is changed by its owner's wallet: nothing was sent")


def live_snapshot(
    account: Account,
    username: str,
    tournament: Tournament,
    rounds: Sequence[Round],
    now: datetime,
    *,
    pending_payouts: Mapping[str, Decimal] | None = None,
) -> Snapshot:
    """The API's records as a snapshot; what is at risk is not read here. `pending_payouts` by model id in NMR."""
    known = sorted((row for row in rounds if row.number is not None), key=lambda row: row.number or 0, reverse=True)
    stated = [_stated(row, row.number) for row in known if row.number is not None]
    newest = newest_round(stated)
    started = [row for row in known if row.open_time is None or row.open_time <= now]
    resolves = [row.resolve_time for row in started if row.resolve_time is not None and not row.resolved_general]
    unsettled = pending_payouts or {}
    models = [row for row in account.models or [] if row.tournament == tournament and not row.archived]
    return Snapshot(
        account=username,
        tournament=tournament,
        system=system_in_force(stated),
        models=tuple(
            sorted(
                (_model(row, unsettled.get(row.id)) for row in models if row.id and row.name), key=lambda row: row.name
            )
        ),
        available=account.available_nmr,
        taken_at=now.replace(microsecond=0),
        wallet=account.on_chain_wallet_balance,
        open_round=next((taking for row in known if (taking := _open(row, now))), None),
        newest_round=started[0].number if started else None,
        last_resolve=_second(max(resolves, default=None)),
        clip=round_payout(tournament, newest).clip if newest else None,
    )


async def _pending_payouts(
    queries: Queries, account: Account, tournament: Tournament, newest: int | None
) -> dict[str, Decimal]:
    """Pending payouts of the unresolved rounds by model id, for the models whose stake is not stated without them.

    They are read from the models' rounds: the account's own list of payouts holds the newest of them only.
    """
    asked = [
        model.id
        for model in account.models or []
        if model.tournament == tournament and model.id is not None and _holds_earnings(model.v2_stake)
    ]
    if not asked:
        return {}
    first = None if newest is None else max(newest - UNRESOLVED_AT_MOST, 1)
    sums: dict[str, Decimal] = {}
    async for model, rows in queries.performances(tournament, asked, rounds_from=first, newest=newest, days=False):
        if isinstance(rows, ApiError):
            raise rows
        scores = [score for row in rows if not row.round_resolved for score in row.submission_scores or []]
        payouts = [score.payout_pending for score in scores if score.payout_settled is None]
        sums[model] = sum((payout for payout in payouts if payout is not None), ZERO)
    return sums


def _holds_earnings(stake: Stake | None) -> bool:
    """Whether the stake is stated, but not without what is pending."""
    stated = stake is not None and (stake.stake_value is not None or stake.latest_value is not None)
    return stated and stake is not None and stake.latest_value_settled is None


def _stated(stated: Round, number: int) -> StatedRound:
    configs = [row for row in stated.round_score_configs or [] if row.is_payout]
    terms = tuple(
        PayoutTerms(exact_or_none(config.clip_threshold), exact_or_none(config.payout_factor)) for config in configs
    )
    return StatedRound(number, stated.v3_staking, terms, stated.payout_factor)


def _open(row: Round, now: datetime) -> OpenRound | None:
    closes = row.close_staking_time or row.close_time
    if row.number is None or row.open_time is None or row.open_time > now or (closes and closes <= now):
        return None
    return OpenRound(row.number, _second(closes))


def _model(row: OwnModel, pending_payout: Decimal | None) -> ModelState:
    stake = row.v2_stake
    request = stake.pending_v2_change_stake_request if stake else None
    pending = None
    if request is not None and request.type is not None and request.requested_amount is not None:
        amount = abs(request.requested_amount)
        pending = Pending(request.type.lower(), amount, _second(request.due_date), bool(request.drain), request.id)
    return ModelState(
        name=row.name or "",
        id=row.id or "",
        stake=stake_of(stake, pending_payout) or ZERO,
        pending=pending,
        earliest_release=_second(row.earliest_release_date),
    )


def stake_of(stake: Stake | None, pending_payout: Decimal | None = None) -> Decimal | None:
    """The NMR staked without pending payouts, which is what can be released; None where it is not stated."""
    if stake is None:
        return None
    stated = stake.stake_value if stake.stake_value is not None else stake.latest_value
    return settled_stake(stake.latest_value_settled, stated, pending_payout)


def movements_of(
    model_id: str, snapshot: Snapshot, account: Account, transactions: Sequence[StakeTxn]
) -> tuple[Movement, ...]:
    """The movements of one model, in the API's order: its stake transactions, then its scheduled changes."""
    name = next((row.name for row in snapshot.models if row.id == model_id), None)
    scheduled = account.scheduled_stake_txns or []
    return (
        *(_transaction(row) for row in transactions if row.model_id == model_id),
        *(_scheduled(row) for row in scheduled if row.model == name and row.tournament == snapshot.tournament),
    )


def _transaction(row: StakeTxn) -> Movement:
    return Movement("stake", row.type, row.amount, _second(row.timestamp), row.round, None, row.value)


def _scheduled(row: ScheduledStakeTxn) -> Movement:
    return Movement("scheduled", row.type, row.amount, _second(row.time), None, _second(row.due_date))


def _second(time: datetime | None) -> datetime | None:
    """A time without its fraction, as the journal keeps it."""
    return None if time is None else time.replace(microsecond=0)
